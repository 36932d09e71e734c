namespace Theory.Algorithms.VariationalInequalities

open System
open Theory
open Theory.Numerics

/// Equalities between two affine functions of a state, proved for all states at once: affine functions that agree on
/// affinely independent states spanning the admissible ones agree everywhere.
[<RequireQualifiedAccess>]
module AffineIdentity =

    /// first(s) = second(s) for every state s around `centre` on which the linear quantities `keeps` stay zero. Random
    /// states test that both sides are affine.
    let forEveryState (centre: 'S) (keeps: ('S -> Block) option) (first: 'S -> Block) (second: 'S -> Block) : Evidence =
        let codec = Codec.ofTemplate centre
        let dimension = codec.Dimension
        let origin = (codec.Pack centre)[0]
        let basis = Affine.admissible codec centre keeps
        let count = Array2D.length2 basis - 1

        let probes =
            Sampler.Gaussian(DrawAddress(20250101UL, 78u, 0, 0, 0), 1, 3, max count 1)
            |> Block.rows

        let along (weights: float[]) =
            Array.init dimension (fun i -> origin[i] + Seq.sum (Seq.init count (fun j -> weights[j] * basis[i, j])))

        let weights = [|
            Array.zeroCreate count
            yield! Array.init count (fun j -> Array.init count (fun i -> if i = j then 1.0 else 0.0))
            yield! probes
        |]

        let values (f: 'S -> Block) =
            let block =
                (weights
                 |> Array.map along
                 |> codec.Unpack centre
                 |> f
                 |> Block.stretch weights.Length)
                    .Materialise()

            let flat = block.ToArray()

            Array.init weights.Length (fun lane ->
                Array.init (block.Workers * block.Dimension) (fun at ->
                    flat[(at / block.Dimension * block.Lanes + lane) * block.Dimension
                         + at % block.Dimension]))

        let norm (v: float[]) =
            sqrt (v |> Array.sumBy (fun x -> x * x))

        let a, b = values first, values second
        let scale = Seq.append a b |> Seq.map norm |> Seq.max
        let allowance = Rounding.allowance (float dimension) scale

        let bent (v: float[][]) =
            probes
            |> Array.mapi (fun t probe ->
                let predicted =
                    Array.init v[0].Length (fun i ->
                        v[0].[i]
                        + Seq.sum (Seq.init count (fun j -> probe[j] * (v[1 + j].[i] - v[0].[i]))))

                norm (Array.map2 (-) v[1 + count + t] predicted))
            |> Array.max

        if not (max (bent a) (bent b) <= allowance) then
            Evidence.undecided
                Rung.Spectral
                $"a side is not affine in the state: off by {max (bent a) (bent b):G3} at a random state"
        else
            let rows = [
                for lane in 0..count do
                    let gap = norm (Array.map2 (-) a[lane] b[lane])

                    {
                        Label = $"state {lane} of an affine basis: distance of the two sides"
                        Measured = gap
                        Bound = 0.0
                        Holds = gap <= allowance
                    }
            ]

            let evidence = Evidence.ofRows Rung.Spectral Relation.Equal rows

            {
                evidence with
                    Tightness = if evidence.Violation.IsNone then 1.0 else infinity
                    Note =
                        if evidence.Violation.IsNone then
                            "equal for every state"
                        else
                            ""
            }

/// Several pieces of evidence for one claim on one instance.
[<RequireQualifiedAccess>]
module Pieces =

    /// All must hold; the remark is that of the tightest piece.
    let all (pieces: Evidence list) : Evidence =
        let tightest =
            pieces
            |> List.maxBy (fun e -> if Double.IsNaN e.Tightness then -infinity else e.Tightness)

        Evidence.all pieces |> Evidence.note tightest.Note

/// One-step statements of deterministic methods that are not affine.
[<RequireQualifiedAccess>]
module OneStep =

    /// measure(s⁺) ≤ factor·measure(s) at every step of the runs from `starts`, and at the worst states that a search
    /// finds; `keep` makes a moved state admissible.
    let contraction
        (ctx: CheckContext)
        (proc: Process<'S, unit>)
        (starts: 'S)
        steps
        rounds
        (keep: 'S -> 'S)
        (measure: 'S -> Block)
        (factor: float)
        : Evidence =
        let lanes = (Codec.ofTemplate starts).Lanes starts

        let numbers s =
            measure s |> Block.stretch lanes |> Block.lanes

        let ratio s =
            Array.map2 (/) (numbers (proc.Step () s)) (numbers s)

        let along s count =
            Trajectories.everyStep ctx proc s count Relation.AtMost (fun _ next -> measure next) (fun s ->
                factor * measure s)

        let worst, _ = Search.climb ctx rounds keep ratio starts
        Evidence.all [ along starts steps; along worst 1 ]

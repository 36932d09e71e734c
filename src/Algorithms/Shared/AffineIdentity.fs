namespace Theory.Algorithms

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

        // The size of the states too: both sides may vanish.
        let scale =
            seq {
                yield! Seq.map norm a
                yield! Seq.map norm b
                yield! origin |> Seq.map abs
                1.0
            }
            |> Seq.max

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

    /// E[value(s⁺)] = expected(s) for every state on which `keeps` stays zero; both affine in the state.
    let mean (proc: Process<'S, 'D>) (centre: 'S) keeps (value: 'S -> Block) (expected: 'S -> Block) : Evidence =
        match Affine.outcomes true (Codec.ofTemplate centre) centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok _ ->
            let outcomes = proc.Draw.MomentOutcomes

            let average s =
                outcomes
                |> Array.map (fun o -> o.Probability * value (proc.Step o.Outcome s))
                |> Array.reduce (fun a b -> a + b)

            forEveryState centre keeps average expected

    /// value(s⁺) = expected(s) for every outcome and every state on which `keeps` stays zero.
    let everyOutcome
        (proc: Process<'S, 'D>)
        (centre: 'S)
        keeps
        (value: 'S -> Block)
        (expected: 'S -> Block)
        : Evidence =
        match Affine.outcomes false (Codec.ofTemplate centre) centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok _ ->
            proc.Draw.Outcomes
            |> Array.map (fun o -> forEveryState centre keeps (fun s -> value (proc.Step o.Outcome s)) expected)
            |> List.ofArray
            |> Evidence.all

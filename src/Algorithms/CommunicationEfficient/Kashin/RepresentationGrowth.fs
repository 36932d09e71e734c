/// Kashin representations in growing dimensions (CE-KASHIN.4).
///
/// Lyubarskii, Vershynin, 2010, arXiv math/0611343; used by Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958.
module Theory.Algorithms.CommunicationEfficient.RepresentationGrowth

open System
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Representation

let private norm (x: float[]) = LinearAlgebra.Norm(ReadOnlySpan x)
let private largest (x: float[]) = x |> Array.map abs |> Array.max

type GrowthSpec = { Seed: int }

let private dimensions = [ 16; 64; 256 ]

/// Largest √D‖a‖_∞/‖x‖ over 30 vectors of dimension d, and the largest ‖y‖/‖x‖ after every round.
let private coefficients (frame: Frame) (count: int) (seed: int) (d: int) =
    let all = [ for i in 0..9 -> unit d i ] @ vectors seed d 20

    let runs =
        all |> List.map (fun x -> norm x, List.toArray (Kashin.rounds frame count x), x)

    let u = frame.At d

    let flatness =
        runs
        |> List.map (fun (size, states, _) ->
            let last = states[count]
            let a = Array.map2 (+) last.Coefficients (Kashin.analyse u last)
            sqrt (float u.Size) * largest a / size)
        |> List.max

    let residuals =
        Array.init (count + 1) (fun j ->
            runs
            |> List.map (fun (size, states, _) -> norm states[j].Residual / size)
            |> List.max)

    flatness, residuals

/// The exponent of d in values at the dimensions, by least squares on logarithms.
let private exponent (values: float list) =
    let points =
        List.zip (dimensions |> List.map (float >> log)) (values |> List.map log)

    let mx, my = List.averageBy fst points, List.averageBy snd points

    (points |> List.sumBy (fun (x, y) -> (x - mx) * (y - my)))
    / (points |> List.sumBy (fun (x, _) -> (x - mx) ** 2.0))

/// Rounds with clipping: the residual falls below η^12 ≈ 0.07 by far, and the last round adds it.
let private count = 12

let private bounded (frame: int -> Frame) (rounds: int) (spec: GrowthSpec) =
    let frame = frame spec.Seed
    let found = dimensions |> List.map (coefficients frame rounds spec.Seed)
    let eta, delta = frame.Levels 16
    let k = 1.0 / ((1.0 - eta) * sqrt delta)

    let rows = [
        for d, (flatness, residuals) in List.zip dimensions found do
            Evidence.row Relation.AtMost d 1 $"d = {d}: largest √D‖a‖_∞/‖x‖, against K" flatness k

            for j in 1..rounds do
                Evidence.row Relation.AtMost d j $"d = {d}: ‖y‖/‖x‖ after round {j}" residuals[j] (eta ** float j)

        Evidence.row Relation.AtMost 1 1 "exponent of d in √D‖a‖_∞/‖x‖" (exponent (List.map fst found)) 0.2
    ]

    let plain = [
        Evidence.row
            Relation.Equal
            1
            1
            "exponent of d in √d‖x‖_∞/‖x‖ at x = e_1"
            (dimensions
             |> List.map (fun d -> let x = unit d 0 in sqrt (float d) * largest x / norm x)
             |> exponent)
            0.5
    ]

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.AtMost rows
        {
            Evidence.ofRows Rung.Trajectories Relation.Equal plain with
                Tightness = nan
        }
    ]

let growthClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-KASHIN.4"
            ClaimKind.Scaling
            "random rows, D = 2d, η = 0.8, δ = 0.2: √D‖a‖_∞/‖x‖ ≤ K and of exponent at most 0.2 in d ∈ {16, 64, 256}, ‖y_j‖ ≤ η^j‖x‖; plain √d‖x‖_∞/‖x‖ = √d at e_1"
            (Instances.only [ { Seed = 1 } ])
            (fun _ spec -> bounded (Frames.orthonormalRows 2.0) count spec) with
            Formula = @"\sqrt D\,\|a\|_\infty\le K\|x\|,\quad K=\frac1{(1-\eta)\sqrt\delta}\ \text{free of } d"
            Assumptions =
                "12 rounds and the last without clipping, 30 vectors a dimension: unit, Gaussian and heavy-tailed ones"
            Source = "boundedness: Lyubarskii and Vershynin for random frames; the exponent observed (0.05)"
            Falsifiers = [
                Falsifier.check "no clipping, U = [I, H]/√2" (fun _ spec ->
                    bounded (fun _ -> Frames.hadamardPair 4) 0 spec)
            ]
    }

/// The compressors of the paper's experiments (CE-MODELPAR.6).
module Theory.Algorithms.CommunicationEfficient.QuantiserClaims

open System
open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Messages

/// A batch and the number of bits.
type BatchSpec = {
    Batch: int
    Dimension: int
    Bits: int
    /// κ of Top-K.
    Kappa: float
    Seed: int
}

let private square (x: float[]) = x |> Array.sumBy (fun v -> v * v)

let private row dimension label measured bound =
    Evidence.row Relation.AtMost dimension 1 label measured bound

/// Largest errors of MINMAX and ABSMAX against their bounds; `always` is the bound of ABSMAX over s, of k.
let private quantised (always: float -> float) (spec: BatchSpec) (batch: float[][]) =
    let k = float spec.Bits
    let all = Array.concat batch
    let lo, hi = Array.min all, Array.max all
    let s = scales batch

    let errors (coded: float[][]) =
        Array.map2 (Array.map2 (fun (v: float) w -> abs (w - v))) batch coded

    let absolute = errors (absMax spec.Bits batch)

    // Largest error over s among the entries chosen.
    let relative choose =
        seq {
            for i in 0 .. batch.Length - 1 do
                for j in 0 .. s.Length - 1 do
                    if s[j] > 0.0 && choose (batch[i].[j] / s[j]) then
                        absolute[i].[j] / s[j]
        }
        |> Seq.fold max 0.0

    [
        row
            spec.Dimension
            "MINMAX: largest error"
            (errors (minMax spec.Bits batch) |> Array.concat |> Array.max)
            ((hi - lo) / (2.0 * (2.0 ** k - 1.0)))
        row
            spec.Dimension
            "ABSMAX: error over s where x/s ≤ 1 − 2^−k"
            (relative (fun r -> r <= 1.0 - 2.0 ** -k))
            (2.0 ** -k)
        row spec.Dimension "ABSMAX: error over s" (relative (fun _ -> true)) (always k)
    ]

/// Error of Top-K: squares of the entries not above the pivot; at most (L/d)‖x‖² when the pivot is not tied.
let private pivoted (spec: BatchSpec) (x: float[]) =
    let kept = pivotTop spec.Kappa x
    let dropped = int (floor (float x.Length * (1.0 - spec.Kappa)))
    let error = square (Array.map2 (-) kept x)
    let sorted = x |> Array.map abs |> Array.sort

    let tail =
        if dropped = 0 then
            [||]
        else
            sorted |> Array.filter (fun v -> v <= sorted[dropped - 1])

    [
        {
            Label = "Top-K: ‖x − C(x)‖² against the squares up to the pivot"
            Measured = error
            Bound = square tail
            Holds = Evidence.holds Relation.Equal (Rounding.identity (float x.Length) (square x)) error (square tail)
        }
        if tail.Length = dropped then
            row x.Length "Top-K: ‖x − C(x)‖² ≤ (L/d)‖x‖²" error (float dropped / float x.Length * square x)
    ]

let private quantisers always (ctx: CheckContext) (spec: BatchSpec) =
    let count = CheckContext.pick 20 100 500 ctx

    let random = [
        for t in 0 .. count - 1 ->
            Linear.gaussians spec.Seed t (spec.Batch * spec.Dimension)
            |> Array.map (fun v -> if t % 2 = 0 then v else v * v * v)
            |> Array.chunkBySize spec.Dimension
    ]

    // The largest value of every coordinate once positive and once negative; ties at the pivot.
    let edges = [
        [| Array.create spec.Dimension 2.0; Array.create spec.Dimension -2.0 |]
        [|
            Array.init spec.Dimension (fun j -> if j = spec.Dimension - 1 then 2.0 else 1.0)
        |]
    ]

    [
        for batch in edges @ random do
            yield! quantised always spec batch
            yield! batch |> Seq.collect (pivoted spec)
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

/// (1, 1, 1, 2) with κ = ¾: one entry should go, and all three ones go.
let private tied =
    let kept = pivotTop 0.75 [| 1.0; 1.0; 1.0; 2.0 |]

    [
        {
            Label = "Top-K on (1, 1, 1, 2), κ = ¾: entries kept"
            Measured = kept |> Array.filter ((<>) 0.0) |> Array.length |> float
            Bound = 1.0
            Holds = kept = [| 0.0; 0.0; 0.0; 2.0 |]
        }
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.Equal

let private both always ctx spec =
    Evidence.all [ quantisers always ctx spec; { tied with Tightness = nan } ]

let private printed k = 2.0 ** -(k - 1.0)

let private spec bits = {
    Batch = 4
    Dimension = 8
    Bits = bits
    Kappa = 0.25
    Seed = 1
}

let claim: Claim =
    Claim.create {
        Claim.spec
            "CE-MODELPAR.6"
            ClaimKind.Sure
            "MINMAX: error ≤ (hi−lo)/(2(2^k−1)); ABSMAX: ≤ s2^−k where x/s ≤ 1−2^−k, ≤ s2^−(k−1) always, attained at x = s; Top-K by pivot: ‖x−C(x)‖² = Σ of squares up to the pivot, ≤ (L/d)‖x‖² when it is not tied"
            (Instances.generated
                (gen {
                    let! batch = Gen.choose (1, 6)
                    let! dimension = Gen.choose (2, 8)
                    let! bits = Gen.elements [ 1; 2; 4; 8 ]
                    let! kappa = Gen.elements [ 0.1; 0.25; 0.5; 0.75 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Batch = batch
                        Dimension = dimension
                        Bits = bits
                        Kappa = kappa
                        Seed = seed
                    }
                })
                (fun s ->
                    seq {
                        if s.Batch > 1 then
                            { s with Batch = 1 }

                        if s.Dimension > 2 then
                            { s with Dimension = 2 }
                    })
             |> Instances.counts 1 4 20
             |> Instances.startingWith [ spec 1; spec 2; spec 4; spec 8 ])
            (both printed) with
            Formula =
                @"|C(x)_j-x_j|\le\frac{hi-lo}{2(2^k-1)},\quad|C(x)_j-x_j|\le s_j2^{-(k-1)},\quad\|x-C(x)\|^2\le\tfrac Ld\|x\|^2"
            Assumptions = "scales over the batch; L = ⌊d(1−κ)⌋"
            Source = "compressors of the paper's public notebooks; bounds derived"
            Falsifiers = [ Falsifier.check "ABSMAX: s2^−k at x = s" (both (fun k -> 2.0 ** -k)) ]
            Tight =
                Some {
                    Instance = spec 2
                    AtLeast = 1.0 - 1e-12
                }
    }

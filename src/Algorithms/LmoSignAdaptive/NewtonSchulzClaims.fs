/// Newton–Schulz iterations: the claims of LM-BLOCKS on them.
module Theory.Algorithms.LmoSignAdaptive.NewtonSchulzClaims

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// A rows × columns matrix (rows ≥ columns) with singular values geometric from Smallest to Largest ≤ 1.
[<NoComparison>]
type SpectrumSpec = {
    Rows: int
    Columns: int
    Smallest: float
    Largest: float
    Seed: int
}

let private valuesOf (s: SpectrumSpec) =
    Linear.geometric s.Smallest s.Largest s.Columns

/// U·diag(values)·Vᵀ in the frames of the specification.
let private assemble (s: SpectrumSpec) (values: float[]) : Block =
    let u = Linear.rotation s.Seed 0 s.Rows
    let v = Linear.rotation s.Seed 1 s.Columns

    let entries =
        Array.init (s.Rows * s.Columns) (fun at ->
            let i, j = at / s.Columns, at % s.Columns
            Seq.sum (Seq.init s.Columns (fun k -> u[i, k] * values[k] * v[j, k])))

    Block.Own(Shape.Matrix(1, 1, s.Rows, s.Columns), entries)

let private spectrum rows columns smallest = {
    Rows = rows
    Columns = columns
    Smallest = smallest
    Largest = 1.0
    Seed = 1
}

let private spectra: Instances<SpectrumSpec> =
    Instances.generated
        (gen {
            let! columns = Gen.choose (1, 5)
            let! more = Gen.choose (0, 3)
            let! smallest = Gen.elements [ 0.01; 0.1; 0.5; 0.9 ]
            let! largest = Gen.elements [ 0.95; 1.0 ]
            let! seed = Gen.choose (0, 1000)

            return {
                Rows = columns + more
                Columns = columns
                Smallest = smallest
                Largest = largest
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Columns > 1 then
                    { s with Columns = s.Columns - 1 }

                if s.Rows > s.Columns then
                    { s with Rows = s.Rows - 1 }
            })
    |> Instances.startingWith [ spectrum 6 4 0.05 ]

// ---- 2: convergent iterations --------------------------------------------------------------------------------------

/// δ⁺ as the expansion of the polynomial gives it, and the power of δ in the bound.
let private cubicDefect delta = delta * delta * (3.0 + delta) / 4.0

let private quinticDefect delta =
    delta ** 3.0 * (40.0 + 15.0 * delta + 9.0 * delta * delta) / 64.0

let private iterates
    (name: string)
    (polynomial: NewtonSchulz.Polynomial)
    (defect: float -> float)
    (power: float)
    (spec: SpectrumSpec)
    =
    let steps = [ 1..8 ]
    let start = valuesOf spec

    let scalars =
        steps
        |> List.scan (fun values _ -> Array.map (NewtonSchulz.scalar polynomial) values) start

    let matrices =
        steps
        |> List.scan (fun x _ -> (NewtonSchulz.step polynomial x).Materialise()) (assemble spec start)

    let onMatrices =
        List.zip scalars matrices
        |> List.mapi (fun k (values, x) ->
            let off = (Block.lanes (Block.norm (x - assemble spec values)))[0]

            {
                Label = $"{name}: ‖X_{k} − U diag(p^{k}(s)) Vᵀ‖"
                Measured = off
                Bound = 0.0
                Holds =
                    off
                    <= Rounding.allowance (float (spec.Rows * spec.Columns * (k + 1))) (sqrt (float spec.Columns))
            })

    // Both sides are compared as s² = 1 − δ, which keeps its digits as δ → 0.
    let square k s =
        (List.item k scalars: float[])[s] ** 2.0

    Evidence.all [
        {
            Evidence.ofRows Rung.Trajectories Relation.Equal onMatrices with
                Tightness = nan
        }
        Evidence.ofRows Rung.Trajectories Relation.Equal [
            for k in 0..7 do
                for s in 0 .. spec.Columns - 1 ->
                    Evidence.row
                        Relation.Equal
                        1
                        8
                        $"{name}: 1 − δ_{k + 1} of value {s}"
                        (square (k + 1) s)
                        (1.0 - defect (1.0 - square k s))
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtLeast [
            for k in steps do
                for s in 0 .. spec.Columns - 1 ->
                    Evidence.row
                        Relation.AtLeast
                        1
                        8
                        $"{name}: 1 − δ_{k} ≥ 1 − δ_0^({power}^{k})"
                        (square k s)
                        (1.0 - (1.0 - square 0 s) ** (power ** float k))
        ]
    ]

let private bothIterations (change: NewtonSchulz.Polynomial -> NewtonSchulz.Polynomial) spec =
    Evidence.all [
        iterates "cubic" (change NewtonSchulz.cubic) cubicDefect 2.0 spec
        iterates "quintic" (change NewtonSchulz.quintic) quinticDefect 3.0 spec
    ]

let convergent: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.2"
            ClaimKind.Exact
            "Newton–Schulz acts on singular values; δ = 1−s²: cubic δ⁺ = δ²(3+δ)/4, quintic δ⁺ = δ³(40+15δ+9δ²)/64; δ_k ≤ δ_0^{2^k}, δ_0^{3^k}"
            spectra
            (fun _ spec -> bothIterations id spec) with
            Formula =
                @"\delta^+ = \tfrac14\delta^2(3+\delta),\quad \delta^+ = \tfrac1{64}\delta^3(40+15\delta+9\delta^2)"
            Assumptions = "singular values in (0, 1]"
            Source = "derived: expansion of the polynomials"
            Falsifiers = [
                Falsifier.check "first coefficient smaller by 0.01" (fun _ spec ->
                    bothIterations (fun p -> { p with A = p.A - 0.01 }) spec)
            ]
    }

// ---- 3: Muon's iteration -------------------------------------------------------------------------------------------

/// Where Muon's polynomial has its local maximum and minimum on s > 0.
let private extremes =
    let p = NewtonSchulz.muon
    let root = sqrt (9.0 * p.B * p.B - 20.0 * p.A * p.C)
    sqrt ((-3.0 * p.B - root) / (10.0 * p.C)), sqrt ((-3.0 * p.B + root) / (10.0 * p.C))

let private muonOf s = NewtonSchulz.scalar NewtonSchulz.muon s

/// The exact image of an interval: its ends and the critical points inside.
let private image (low, high) =
    let maximum, minimum = extremes

    let candidates =
        [ low; high; maximum; minimum ]
        |> List.filter (fun s -> s >= low && s <= high)
        |> List.map muonOf

    List.min candidates, List.max candidates

/// [m, M] between the local extremes of the polynomial, and the top of its image.
let private band =
    let maximum, minimum = extremes
    let m, top = muonOf minimum, muonOf maximum
    m, snd (image (m, top)), top

/// Singular values after the iterations, for every s_0 of an interval and for a matrix.
let private settles (polynomial: NewtonSchulz.Polynomial) (narrow: float) (spec: SpectrumSpec) =
    let low, image5, top = band
    let around v = 1.0 + narrow * (v - 1.0)
    let row relation = Evidence.row relation 1 6

    let after count start =
        (start, seq { 1..count }) ||> Seq.fold (fun i _ -> image i)

    let low5, high5 = after 5 (0.01, 1.0)
    let low6, high6 = after 6 (0.001, 1.0)

    let x =
        (assemble spec (valuesOf spec), seq { 1..5 })
        ||> Seq.fold (fun x _ -> NewtonSchulz.step polynomial x)

    let singular =
        (Decompositions.Svd(Matrix(spec.Rows, spec.Columns, x.ToArray()))).Values

    let gain = NewtonSchulz.muon.A ** 5.0

    let small =
        Seq.fold (fun s _ -> NewtonSchulz.scalar polynomial s) 1e-4 (seq { 1..5 })

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.AtMost [
            row Relation.AtMost "largest value after 5 steps, all s_0 in [0.01, 1]" high5 (around image5)
            row Relation.AtMost "largest value after 6 steps, all s_0 in [0.001, 1]" high6 (around top)
            row Relation.AtMost "largest singular value after 5 steps" (Seq.max singular) (around image5)
            row Relation.AtMost "after 5 steps from s_0 = 1e-4" small (gain * 1e-4)
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtLeast [
            row Relation.AtLeast "smallest value after 5 steps, all s_0 in [0.01, 1]" low5 (around low)
            row Relation.AtLeast "smallest value after 6 steps, all s_0 in [0.001, 1]" low6 (around low)
            row Relation.AtLeast "smallest singular value after 5 steps" (Seq.min singular) (around low)
        ]
    ]

let nonconvergent: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.3"
            ClaimKind.Sure
            "Muon's iteration does not converge: after 5 steps every s_0 ∈ [0.01, 1] lies in [0.68183, 1.13436], after 6 steps every s_0 ≥ 0.001 below 1.20237; gain 3.4445 near 0"
            (spectra |> Instances.startingWith [ spectrum 5 5 0.01 ])
            (fun _ spec -> settles NewtonSchulz.muon 1.0 spec) with
            Formula = @"p(s) = 3.4445s - 4.7750s^3 + 2.0315s^5"
            Assumptions = "singular values in [0.01, 1] (five steps) or [0.001, 1] (six)"
            Source = "coefficients of Jordan et al. 2024; derived by the exact images of intervals under p"
            Falsifiers = [
                Falsifier.check "within 0.1 of 1" (fun _ spec -> settles NewtonSchulz.muon 0.3 spec)
                Falsifier.check "the cubic iteration instead" (fun _ spec ->
                    settles NewtonSchulz.cubic 1.0 { spec with Smallest = 0.01 })
            ]
    }

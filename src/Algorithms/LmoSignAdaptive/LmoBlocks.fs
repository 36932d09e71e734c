/// Building blocks of methods with linear minimisation oracles: the claims. Methods: SignSGD.fs, Muon.fs; norms and
/// Newton–Schulz: Norms.fs.
///
/// Bernstein et al., signSGD, 2018; Jordan et al., Muon, 2024; Pethick et al., arXiv 2502.07529; Riabinin et al., arXiv
/// 2505.13416; Vankov et al., arXiv 2410.10800 for (L0, L1)-smoothness.
/// Problem: min f, L-smooth in a norm: ‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖.
module Theory.Algorithms.LmoSignAdaptive.LmoBlocks

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

[<NoComparison>]
type NormSpec = {
    Norm: string
    /// 1 for norms of vectors.
    Rows: int
    Columns: int
    Seed: int
}

let private lanes = 8

let private normOf (spec: NormSpec) =
    Norm.vectors @ Norm.matrices |> List.find (fun n -> n.Name = spec.Norm)

let private points (spec: NormSpec) site =
    let address = DrawAddress(uint64 spec.Seed, 0x6e6f726du, 0, site, 0)
    (Sampler.Gaussian(address, 1, lanes, spec.Rows * spec.Columns)).Reshape(spec.Rows, spec.Columns)

let private normInstances: Instances<NormSpec> =
    let all = Norm.vectors @ Norm.matrices

    Instances.generated
        (gen {
            let! norm = Gen.elements all
            let! rows = Gen.choose (1, 5)
            let! columns = Gen.choose (1, 5)
            let! seed = Gen.choose (0, 1000)

            return {
                Norm = norm.Name
                Rows = if List.contains norm Norm.vectors then 1 else rows
                Columns = columns
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Rows > 1 then
                    { s with Rows = s.Rows - 1 }

                if s.Columns > 1 then
                    { s with Columns = s.Columns - 1 }
            })
    |> Instances.startingWith [
        for norm in all ->
            {
                Norm = norm.Name
                Rows = if List.contains norm Norm.vectors then 1 else 5
                Columns = 4
                Seed = 1
            }
    ]

// ---- 1: the table --------------------------------------------------------------------------------------------------

/// The dual norm of one matrix on another way: sums and sorts of entries, or eigenvalues of the Gram matrix.
let private dualAgain (norm: string) (g: Matrix) : float =
    let entries = g.Values.ToArray() |> Array.map abs |> Array.sort

    let line count (entry: int -> float) =
        sqrt (Seq.sum (Seq.init count (fun i -> entry i * entry i)))

    let singular () =
        // The smaller Gram matrix: the other one's zero eigenvalues would come back as √ε.
        let wide = if g.Rows > g.Columns then g.Transpose() else g

        (Decompositions.SymmetricEigen(LinearAlgebra.Multiply(wide, wide.Transpose()))).Values
        |> Seq.map (fun v -> sqrt (max v 0.0))

    match norm with
    | "ℓ2" -> line entries.Length (fun i -> entries[i])
    | "ℓ∞" -> Array.sum entries
    | "ℓ1" -> Array.last entries
    | "spectral" -> Seq.sum (singular ())
    | "nuclear" -> Seq.max (singular ())
    | "columns" -> Seq.sum (Seq.init g.Columns (fun j -> line g.Rows (fun i -> g[i, j])))
    | "rows" -> Seq.sum (Seq.init g.Rows (fun i -> line g.Columns (fun j -> g[i, j])))
    | other -> invalidArg (nameof norm) $"There is no norm '{other}'."

let private oracle (dual: string -> Matrix -> float) (spec: NormSpec) =
    let norm = normOf spec
    let g = points spec 0

    let expected =
        Block.rows g
        |> Array.map (fun row -> dual spec.Norm (Matrix(spec.Rows, spec.Columns, row)))

    let u = norm.Minimise g
    let lambda = 0.7
    let size = spec.Rows * spec.Columns

    let rowsOf relation name measured bound =
        Array.map2 (Evidence.row relation size 8 name) measured bound |> List.ofArray

    let numbers = Block.lanes

    let penalised (v: Block) =
        numbers (-1.0 * Block.dot g v - (0.5 * lambda) * (norm.Primal v).Square())

    let best = expected |> Array.map (fun e -> e * e / (2.0 * lambda))

    let rivals = [
        for site in 1..20 do
            let v = points spec site
            let unit = v / norm.Primal v
            yield! rowsOf Relation.AtMost "−⟨g, u⟩ on a random unit vector" (numbers (-1.0 * Block.dot g unit)) expected

            yield!
                rowsOf Relation.AtMost "penalised value of a random vector" (penalised (1.3 * norm.Dual g * unit)) best
        yield! rowsOf Relation.AtMost "‖lmo(g)‖" (numbers (norm.Primal u)) (Array.create lanes 1.0)
    ]

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.AtMost rivals
        [
            yield! rowsOf Relation.Equal "‖g‖_* of the table" (numbers (norm.Dual g)) expected
            yield! rowsOf Relation.Equal "−⟨g, lmo(g)⟩" (numbers (-1.0 * Block.dot g u)) expected
            yield! rowsOf Relation.Equal "penalised optimum" (penalised (((1.0 / lambda) * norm.Dual g) * u)) best
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.Equal
    ]

let table: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.1"
            ClaimKind.Exact
            "‖lmo(g)‖ ≤ 1, ⟨g, lmo(g)⟩ = −‖g‖_*, and (‖g‖_*/λ)lmo(g) minimises ⟨g,u⟩ + (λ/2)‖u‖² with value −‖g‖_*²/(2λ)"
            normInstances
            (fun _ spec -> oracle dualAgain spec) with
            Formula = @"\langle g, \mathrm{lmo}(g)\rangle = -\|g\|_*"
            Assumptions = "ℓ2, ℓ∞, ℓ1, spectral, nuclear, column and row norms"
            Source = "derived: Hölder's inequality is attained"
            Falsifiers = [
                Falsifier.check "the dual norm is always ℓ2" (fun _ spec -> oracle (fun _ g -> dualAgain "ℓ2" g) spec)
                |> Falsifier.at [
                    {
                        Norm = "ℓ∞"
                        Rows = 1
                        Columns = 4
                        Seed = 1
                    }
                ]
            ]
    }

// ---- 4: one step ---------------------------------------------------------------------------------------------------

type Step = {
    /// Where the step starts.
    X: Block
    /// The vector whose oracle is asked.
    M: Block
}

/// ½Σ λ_i x_i² for norms of vectors, ½‖X‖_F² for norms of matrices, with L in the norm.
let private instanceOf (spec: NormSpec) =
    let norm = normOf spec
    let spectrum = Linear.geometric 0.1 1.0 (spec.Rows * spec.Columns)

    if List.contains norm Norm.vectors then
        let weights = (Block.vector spectrum).Reshape(1, spectrum.Length)
        norm, weights, Norm.diagonalSmoothness norm spectrum
    else
        norm,
        Block.Fill(Shape.Matrix(1, 1, spec.Rows, spec.Columns), 1.0),
        Norm.identitySmoothness norm spec.Rows spec.Columns

/// f(x⁺) − f(x) + t‖∇f(x)‖_* ≤ c·t‖m − ∇f(x)‖_* + Lt²/2, x⁺ = x + t·lmo(m), from random and searched (x, m).
let private lemma coefficient (m: Block -> Block -> Block) search ctx (spec: NormSpec) =
    let norm, weights, smoothness = instanceOf spec
    let t = 0.3
    let value (x: Block) = 0.5 * Block.dot x (weights * x)
    let gradient (x: Block) = weights * x

    let measured (s: Step) =
        value (s.X + t * norm.Minimise s.M) - value s.X + t * norm.Dual(gradient s.X)

    let bound (s: Step) =
        (coefficient * t * norm.Dual(s.M - gradient s.X)).AddConstant(0.5 * smoothness * t * t)

    let rowsOf name s =
        Array.map2
            (Evidence.row Relation.AtMost (spec.Rows * spec.Columns) 8 name)
            (Block.lanes (measured s))
            (Block.lanes (bound s))
        |> List.ofArray

    let x = points spec 0

    let start = {
        X = x
        M = m (gradient x) (points spec 1)
    }

    [
        yield! rowsOf "given" start
        yield! rowsOf "m = ∇f" { X = x; M = gradient x }

        if search > 0 then
            let ratio s =
                Array.map2 (/) (Block.lanes (measured s)) (Block.lanes (bound s))

            yield! rowsOf "searched" (fst (Search.climb ctx search id ratio start))
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private anything (_: Block) (other: Block) = other

let oneStep: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.4"
            ClaimKind.Sure
            "x⁺ = x + t·lmo(m): f(x⁺) ≤ f(x) − t‖∇f(x)‖_* + 2t‖m−∇f(x)‖_* + Lt²/2"
            normInstances
            (lemma 2.0 anything 15) with
            Formula = @"f(x^+) \le f(x) - t\|\nabla f(x)\|_* + 2t\|m-\nabla f(x)\|_* + \tfrac{L t^2}{2}"
            Assumptions = "f L-smooth in the norm, any m"
            Source = "derived: smoothness, then ⟨m, lmo(m)⟩ = −‖m‖_*"
            Falsifiers = [
                // With m = −∇f itself a coefficient of 1 still holds, with equality where Lt²/2 is attained; the coefficient 2
                // is needed as m = −ε∇f with ε → 0.
                Falsifier.check "coefficient 1, m = −∇f/100" (lemma 1.0 (fun g _ -> -0.01 * g) 0)
                Falsifier.check "coefficient 1.9, m = −∇f/100" (lemma 1.9 (fun g _ -> -0.01 * g) 0)
                Falsifier.check "without Lt²/2" (fun ctx spec ->
                    let evidence = lemma 2.0 (fun g _ -> g) 0 ctx spec
                    let t = 0.3
                    let _, _, smoothness = instanceOf spec

                    evidence.Rows.Value
                    |> List.map (fun r ->
                        Evidence.row Relation.AtMost 1 1 r.Label r.Measured (r.Bound - 0.5 * smoothness * t * t))
                    |> Evidence.ofRows Rung.Trajectories Relation.AtMost)
            ]
            Tight =
                Some {
                    Instance = {
                        Norm = "ℓ∞"
                        Rows = 1
                        Columns = 4
                        Seed = 1
                    }
                    AtLeast = 0.999999
                }
    }

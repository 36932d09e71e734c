/// Sketch-and-project for linear systems.
///
/// Gower, Richtárik, "Randomized Iterative Methods for Linear Systems", SIAM J. Matrix Anal. Appl. 36 (2015), arXiv
/// 1506.03296.
/// Problem: consistent A x = b; B ≻ 0 (the geometry); random S from a finite law, Z = AᵀS(SᵀAB⁻¹AᵀS)†SᵀA.
module Theory.Algorithms.StochasticVarianceReduction.SketchProject

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// The geometry and the law of the sketches.
[<NoComparison; NoEquality>]
type Parameters = {
    /// B, d × d, symmetric positive definite.
    Geometry: Matrix
    /// The sketches S_1 … S_r, each m × q.
    Sketches: Matrix[]
    /// Their probabilities.
    Probabilities: float[]
}

/// The m × q matrix that selects rows.
let selection (rows: int) (chosen: int list) =
    Matrix.Create(rows, chosen.Length, (fun i j -> if i = chosen[j] then 1.0 else 0.0))

/// B = I and single rows with probabilities ‖a_i‖²/‖A‖_F²: Kaczmarz.
let parameters (system: LinearSystem) : Parameters = {
    Geometry = Matrix.Identity system.Matrix.Columns
    Sketches = Array.init system.Matrix.Rows (fun i -> selection system.Matrix.Rows [ i ])
    Probabilities = system.RowNormsSquared |> Array.map (fun v -> v / system.FrobeniusSquared)
}

let private times (a: Matrix) (b: Matrix) = LinearAlgebra.Multiply(a, b)

let private inverse (a: Matrix) =
    Decompositions.Solve(a, Matrix.Identity a.Rows)

/// B⁻¹AᵀS(SᵀAB⁻¹AᵀS)†Sᵀ: what a sketch does with the residual. `invert` stands for the pseudo-inverse.
let private responseWith (invert: Matrix -> Matrix) (system: LinearSystem) (p: Parameters) (sketch: Matrix) =
    let sketched = times (sketch.Transpose()) system.Matrix
    let lifted = times (inverse p.Geometry) (sketched.Transpose())
    times (times lifted (invert (times sketched lifted))) (sketch.Transpose())

/// The responses of all sketches: r matrices, d × m.
let responses (system: LinearSystem) (p: Parameters) =
    p.Sketches
    |> Array.map (responseWith (fun a -> Decompositions.PseudoInverse(a, 1e-12)) system p)

type State = {
    /// The iterate x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

/// x⁺ = x − B⁻¹AᵀS_i(S_iᵀAB⁻¹AᵀS_i)†S_iᵀ(Ax − b) with the responses computed before.
let step (system: LinearSystem) (responses: Matrix[]) : Indices -> State -> State =
    let target = Block.vector system.RightHandSide

    fun i s ->
        let residual = s.X.Apply system.Matrix - target

        {
            X = s.X - residual.ApplyAt(responses, i)
        }

/// ‖x − x*‖²_B.
let distance (system: LinearSystem) (p: Parameters) (s: State) =
    let e = s.X - (system :> IObjective).Minimiser
    Block.dot e (e.Apply p.Geometry)

/// E Z. Z = B^½ΠB^½ with Π the orthogonal projection onto range(B^{−½}AᵀS): no pseudo-inverse in common with the step.
let expectedZ (system: LinearSystem) (p: Parameters) : Matrix =
    let root = Decompositions.SquareRoot p.Geometry

    let projection (sketch: Matrix) =
        let image = times (inverse root) (times (system.Matrix.Transpose()) sketch)
        let svd = Decompositions.Svd image
        let rank = Decompositions.Rank(image, 1e-10)
        let basis = Matrix.Create(image.Rows, rank, (fun i j -> svd.Left[i, j]))
        times basis (basis.Transpose())

    times (times root (Linear.combine p.Probabilities (p.Sketches |> Array.map projection))) root

/// ρ = 1 − λmin(B^{−½}E[Z]B^{−½}); `scale` multiplies λmin.
let private rhoWith scale (system: LinearSystem) (p: Parameters) =
    let root = inverse (Decompositions.SquareRoot p.Geometry)

    let normalised =
        LinearAlgebra.Symmetrise(times (times root (expectedZ system p)) root)

    max 0.0 (1.0 - scale * Decompositions.SymmetricEigen(normalised).Values[0])

/// ρ, the factor of SV-SKETCH.2.
let rho (system: LinearSystem) (p: Parameters) = rhoWith 1.0 system p

let method: Method<LinearSystem, Parameters, State, Indices> = {
    Name = "S&P"
    Summary = "x⁺ = x − B⁻¹AᵀS(SᵀAB⁻¹AᵀS)†Sᵀ(Ax − b)"
    Rule = parameters
    Conditions =
        fun system _ -> [
            {
                Text = $"A x = b is consistent, ‖r‖² = {system.ResidualSquared:G4}"
                Holds = system.ResidualSquared = 0.0
            }
        ]
    Draw = fun _ p -> Draw.weightedIndex p.Probabilities
    Init = fun _ _ x0 -> init x0
    Step = fun system p -> step system (responses system p)
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentGradients 1.0 ]
    FixedPoint =
        fun system _ ->
            if system.ResidualSquared = 0.0 then
                Some(init (system :> IObjective).Minimiser)
            else
                None
    Bounds =
        fun system p -> [
            if system.ResidualSquared = 0.0 then
                Bounds.linear "SV-SKETCH.2: E‖x_k − x*‖²_B" true (distance system p) (rho system p)
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// A consistent system of full column rank with a geometry and a law of sketches.
type SketchSpec = {
    Rows: int
    /// d ≤ Rows.
    Dimension: int
    Kappa: float
    /// B random positive definite, else the identity.
    Geometry: bool
    /// "rows", "pairs" (all pairs of rows), "gaussian" (five fixed Gaussian sketches of two columns) or "twins" (every row
    /// twice in the system and in its sketch; square and orthogonal).
    Law: string
    /// A square and orthogonal, equal probabilities.
    Orthogonal: bool
    Seed: int
}

let private instances =
    let generator =
        gen {
            let! size = Gen.choose (2, 4)
            let! extra = Gen.choose (0, 2)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0 ]
            let! geometry = Gen.elements [ true; false ]
            let! law = Gen.elements [ "rows"; "pairs"; "gaussian" ]
            let! orthogonal = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
            let! seed = Gen.choose (0, 10000)
            // Two columns solve a system of two unknowns in one step.
            let dimension = if law = "rows" then size else max 3 size

            return {
                Rows = (if orthogonal then dimension else dimension + extra)
                Dimension = dimension
                Kappa = (if orthogonal then 1.0 else kappa)
                Geometry = geometry && not orthogonal
                Law = if orthogonal && law = "gaussian" then "pairs" else law
                Orthogonal = orthogonal
                Seed = seed
            }
        }

    let shrink spec =
        seq {
            if spec.Rows > spec.Dimension then
                { spec with Rows = spec.Rows - 1 }

            if spec.Geometry then
                { spec with Geometry = false }

            if spec.Law = "gaussian" then
                { spec with Law = "rows" }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }
        }

    Instances.generated generator shrink

let private standard = {
    Rows = 5
    Dimension = 3
    Kappa = 3.0
    Geometry = true
    Law = "pairs"
    Orthogonal = false
    Seed = 1
}

let private orthogonalPairs = {
    Rows = 4
    Dimension = 4
    Kappa = 1.0
    Geometry = false
    Law = "pairs"
    Orthogonal = true
    Seed = 1
}

let private twins = { orthogonalPairs with Law = "twins" }

/// The system: with twins, every row stands twice.
let private systemOf spec =
    let single =
        LinearSystem.random {
            LinearSystemSpec.Rows = spec.Rows
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Rank = spec.Dimension
            Residual = 0.0
            Seed = spec.Seed
        }

    if spec.Law <> "twins" then
        single
    else
        let a = single.Matrix
        let doubled = Matrix.Create(2 * a.Rows, a.Columns, (fun i j -> a[i / 2, j]))

        LinearSystem(
            "a system with every row twice",
            doubled,
            Array.init (2 * a.Rows) (fun i -> single.RightHandSide[i / 2])
        )

let private parametersOf spec (system: LinearSystem) =
    let m = system.Matrix.Rows

    let geometry =
        if spec.Geometry then
            let spectrum = Linear.geometric 0.5 2.0 spec.Dimension
            LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed 5 spec.Dimension, ReadOnlySpan spectrum)
        else
            Matrix.Identity spec.Dimension

    let sketches =
        match spec.Law with
        | "rows" -> Array.init m (fun i -> selection m [ i ])
        | "pairs" -> [|
            for i in 0 .. m - 1 do
                for j in i + 1 .. m - 1 -> selection m [ i; j ]
          |]
        | "twins" -> Array.init (m / 2) (fun i -> selection m [ 2 * i; 2 * i + 1 ])
        | "gaussian" -> Array.init 5 (fun s -> Matrix(m, 2, Linear.gaussians spec.Seed (10 + s) (2 * m)))
        | other -> invalidArg (nameof spec) $"Sketches are rows, pairs, twins or gaussian, not '{other}'."

    // Unequal probabilities, except where equality of SV-SKETCH.3 is claimed.
    let weights =
        Array.init sketches.Length (fun i -> if spec.Orthogonal then 1.0 else 1.0 + 0.5 * float (i % 3))

    {
        Geometry = geometry
        Sketches = sketches
        Probabilities = weights |> Array.map (fun w -> w / Array.sum weights)
    }

/// The process with another inverse in place of the pseudo-inverse.
let private processWith invert system p : Process<State, Indices> = {
    Method.on system p method with
        Step = step system (p.Sketches |> Array.map (responseWith invert system p))
}

let private pseudoInverse (a: Matrix) = Decompositions.PseudoInverse(a, 1e-12)

let private inverseOfDiagonal (a: Matrix) =
    LinearAlgebra.Diagonal(Array.init a.Rows (fun i -> 1.0 / a[i, i]))

/// Both identities of SV-SKETCH.1 for every x, and the mean along the run.
let private evolves invert spec =
    let system = systemOf spec
    let p = parametersOf spec system
    let solution = (system :> IObjective).Minimiser
    let z = expectedZ system p
    let contraction = times (inverse p.Geometry) z
    // One matrix for ‖e‖²_B − eᵀE[Z]e, since the two can cancel.
    let remainder = LinearAlgebra.Subtract(p.Geometry, z)
    let proc = processWith invert system p

    Evidence.all [
        AffineIdentity.mean proc (init solution) None (fun s -> s.X - solution) (fun s ->
            let e = s.X - solution
            e - e.Apply contraction)
        Spectral.oneStep {
            Process = proc
            Centre = init solution
            Keeps = None
            Measure = distance system p
            Bound =
                fun s ->
                    let e = s.X - solution
                    Block.dot e (e.Apply remainder)
            Relation = Relation.Equal
            MatchMoments = false
        }
    ]

let evolutionClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SKETCH.1"
            ClaimKind.Exact
            "E[x⁺−x* | x] = (I − B⁻¹E Z)(x−x*) and E‖x⁺−x*‖²_B = ‖x−x*‖²_B − (x−x*)ᵀE[Z](x−x*)"
            (instances |> Instances.startingWith [ standard; twins ])
            (fun _ spec -> evolves pseudoInverse spec) with
            Formula =
                @"\mathbb E[x^+-x_*\mid x]=(I-B^{-1}\mathbb E Z)(x-x_*),\quad \mathbb E\|x^+-x_*\|_B^2=\|x-x_*\|_B^2-(x-x_*)^\top\mathbb E[Z](x-x_*)"
            Assumptions = "A x = b consistent, B ≻ 0, any finite law of sketches"
            Source = "arXiv 1506.03296, Theorem 4.1 and Lemma 4.2: B^{−½}ZB^{−½} is a projection"
            Falsifiers = [
                Falsifier.check "inverse of the diagonal in place of the pseudo-inverse" (fun _ spec ->
                    evolves inverseOfDiagonal spec)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

/// The deterministic run of the mean: x ↦ E[x⁺ | x], averaged over the method's own outcomes.
let private meanProcess (proc: Process<State, Indices>) : Process<State, unit> =
    let outcomes = proc.Draw.Outcomes

    {
        Name = "mean iterate"
        Draw = Draw.none
        Step =
            fun () s -> {
                X =
                    outcomes
                    |> Array.map (fun o -> o.Probability * (proc.Step o.Outcome s).X)
                    |> Array.reduce (fun a b -> (a + b).Materialise())
            }
        Cost = fun () -> []
    }

/// Both rates of SV-SKETCH.2 from every start, λmin multiplied by `scale` in ρ.
let private converges scale spec =
    let system = systemOf spec
    let p = parametersOf spec system
    let solution = (system :> IObjective).Minimiser
    let rho = rhoWith scale system p
    let proc = Method.on system p method

    let against (proc: Process<State, 'D>) rate =
        let steps =
            [ 1; 2; 3; 5; 10; 20; 40 ]
            |> List.filter (fun k -> k = 1 || rate ** float k > 1e-8)

        let claim = Bounds.linear "‖x_k−x*‖²_B" true (distance system p) rate
        AllStarts.bound proc (init solution) init solution None steps Relation.AtMost claim

    Evidence.all [ against proc rho; against (meanProcess proc) (rho * rho) ]

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SKETCH.2"
            ClaimKind.Mean
            "E‖x_k−x*‖²_B ≤ ρ^k‖x_0−x*‖²_B and ‖E x_k−x*‖²_B ≤ ρ^{2k}‖x_0−x*‖²_B, ρ = 1 − λmin(B^{−½}E[Z]B^{−½})"
            (instances |> Instances.startingWith [ standard; orthogonalPairs ])
            (fun _ spec -> converges 1.0 spec) with
            Formula =
                @"\mathbb E\|x_k-x_*\|_B^2 \le \rho^k\|x_0-x_*\|_B^2,\quad \|\mathbb E x_k-x_*\|_B^2 \le \rho^{2k}\|x_0-x_*\|_B^2"
            Assumptions = "A x = b consistent, E Z ≻ 0"
            Source = "arXiv 1506.03296, Theorems 4.4 and 4.6"
            Falsifiers = [ Falsifier.check "λmin × 1.05" (fun _ spec -> converges 1.05 spec) ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }

/// 0 ≤ 1 − E[size]/d ≤ ρ ≤ 1, with equality in the middle when A is orthogonal and all probabilities are equal.
let private floor (size: LinearSystem -> Matrix -> int) spec =
    let system = systemOf spec
    let p = parametersOf spec system
    let rho = rho system p

    let mean =
        Array.fold2 (fun sum q s -> sum + q * float (size system s)) 0.0 p.Probabilities p.Sketches

    let least = 1.0 - mean / float spec.Dimension

    let row relation =
        Evidence.row relation (spec.Dimension * p.Sketches.Length) 1

    Evidence.all [
        Evidence.ofRows Rung.Spectral Relation.AtLeast [
            row Relation.AtLeast "1 + (1 − E[rank]/d) ≥ 1" (1.0 + least) 1.0
        ]
        // Both sides are one less a number of size 1, so one is added back.
        Evidence.ofRows Rung.Spectral Relation.AtLeast [
            row Relation.AtLeast "1 + ρ ≥ 2 − E[rank]/d" (1.0 + rho) (1.0 + least)
        ]
        Evidence.ofRows Rung.Spectral Relation.AtMost [ row Relation.AtMost "ρ ≤ 1" rho 1.0 ]

        if spec.Orthogonal then
            Evidence.ofRows Rung.Spectral Relation.Equal [
                row Relation.Equal "1 + ρ, E Z ∝ B" (1.0 + rho) (1.0 + least)
            ]
    ]

let private rankOf (system: LinearSystem) (sketch: Matrix) =
    Decompositions.Rank(times (sketch.Transpose()) system.Matrix, 1e-10)

let floorClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SKETCH.3"
            ClaimKind.Lower
            "0 ≤ 1 − E[rank(SᵀA)]/d ≤ ρ ≤ 1; the middle is an equality for orthogonal A with equal probabilities"
            (instances |> Instances.startingWith [ standard; orthogonalPairs; twins ])
            (fun _ spec -> floor rankOf spec) with
            Formula = @"0 \le 1-\frac{\mathbb E[\operatorname{rank}(S^\top A)]}{d} \le \rho \le 1"
            Assumptions = "A x = b consistent, B ≻ 0, any finite law of sketches"
            Source = "arXiv 1506.03296, Lemma 4.2: the trace of a projection is its rank"
            Falsifiers = [
                Falsifier.check "columns of S in place of the rank" (fun _ spec ->
                    floor (fun _ sketch -> sketch.Columns) spec)
                |> Falsifier.at [ twins ]
                Falsifier.check "rank − 1 in place of the rank" (fun _ spec ->
                    floor (fun system sketch -> rankOf system sketch - 1) spec)
            ]
            Tight =
                Some {
                    Instance = orthogonalPairs
                    AtLeast = 0.999999
                }
    }

let paper: Paper = {
    Key = "SV-SKETCH"
    Title = "Randomized Iterative Methods for Linear Systems"
    Citation = "Gower, Richtárik, SIAM J. Matrix Anal. Appl. 36 (2015), arXiv 1506.03296"
    Family = "stochastic-variance-reduction"
    Problem = "A x = b consistent; B ≻ 0; random sketches S of a finite law"
    Methods = [ MethodEntry.create method ]
    Claims = [ evolutionClaim; rateClaim; floorClaim ]
}

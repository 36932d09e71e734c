/// Randomized Kaczmarz.
///
/// Strohmer, Vershynin, "A randomized Kaczmarz algorithm with exponential convergence", J. Fourier Anal. Appl. 15 (2009);
/// inconsistent systems: Needell, "Randomized Kaczmarz solver for noisy linear systems", BIT 50 (2010).
/// Problem: A x = b with rows a_i ≠ 0, or its least-squares solution x_LS with residual r = b − A x_LS.
module Theory.Algorithms.StochasticVarianceReduction.Kaczmarz

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// Nothing to choose: rows are drawn with probability ‖a_i‖²/‖A‖_F² and projected onto fully.
type Parameters = {
    /// The relaxation λ of the projection; 1 projects onto the row's hyperplane.
    Relaxation: float
}

let parameters (_: LinearSystem) : Parameters = { Relaxation = 1.0 }

type State = {
    /// The iterate x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

/// ‖a_i‖²/‖A‖_F².
let probabilities (system: LinearSystem) =
    system.RowNormsSquared |> Array.map (fun v -> v / system.FrobeniusSquared)

let step (system: LinearSystem) (p: Parameters) (i: Indices) (s: State) : State = {
    X = s.X - p.Relaxation * system.AlongRows i (system.Residuals i s.X)
}

/// ‖x − x_LS‖².
let distance (system: LinearSystem) (s: State) =
    Block.normSquared (s.X - (system :> IObjective).Minimiser)

/// SV-KACZ.2: E‖x_k−x_LS‖² ≤ (1−σ²min⁺/‖A‖_F²)^k‖x_0−x_LS‖² + ‖r‖²/σ²min⁺, σ²min⁺ times `scale`.
let private rateWith scale (system: LinearSystem) =
    let sigma = scale * system.SmallestPositiveSquared

    Bounds.linearToFloor
        "SV-KACZ.2: E‖x_k − x_LS‖²"
        true
        (distance system)
        (max 0.0 (1.0 - sigma / system.FrobeniusSquared))
        (system.ResidualSquared / sigma)

/// SV-KACZ.2 as it stands.
let rate (system: LinearSystem) = rateWith 1.0 system

let method: Method<LinearSystem, Parameters, State, Indices> = {
    Name = "RK"
    Summary = "x⁺ = x − ((⟨a_i, x⟩ − b_i)/‖a_i‖²) a_i, i with probability ‖a_i‖²/‖A‖_F²"
    Rule = parameters
    Conditions =
        fun _ p -> [
            Condition.positive "λ" p.Relaxation
            Condition.atMost "λ" p.Relaxation "1" 1.0
        ]
    Draw = fun system _ -> Draw.weightedIndex (probabilities system)
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentGradients 1.0 ]
    FixedPoint =
        fun system _ ->
            if system.ResidualSquared = 0.0 then
                Some(init (system :> IObjective).Minimiser)
            else
                None
    Bounds =
        fun system _ -> [
            // For a start x_0 = 0, which lies in the range of Aᵀ, or where A has full column rank.
            if system.Rank = (system :> IProblem).Dimension then
                rate system
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// E‖x⁺−x_LS‖² of the rows' law against ‖e‖² − ‖Ae‖²/‖A‖_F² + ‖r‖²/‖A‖_F², e = x − x_LS, for every x.
let private expectation (rows: LinearSystem -> Draw<Indices>) (spec: LinearSystemSpec) =
    let system = LinearSystem.random spec
    let solution = (system :> IObjective).Minimiser
    let frobenius = system.FrobeniusSquared
    let gram = LinearAlgebra.Multiply(system.Matrix.Transpose(), system.Matrix)
    // One matrix for ‖e‖² − ‖Ae‖²/‖A‖_F², since the two can cancel for every e.
    let form =
        LinearAlgebra.Combine(1.0, Matrix.Identity spec.Dimension, -1.0 / frobenius, gram)

    Spectral.oneStep {
        Process = {
            Method.on system (parameters system) method with
                Draw = rows system
        }
        Centre = init solution
        Keeps = None
        Measure = distance system
        Bound =
            fun s ->
                let e = s.X - solution

                Block.dot e (e.Apply form) + Block.scalar (system.ResidualSquared / frobenius)
        Relation = Relation.Equal
        MatchMoments = false
    }

let private byNorm system =
    Draw.weightedIndex (probabilities system)

let private inconsistent = {
    Rows = 6
    Dimension = 3
    Kappa = 5.0
    Rank = 3
    Residual = 1.0
    Seed = 1
}

let expectationClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-KACZ.1"
            ClaimKind.Exact
            "E[‖x⁺−x_LS‖² | x] = ‖x−x_LS‖² − ‖A(x−x_LS)‖²/‖A‖_F² + ‖r‖²/‖A‖_F²"
            (LinearSystem.instances 8 4 |> Instances.startingWith [ inconsistent ])
            (fun _ spec -> expectation byNorm spec) with
            Formula =
                @"\mathbb E\left[\|x^+-x_{LS}\|^2\mid x\right]=\|x-x_{LS}\|^2-\frac{\|A(x-x_{LS})\|^2}{\|A\|_F^2}+\frac{\|r\|^2}{\|A\|_F^2}"
            Assumptions = "rows a_i ≠ 0, i with probability ‖a_i‖²/‖A‖_F², r = b − A x_LS"
            Source = "derived; Strohmer, Vershynin 2009 for r = 0, Needell 2010"
            Falsifiers = [
                Falsifier.check "uniform rows" (fun _ spec ->
                    expectation (fun system -> Draw.index system.RowNormsSquared.Length) spec)
                Falsifier.check "rows by ‖a_i‖" (fun _ spec ->
                    expectation
                        (fun system ->
                            let norms = system.RowNormsSquared |> Array.map sqrt
                            Draw.weightedIndex (norms |> Array.map (fun v -> v / Array.sum norms)))
                        spec)
            ]
            Tight =
                Some {
                    Instance = inconsistent
                    AtLeast = 1.0
                }
    }

/// All singular values equal and r = 0: the rate is 1 − 1/d exactly.
let private equalValues = {
    Rows = 6
    Dimension = 3
    Kappa = 1.0
    Rank = 3
    Residual = 0.0
    Seed = 1
}

/// SV-KACZ.2 from every start in x_LS + range Aᵀ; σ²min⁺ times `scale` in the bound.
let private converges scale (spec: LinearSystemSpec) =
    let system = LinearSystem.random spec
    let solution = (system :> IObjective).Minimiser
    let factor = 1.0 - system.SmallestPositiveSquared / system.FrobeniusSquared
    let kernel = List.ofSeq system.Kernel

    // A consistent system has no floor: its bound runs into rounding.
    let resolved = if system.ResidualSquared = 0.0 then 1e-8 else 0.0

    let steps =
        [ 1; 2; 5; 10; 30; 100; 300 ]
        |> List.filter (fun k -> k = 1 || factor ** float k > resolved)

    let keeps =
        match kernel with
        | [] -> None
        | _ ->
            let projection =
                Matrix.Create(kernel.Length, spec.Dimension, (fun i j -> kernel[i][j]))

            Some(fun (s: State) -> (s.X - solution).Apply projection)

    AllStarts.bound
        (Method.on system (parameters system) method)
        (init solution)
        init
        solution
        keeps
        steps
        Relation.AtMost
        (rateWith scale system)

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-KACZ.2"
            ClaimKind.Mean
            "E‖x_k−x_LS‖² ≤ (1−σ²min⁺/‖A‖_F²)^k‖x_0−x_LS‖² + ‖r‖²/σ²min⁺ for x_0 − x_LS ∈ range Aᵀ"
            (LinearSystem.instances 8 4
             |> Instances.startingWith [ inconsistent; equalValues ])
            (fun _ spec -> converges 1.0 spec) with
            Formula =
                @"\mathbb E\|x_k-x_{LS}\|^2 \le \left(1-\frac{\sigma_{\min^+}^2(A)}{\|A\|_F^2}\right)^k\|x_0-x_{LS}\|^2+\frac{\|r\|^2}{\sigma_{\min^+}^2(A)}"
            Assumptions = "rows a_i ≠ 0, i with probability ‖a_i‖²/‖A‖_F², x_0 − x_LS ∈ range Aᵀ"
            Source = "Strohmer, Vershynin 2009; Needell 2010; follows from SV-KACZ.1"
            Falsifiers = [
                Falsifier.check "σ²min⁺ × 1.1" (fun _ spec -> converges 1.1 spec)
                |> Falsifier.at [ equalValues ]
            ]
            Tight =
                Some {
                    Instance = equalValues
                    AtLeast = 0.999999
                }
    }

let paper: Paper = {
    Key = "SV-KACZ"
    Title = "A randomized Kaczmarz algorithm with exponential convergence"
    Citation = "Strohmer, Vershynin, J. Fourier Anal. Appl. 15 (2009); Needell, BIT 50 (2010)"
    Family = "stochastic-variance-reduction"
    Problem = "A x = b with rows a_i ≠ 0, consistent or in the least-squares sense"
    Methods = [ MethodEntry.create method ]
    Claims = [ expectationClaim; rateClaim ]
}

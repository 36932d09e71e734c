/// The claims of PAGE, and the paper.
module Theory.Algorithms.StochasticVarianceReduction.PAGEClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.StochasticVarianceReduction.PAGE

/// A finite sum with the estimator's p and b.
type PageSpec = {
    /// "quadratic", "indefinite" (the f_i are not convex) or "singular" (PL, not strongly convex).
    Kind: string
    Workers: int
    Dimension: int
    Kappa: float
    P: float
    Batch: int
    Seed: int
}

let private instances =
    let generator =
        gen {
            let! kind = Gen.elements [ "quadratic"; "indefinite"; "singular" ]
            let! workers = Gen.choose (1, 4)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
            let! p, batch = Gen.elements [ 0.1, 1; 0.25, 1; 0.5, 2; 0.2, 2; 1.0, 1 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Kind = kind
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                P = p
                Batch = batch
                Seed = seed
            }
        }

    let shrink spec =
        seq {
            if spec.Kind <> "quadratic" then
                { spec with Kind = "quadratic" }

            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Dimension > 2 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Batch > 1 then
                { spec with Batch = 1 }

            if spec.Kappa > 2.0 then
                { spec with Kappa = 2.0 }
        }

    Instances.generated generator shrink

let private standard: PageSpec = {
    Kind = "quadratic"
    Workers = 4
    Dimension = 3
    Kappa = 10.0
    P = 0.1
    Batch = 1
    Seed = 1
}

let private fixedInstances = [
    standard
    {
        standard with
            Kind = "indefinite"
            P = 0.5
            Batch = 2
    }
    {
        standard with
            Kind = "singular"
            P = 1.0
    }
]

let private problem spec =
    let quadratic = {
        QuadraticSpec.Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 1.0
        Seed = spec.Seed
    }

    match spec.Kind with
    | "indefinite" -> Quadratic.indefinite spec.Workers spec.Dimension spec.Seed
    | "singular" -> SingularQuadratic.distributed quadratic
    | _ -> Quadratic.distributed quadratic

/// SV-PAGE.1's parameters with the exact L̃ of a quadratic.
let private parametersOf spec (q: Quadratic) = {
    Gamma = stepsize (q :> IObjective).Smoothness q.MeanSquaredSmoothness spec.P spec.Batch
    P = spec.P
    Batch = spec.Batch
}

let private horizon = [ 1; 2; 5; 20; 50; 200 ]

/// The bound on the mean of ‖∇f‖² from every start, with the run's γ changed.
let private gradientBound (change: Quadratic -> Parameters -> Parameters) spec =
    let q = problem spec
    let f = q :> IFiniteSum
    let p = parametersOf spec q

    AllStarts.bound
        (Method.on f (change q p) method)
        (init f f.Minimiser)
        (init f)
        f.Minimiser
        None
        horizon
        Relation.AtMost
        (gradientRate f p)

/// The recursion with fresh indices at x⁺ and at x.
let private resampled spec =
    let q = problem spec
    let f = q :> IFiniteSum
    let p = parametersOf spec q

    let proc: Process<State, Mask * Indices * Indices> = {
        Name = "PAGE with two index sets"
        Draw = Draw.three (Draw.coin p.P) (Draw.indices f.Count p.Batch) (Draw.indices f.Count p.Batch)
        Step =
            fun (coin, i, j) s ->
                let x = s.X - p.Gamma * s.G

                {
                    X = x
                    G = Block.choose coin (f.Gradient x) (s.G + f.GradientAt i x - f.GradientAt j s.X)
                }
        Cost = fun _ -> []
    }

    AllStarts.bound proc (init f f.Minimiser) (init f) f.Minimiser None horizon Relation.AtMost (gradientRate f p)

let gradientClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-PAGE.1"
            ClaimKind.Mean
            "(1/K) Σ_{k<K} E‖∇f(x_k)‖² ≤ 2(f(x_0) − f^inf)/(γK) for γ ≤ 1/(L + L̃√((1−p)/(pb)))"
            (instances |> Instances.startingWith fixedInstances)
            (fun _ spec -> gradientBound (fun _ p -> p) spec) with
            Formula = @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x_k)\|^2 \le \frac{2(f(x_0)-f^{\inf})}{\gamma K}"
            Assumptions = "f L-smooth, mean-squared smoothness L̃, f ≥ f^inf; here quadratics, the f_i convex or not"
            Source = "arXiv 2008.10898, Theorem 1; derived again with L and L̃ apart"
            Falsifiers = [
                Falsifier.check "fresh indices at x⁺ and x" (fun _ spec -> resampled spec)
                Falsifier.check "γ = 4/L̃" (fun _ spec ->
                    gradientBound
                        (fun q p -> {
                            p with
                                Gamma = 4.0 / q.MeanSquaredSmoothness
                        })
                        spec)
            ]
            // With p = 1 and γ = 1/L the bound is attained at K = 1 from the eigenvector of L.
            Tight =
                Some {
                    Instance = { standard with P = 1.0 }
                    AtLeast = 0.999999
                }
    }

// ---- Linear convergence ----------------------------------------------------------------------------------------

/// γ = min{1/(L + L̃√(2(1−p)/(pb))), p/(2μ)} with μ the PL constant: the smallest positive eigenvalue.
/// The second limit is p/(divisor · μ).
let private linearParameters (divisor: float) (spec: PageSpec) (q: Quadratic) = {
    Gamma =
        min
            (stepsize (q :> IObjective).Smoothness (sqrt 2.0 * q.MeanSquaredSmoothness) spec.P spec.Batch)
            (spec.P / (divisor * q.SmallestPositive))
    P = spec.P
    Batch = spec.Batch
}

/// f(x) − f* + (γ/p)‖g − ∇f(x)‖².
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) = gap f s + (p.Gamma / p.P) * error f s

let private contracts (change: Parameters -> Parameters) divisor (spec: PageSpec) =
    let q = problem spec
    let f = q :> IFiniteSum
    let p = linearParameters divisor spec q
    let factor = 1.0 - p.Gamma * q.SmallestPositive
    Spectral.contraction (Method.on f (change p) method) (init f f.Minimiser) None (lyapunov f p) factor 0.0

/// Here γ = p/(2μ), and the bound is attained at g = 0 with x − x* the eigenvector of μ: the iterate rests, and only the
/// coin helps.
let private resting: PageSpec = { standard with Kappa = 2.0 }

let linearClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-PAGE.2"
            ClaimKind.Mean
            "E Ψ_k ≤ (1−γμ)^k (f(x_0) − f*), Ψ = f(x) − f* + (γ/p)‖g − ∇f(x)‖²; from every (x, g), E Ψ⁺ ≤ (1−γμ)Ψ"
            (instances |> Instances.startingWith fixedInstances)
            (fun _ (spec: PageSpec) -> contracts id 2.0 spec) with
            Formula =
                @"\mathbb E\left[f(x_{k+1})-f_*+\tfrac\gamma p\|g_{k+1}-\nabla f(x_{k+1})\|^2\right] \le (1-\gamma\mu)\left(f(x_k)-f_*+\tfrac\gamma p\|g_k-\nabla f(x_k)\|^2\right)"
            Assumptions = "PL with μ, γ ≤ min{1/(L + L̃√(2(1−p)/(pb))), p/(2μ)}, g_0 = ∇f(x_0)"
            Source = "arXiv 2008.10898, Theorem 3; derived with weight γ/p"
            Falsifiers = [
                Falsifier.check "the run's p divided by 20" (fun _ (spec: PageSpec) ->
                    contracts (fun p -> { p with P = p.P / 20.0 }) 2.0 spec)
                Falsifier.check "γ × 6" (fun _ (spec: PageSpec) ->
                    contracts (fun p -> { p with Gamma = 6.0 * p.Gamma }) 2.0 spec)
                Falsifier.check "γ ≤ p/(1.9μ) in place of p/(2μ)" (fun _ (spec: PageSpec) -> contracts id 1.9 spec)
                |> Falsifier.at [ resting ]
            ]
            Tight =
                Some {
                    Instance = resting
                    AtLeast = 0.999999
                }
    }

// ---- Identities ------------------------------------------------------------------------------------------------

/// (1−p)(‖g − ∇f(x)‖² + (1/b)·mean_i‖(∇f_i(x⁺) − ∇f_i(x)) − (∇f(x⁺) − ∇f(x))‖²), 1/b replaced by `share`.
let private varianceAfter (f: IFiniteSum) (p: Parameters) share (s: State) =
    let x = s.X - p.Gamma * s.G
    let moves = f.Gradients x - f.Gradients s.X
    let mean = f.Gradient x - f.Gradient s.X
    (1.0 - p.P) * (error f s + share * Block.meanNormSquared (moves - mean))

/// The variance recursion for every (x, g); and where p = 1 or n = 1, g stays ∇f(x), so that the method is GD.
let private identities (share: PageSpec -> float) (draw: PageSpec -> Draw<Indices>) (spec: PageSpec) =
    let q = problem spec
    let f = q :> IFiniteSum
    let p = parametersOf spec q

    let proc = {
        Method.on f p method with
            Draw = Draw.both (Draw.coin p.P) (draw spec)
    }

    let centre = init f f.Minimiser

    Evidence.all [
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = error f
            Bound = varianceAfter f p (share spec)
            Relation = Relation.Equal
            MatchMoments = false
        }

        if spec.P = 1.0 || spec.Workers = 1 then
            let deviation (s: State) = s.G - f.Gradient s.X
            AffineIdentity.everyOutcome proc centre (Some deviation) deviation (fun s -> 0.0 * s.G)
    ]

let private withReplacement (spec: PageSpec) = Draw.indices spec.Workers spec.Batch

/// The share of the variance that sampling b of n without replacement leaves: (n−b)/(b(n−1)).
let private withoutReplacementShare (spec: PageSpec) =
    float (spec.Workers - spec.Batch) / float (spec.Batch * (spec.Workers - 1))

let private pairs: PageSpec = { standard with Batch = 2; P = 0.25 }

let identityClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-PAGE.3"
            ClaimKind.Exact
            "E‖g⁺−∇f(x⁺)‖² = (1−p)(‖g−∇f(x)‖² + (1/b)·mean_i‖(∇f_i(x⁺)−∇f_i(x))−(∇f(x⁺)−∇f(x))‖²); p = 1 or n = 1 gives GD"
            (instances
             |> Instances.startingWith [
                 pairs
                 { standard with PageSpec.P = 1.0 }
                 {
                     standard with
                         PageSpec.Workers = 1
                         Batch = 2
                 }
             ])
            (fun _ spec -> identities (fun (s: PageSpec) -> 1.0 / float s.Batch) withReplacement spec) with
            Formula =
                @"\mathbb E\|g^+-\nabla f(x^+)\|^2=(1-p)\Big(\|g-\nabla f(x)\|^2+\tfrac1{bn}\sum_i\|\nabla f_i(x^+)-\nabla f_i(x)-\nabla f(x^+)+\nabla f(x)\|^2\Big)"
            Assumptions = "b independent uniform indices, the same at x⁺ and x"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "indices without replacement, 1/b kept" (fun _ (spec: PageSpec) ->
                    if spec.Batch > spec.Workers then
                        Evidence.undecided Rung.Spectral "no batch without replacement"
                    else
                        identities
                            (fun (s: PageSpec) -> 1.0 / float s.Batch)
                            (fun (s: PageSpec) -> Draw.subset s.Batch s.Workers)
                            spec)
                Falsifier.check "(n−b)/(b(n−1)) in place of 1/b" (fun _ spec ->
                    identities withoutReplacementShare withReplacement spec)
                |> Falsifier.at [ pairs ]
            ]
            Tight = Some { Instance = pairs; AtLeast = 1.0 }
    }

let paper: Paper = {
    Key = "SV-PAGE"
    Title = "PAGE: A Simple and Optimal Probabilistic Gradient Estimator for Nonconvex Optimization"
    Citation = "Li, Bao, Zhang, Richtárik, ICML 2021, arXiv 2008.10898"
    Family = "stochastic-variance-reduction"
    Problem = "f = (1/n) Σ f_i, mean-squared smoothness L̃, f L-smooth and bounded below; PL with μ (2)"
    Methods = [ MethodEntry.create method ]
    Claims = [ gradientClaim; PAGENonconvex.nonconvexClaim; linearClaim; identityClaim ]
}

/// Stochastic gradient descent with unbiased gradients of bounded variance.
///
/// Robbins, Monro, "A stochastic approximation method", Ann. Math. Stat. 22 (1951); constants derived here.
/// Problem: f L-smooth; oracle g(x) = ∇f(x) + ξ with E ξ = 0 and E‖ξ‖² ≤ σ²; μ-strongly convex in (1), convex in (2).
module Theory.Algorithms.StochasticVarianceReduction.SGD

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// σ: the noise is ±σ along a uniform coordinate, so that E‖ξ‖² = σ² exactly.
    Sigma: float
}

/// γ = 1/(2L), within both theorems; σ = 1.
let parameters (f: IObjective) : Parameters = {
    Gamma = 0.5 / f.Smoothness
    Sigma = 1.0
}

type State = {
    /// The iterate x_k.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IObjective) (p: Parameters) (noise: Block) (s: State) : State =
    let g = f.Gradient s.X + noise
    { X = s.X - p.Gamma * g }

/// ‖x − x*‖².
let distance (f: IObjective) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// (1 − γμ)².
let contraction (f: IObjective) (p: Parameters) =
    (1.0 - p.Gamma * f.StrongConvexity) ** 2.0

/// SV-SGD.1: E‖x_k − x*‖² ≤ (1−γμ)^{2k}‖x_0 − x*‖² + γσ²/(μ(2−γμ)).
let strongRate (f: IObjective) (p: Parameters) =
    let mu = f.StrongConvexity
    let floor = p.Gamma * p.Sigma ** 2.0 / (mu * (2.0 - p.Gamma * mu))
    Bounds.linearToFloor "SV-SGD.1: E‖x_k − x*‖²" true (distance f) (contraction f p) floor

/// A bound on the mean of f(x_i) − f* over i < k, which f(x̄_k) − f* does not exceed.
let private averageRate name (f: IObjective) (bound: int -> float -> float) : RunBound<State> = {
    Name = name
    Measure = fun s -> f.Value s.X - Block.scalar f.Infimum
    Summary = Summary.RunningMean
    Scale = distance f
    Bound = bound
    InExpectation = true
}

/// SV-SGD.2: (1/K) Σ E f(x_k) − f* ≤ (‖x_0 − x*‖²/K + γ²σ²)/(2γ(1−γL)) for convex f and γ < 1/L.
let convexRate (f: IObjective) (p: Parameters) =
    averageRate "SV-SGD.2: mean of E f(x_i) − f*" f (fun k start ->
        (start / float (max k 1) + (p.Gamma * p.Sigma) ** 2.0)
        / (2.0 * p.Gamma * (1.0 - p.Gamma * f.Smoothness)))

/// SV-SGD.2 for γ ≤ 1/(2L): ≤ ‖x_0 − x*‖²/(γK) + γσ².
let shortConvexRate (f: IObjective) (p: Parameters) =
    averageRate "SV-SGD.2: mean of E f(x_i) − f*, γ ≤ 1/(2L)" f (fun k start ->
        start / (p.Gamma * float (max k 1)) + p.Gamma * p.Sigma ** 2.0)

let method: Method<IObjective, Parameters, State, Block> = {
    Name = "SGD"
    Summary = "x⁺ = x − γ(∇f(x) + ξ), ξ = ±σe_j"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "2/(L+μ)" (2.0 / (f.Smoothness + f.StrongConvexity))
        ]
    Draw = fun f p -> Draw.signedCoordinate f.Dimension p.Sigma
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                strongRate f p

            if p.Gamma * f.Smoothness < 1.0 then
                convexRate f p
        ]
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// A quadratic with a noisy gradient.
type NoisySpec = {
    Dimension: int
    /// Condition number; on a singular quadratic that of the curved directions.
    Kappa: float
    /// One direction has curvature 0 (then Dimension ≥ 2).
    Singular: bool
    Sigma: float
    /// γL.
    RelativeStep: float
    Seed: int
}

let private problem spec : IObjective =
    let quadratic = {
        Workers = 1
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 1.0
        Seed = spec.Seed
    }

    if spec.Singular then
        SingularQuadratic.distributed quadratic
    else
        Quadratic.distributed quadratic

let private instances singular steps =
    let generator =
        gen {
            let! flat =
                if singular then
                    Gen.elements [ true; false ]
                else
                    Gen.constant false

            let! dimension = Gen.choose (2, 4)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
            let! sigma = Gen.elements [ 0.1; 1.0; 3.0 ]
            let! step = Gen.elements steps
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Kappa = kappa
                Singular = flat
                Sigma = sigma
                RelativeStep = step
                Seed = seed
            }
        }

    let shrink (spec: NoisySpec) =
        seq {
            if spec.Dimension > 2 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }

            if spec.Sigma <> 1.0 then
                { spec with Sigma = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink

let private on spec (f: IObjective) = {
    Gamma = spec.RelativeStep / f.Smoothness
    Sigma = spec.Sigma
}

let private isotropic = {
    Dimension = 3
    Kappa = 1.0
    Singular = false
    Sigma = 1.0
    RelativeStep = 0.5
    Seed = 1
}

/// The recursion for every state, the method's γL multiplied by `stretch` and the bound's noise by `noise`.
let private recursion stretch noise spec =
    let f = problem spec
    let p = on spec f
    let run = { p with Gamma = stretch * p.Gamma }

    Spectral.contraction
        (Method.on f run method)
        (init f.Minimiser)
        None
        (distance f)
        (contraction f p)
        (noise * (p.Gamma * p.Sigma) ** 2.0)

let private horizon = [ 1; 2; 5; 20; 100; 300 ]

let strongly: Claim =
    Claim.create {
        Claim.spec
            "SV-SGD.1"
            ClaimKind.Mean
            "E‖x_{k+1} − x*‖² ≤ (1−γμ)² E‖x_k − x*‖² + γ²σ²; hence ≤ (1−γμ)^{2k}‖x_0 − x*‖² + γσ²/(μ(2−γμ))"
            (instances false [ 0.1; 0.5; 1.0 ] |> Instances.startingWith [ isotropic ])
            (fun _ spec ->
                let f = problem spec
                let p = on spec f

                Evidence.all [
                    recursion 1.0 1.0 spec
                    AllStarts.ofMethod f p method f.Minimiser horizon (strongRate f p)
                ]) with
            Formula = @"\mathbb E\|x_{k+1}-x_*\|^2 \le (1-\gamma\mu)^2\,\mathbb E\|x_k-x_*\|^2+\gamma^2\sigma^2"
            Assumptions = "f μ-strongly convex and L-smooth, γ ≤ 2/(L+μ), E‖ξ‖² ≤ σ²"
            Source = "derived: the gradient step contracts by 1−γμ, the noise is orthogonal in expectation"
            Falsifiers = [
                Falsifier.check "no γ²σ²" (fun _ spec -> recursion 1.0 0.0 spec)
                Falsifier.check "σ² × 0.9" (fun _ spec -> recursion 1.0 0.9 spec)
                Falsifier.check "γ × 4" (fun _ spec -> recursion 4.0 16.0 spec)
                |> Falsifier.at [
                    {
                        isotropic with
                            Kappa = 10.0
                            RelativeStep = 1.0
                    }
                ]
            ]
            Tight =
                Some {
                    Instance = isotropic
                    AtLeast = 0.999999
                }
    }

/// On f = (μ/2)‖x − x*‖² the floor is approached exactly as the recursion says.
let private isotropicLaw noise spec =
    let f = problem spec
    let p = on spec f
    let factor = contraction f p
    let claim = strongRate f p
    let floor = claim.Bound 1 0.0

    let exact = {
        claim with
            Bound = fun k start -> factor ** float k * start + noise * floor * (1.0 - factor ** float k)
    }

    AllStarts.bound (Method.on f p method) (init f.Minimiser) init f.Minimiser None horizon Relation.Equal exact

let isotropicClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-SGD.1.isotropic"
            ClaimKind.Exact
            "on f = (μ/2)‖x − x*‖²: E‖x_k − x*‖² = (1−γμ)^{2k}‖x_0 − x*‖² + γσ²(1−(1−γμ)^{2k})/(μ(2−γμ))"
            (instances false [ 0.1; 0.5; 1.0; 1.5 ] |> Instances.startingWith [ isotropic ])
            (fun _ spec -> isotropicLaw 1.0 spec) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2=(1-\gamma\mu)^{2k}\|x_0-x_*\|^2+\frac{\gamma\sigma^2\left(1-(1-\gamma\mu)^{2k}\right)}{\mu(2-\gamma\mu)}"
            Assumptions = "f = (μ/2)‖x − x*‖², 0 < γ < 2/μ, E‖ξ‖² = σ²"
            Source = "the recursion of SV-SGD.1, with equality in every step"
            Valid = fun spec -> spec.Kappa = 1.0
            Falsifiers = [
                Falsifier.check "σ² × 0.9" (fun _ spec -> isotropicLaw 0.9 spec)
                Falsifier.check "a quadratic with κ = 3" (fun _ spec -> isotropicLaw 1.0 { spec with Kappa = 3.0 })
            ]
            Tight =
                Some {
                    Instance = isotropic
                    AtLeast = 0.999999
                }
    }

/// SV-SGD.2 in its forms, the method's γ multiplied by `stretch` and the bound's σ² by `noise`.
let private averages stretch noise spec =
    let f = problem spec
    let p = on spec f
    let run = { p with Gamma = stretch * p.Gamma }
    let stated = { p with Sigma = sqrt noise * p.Sigma }

    let against claim =
        AllStarts.bound (Method.on f run method) (init f.Minimiser) init f.Minimiser None horizon Relation.AtMost claim

    Evidence.all [
        against (convexRate f stated)

        if spec.RelativeStep <= 0.5 then
            against (shortConvexRate f stated)
    ]

let convex: Claim =
    Claim.create {
        Claim.spec
            "SV-SGD.2"
            ClaimKind.Mean
            "(1/K) Σ_{k<K} E f(x_k) − f* ≤ (‖x_0 − x*‖²/K + γ²σ²)/(2γ(1−γL)), and ≤ ‖x_0 − x*‖²/(γK) + γσ² for γ ≤ 1/(2L)"
            (instances true [ 0.1; 0.4; 0.5; 0.8 ]
             |> Instances.startingWith [
                 {
                     isotropic with
                         Singular = true
                         Kappa = 10.0
                         RelativeStep = 0.4
                 }
             ])
            (fun _ spec -> averages 1.0 1.0 spec) with
            Formula = @"\mathbb E f(\bar x_K)-f_* \le \frac{\|x_0-x_*\|^2/K+\gamma^2\sigma^2}{2\gamma(1-\gamma L)}"
            Assumptions = "f convex and L-smooth, γ < 1/L; x̄_K the mean of x_0 … x_{K−1} (Jensen)"
            Source = "derived: ‖x⁺ − x*‖² expanded, ‖∇f‖² ≤ 2L(f − f*)"
            Falsifiers = [
                Falsifier.check "γ = 2.1/L" (fun _ spec -> averages (2.1 / spec.RelativeStep) 1.0 spec)
                Falsifier.check "no noise term" (fun _ spec -> averages 1.0 0.0 spec)
            ]
    }

let paper: Paper = {
    Key = "SV-SGD"
    Title = "Stochastic gradient descent, bounded variance"
    Citation = "Robbins, Monro, Ann. Math. Stat. 22 (1951)"
    Family = "stochastic-variance-reduction"
    Problem = "f L-smooth, E g(x) = ∇f(x), E‖g(x) − ∇f(x)‖² ≤ σ²; μ-strongly convex (1), convex (2)"
    Methods = [ MethodEntry.create method ]
    Claims = [ strongly; isotropicClaim; convex ]
}

/// Randomised accelerated gradient descent with Markovian noise.
///
/// Beznosikov, Samsonov, Sheshukova, Gasnikov, Naumov, Moulines, "First Order Methods with Markovian Noise: from
/// Acceleration to Variational Inequalities", NeurIPS 2023, arXiv 2305.15938.
/// Problem: min f(x) = E_π f(x, Z), f L-smooth and μ-strongly convex, gradients along a Markov chain of mixing time τ,
/// ‖∇f(x, s) − ∇f(x)‖ ≤ σ.
module Theory.Algorithms.VariationalInequalities.RASGD

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    P: float
    Beta: float
    Eta: float
    Theta: float
    /// B: states of the estimator's level 0.
    Batch: int
    /// M: levels with 2^J ≤ M are used.
    M: float
}

/// β = √(4p²μγ/3), η = √(3/(μγ)), θ = (p/η − 1)/(βp/η − 1) for given γ, p, B and M.
let coupled (mu: float) (gamma: float) (p: float) (batch: int) (m: float) : Parameters =
    let beta = sqrt (4.0 * p * p * mu * gamma / 3.0)
    let eta = sqrt (3.0 / (mu * gamma))

    {
        Gamma = gamma
        P = p
        Beta = beta
        Eta = eta
        Theta = (p / eta - 1.0) / (beta * p / eta - 1.0)
        Batch = batch
        M = m
    }

/// p = 1, since the noise does not grow with the gradient; M = max{2, √((1 + p/β)/p)}, B = ⌈τ log2 M⌉.
let parametersAt (f: IMarkovObjective) (gamma: float) : Parameters =
    let mu = f.StrongConvexity

    if not (mu > 0.0) then
        invalidArg (nameof f) $"RASGD needs a strongly convex function; '{f.Name}' has μ = {mu}."

    let p = coupled mu gamma 1.0 1 1.0
    let m = max 2.0 (sqrt ((1.0 + p.P / p.Beta) / p.P))

    {
        p with
            Batch = int (ceil (float f.Chain.MixingTime * System.Math.Log2 m))
            M = m
    }

/// γ = 3/(4L).
let parameters (f: IMarkovObjective) : Parameters =
    parametersAt f (3.0 / (4.0 * f.Smoothness))

type State = {
    /// x.
    X: Block
    /// x_f.
    XF: Block
    /// The chain's state, one-hot.
    Chain: Block
}

let init (f: IMarkovObjective) (x0: Block) : State = {
    X = x0
    XF = x0
    Chain = f.Chain.State 0
}

let step (f: IMarkovObjective) (p: Parameters) (sampling: Multilevel.Sampling) (s: State) : State =
    let xg = p.Theta * s.XF + (1.0 - p.Theta) * s.X
    let visits, last = Multilevel.visits f.Chain p.Batch sampling s.Chain
    let g = f.GradientOver visits xg
    let xf = xg - p.P * p.Gamma * g

    {
        X =
            p.Eta * xf
            + (p.P - p.Eta) * s.XF
            + (1.0 - p.P) * (1.0 - p.Beta) * s.X
            + (1.0 - p.P) * p.Beta * xg
        XF = xf
        Chain = last
    }

/// ‖x − x*‖² + (6/μ)(f(x_f) − f*).
let lyapunov (f: IMarkovObjective) (s: State) =
    Block.normSquared (s.X - f.Minimiser)
    + (6.0 / f.StrongConvexity) * Objective.gap f s.XF

/// 1 − √(p²μγ/3).
let contraction (f: IMarkovObjective) (p: Parameters) =
    1.0 - sqrt (p.P * p.P * f.StrongConvexity * p.Gamma / 3.0)

let method: Method<IMarkovObjective, Parameters, State, Multilevel.Sampling> = {
    Name = "RASGD"
    Summary =
        "x_g = θx_f + (1−θ)x; g = MLMC(x_g, B, M); x_f⁺ = x_g − pγg; x⁺ = ηx_f⁺ + (p−η)x_f + (1−p)(1−β)x + (1−p)βx_g"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "3/(4L)" (3.0 / (4.0 * f.Smoothness))
            Condition.probability "p" p.P
            Condition.probability "β" p.Beta
            Condition.positive "B" (float p.Batch)
            Condition.atMost "1/M" (1.0 / p.M) "1" 1.0
        ]
    Draw = fun f p -> Multilevel.draw f.Chain p.Batch (Multilevel.levels p.M)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.XF
    Cost =
        fun _ p sampling -> [
            {
                Counter = Counter.Samples
                Amount = Multilevel.samples p.Batch sampling.Level
            }
        ]
    // Without noise the solution stays where it is, but the chain moves on.
    FixedPoint = fun _ _ -> None
    // The floor that noise leaves is known to its order only.
    Bounds =
        fun f p ->
            if f.Sigma = 0.0 then
                [
                    Bounds.linear "VI-MARKOV.6: ‖x_k − x*‖² + (6/μ)(f(x_f) − f*)" false (lyapunov f) (contraction f p)
                ]
            else
                []
}

// ---- VI-MARKOV.6 -----------------------------------------------------------------------------------------------

/// A quadratic by its spectrum: μ = 1, L = κ, and eigenvalues between.
[<NoComparison>]
type SpectrumSpec = { Kappa: float; Eigenvalues: int }

/// Exact gradients: a chain of which the noise vanishes.
let private exact (spec: SpectrumSpec) =
    let f = Quadratic.diagonal (Linear.geometric 1.0 spec.Kappa spec.Eigenvalues)
    MarkovObjective(f, MarkovNoise.random (MarkovChains.walk 1) spec.Eigenvalues 0.0 1) :> IMarkovObjective

let private contracts (spec: SpectrumSpec) (shares: float list) (factor: IMarkovObjective -> Parameters -> float) =
    let f = exact spec

    shares
    |> List.map (fun share ->
        let p = coupled f.StrongConvexity (share / f.Smoothness) 1.0 1 2.0
        let centre = init f f.Minimiser
        Spectral.contraction (Method.on f p method) centre None (lyapunov f) (factor f p) 0.0)
    |> Pieces.all

let private allowed = [ 0.75; 0.5 ]
let private spectrum kappa count = { Kappa = kappa; Eigenvalues = count }

let private spectra =
    let generator =
        FsCheck.FSharp.Gen.elements [
            for kappa in [ 1.5; 3.0; 30.0; 1000.0 ] do
                for count in [ 2; 5; 9 ] -> spectrum kappa count
        ]

    Instances.generated generator (fun _ -> Seq.empty)
    |> Instances.startingWith [ for kappa in [ 2.0; 10.0; 100.0; 1e4 ] -> spectrum kappa 10 ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.6"
            ClaimKind.Sure
            "RASGD, exact gradients: ‖x_k−x*‖² + (6/μ)(f(x_{f,k})−f*) contracts by 1−√(μγ/3) a step on every quadratic tried"
            spectra
            (fun _ spec -> contracts spec allowed contraction) with
            Formula =
                @"\|x_{k+1}-x_*\|^2+\tfrac6\mu(f(x_{f,k+1})-f_*)\le\Big(1-\sqrt{\tfrac{\mu\gamma}{3}}\Big)\Big[\|x_k-x_*\|^2+\tfrac6\mu(f(x_{f,k})-f_*)\Big]"
            Assumptions = "quadratics with spectrum in [μ, L], p = 1, γ ∈ {3/(4L), 1/(2L)}, from every (x, x_f)"
            Source = "rate and Lyapunov function: the paper's theorem without noise; constants of β and η re-derived"
            Falsifiers = [
                Falsifier.check "rate 1 − 3√(μγ/3)" (fun _ spec ->
                    contracts spec allowed (fun f p -> max 0.0 (1.0 - 3.0 * (1.0 - contraction f p))))
                Falsifier.check "γ = 3/L" (fun _ spec -> contracts spec [ 3.0 ] contraction)
                Falsifier.check "η halved" (fun _ spec ->
                    let f = exact spec

                    let p = coupled f.StrongConvexity (0.75 / f.Smoothness) 1.0 1 2.0
                    let slow = { p with Eta = 0.5 * p.Eta }

                    Spectral.contraction
                        (Method.on f slow method)
                        (init f f.Minimiser)
                        None
                        (lyapunov f)
                        (contraction f p)
                        0.0)
            ]
    }

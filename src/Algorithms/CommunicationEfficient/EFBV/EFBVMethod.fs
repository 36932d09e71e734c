/// EF-BV: error feedback with two scales, λ for the control variates and ν for the gradient estimate; EF21 and DIANA are
/// its extremes.
///
/// Condat, Yi, Richtárik, "EF-BV: A Unified Theory of Error Feedback and Variance Reduction Mechanisms for Biased and
/// Unbiased Compression in Distributed Optimization", NeurIPS 2022, arXiv 2205.04180.
/// Problem: min f(x) + R(x), f = (1/n) Σ f_i, f_i L_i-smooth, L̃² = (1/n) Σ L_i², f L-smooth, R convex and proximable;
/// compressors C_i ∈ C(η, ω) with averaged variance ω_av.
module Theory.Algorithms.CommunicationEfficient.EFBVMethod

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.JointCompression

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// λ ∈ (0, 1], the scale of the control variates.
    Lambda: float
    /// ν ∈ (0, 1], the scale of the gradient estimate.
    Nu: float
    /// ω_av, the variance constant of the mean of the compressed vectors.
    OmegaAv: float
    Compressor: Compressor
}

// ---- The theorems' constants -----------------------------------------------------------------------------------

/// r = (1−λ+λη)² + λ²ω: λC misses at most the share r of a vector, in mean square.
let residual (d: int) (p: Parameters) =
    scaledError p.Lambda (p.Compressor.Relative d)

/// r_av = (1−ν+νη)² + ν²ω_av, the same of the mean of the νC_i.
let residualAv (d: int) (p: Parameters) =
    scaledError p.Nu (fst (p.Compressor.Relative d), p.OmegaAv)

// With s = √((1+r)/(2r)) − 1, in forms that stay finite for r = 0.

/// s√r = √((1+r)/2) − √r.
let private slack r = sqrt ((1.0 + r) / 2.0) - sqrt r

/// L̃√(r_av/r)/s.
let private feedback (d: int) (lTilde: float) (p: Parameters) =
    lTilde * sqrt (residualAv d p) / slack (residual d p)

/// 1/θ = r_av/(s(1+s)r).
let inverseTheta (d: int) (p: Parameters) =
    let r = residual d p
    residualAv d p / (slack r * sqrt ((1.0 + r) / 2.0))

/// 1/θ′ = r_av/(s′(1+s′)r) = r_av/(1−√r), s′ = 1/√r − 1: the constant of the nonconvex theorem.
let inverseThetaNonconvex (d: int) (p: Parameters) =
    residualAv d p / (1.0 - sqrt (residual d p))

/// The longest stepsize for constants L and L̃ and the linear rate: 1/(L + L̃√(r_av/r)/s).
let linearGamma (d: int) (l: float) (lTilde: float) (p: Parameters) = 1.0 / (l + feedback d lTilde p)

/// The same with a prox: 1/(2L + L̃√(r_av/r)/s).
let proximalGamma (d: int) (l: float) (lTilde: float) (p: Parameters) = 1.0 / (2.0 * l + feedback d lTilde p)

/// The same for functions that are only bounded below: 1/(L + L̃√(r_av/r)/s′).
let nonconvexGamma (d: int) (l: float) (lTilde: float) (p: Parameters) =
    1.0 / (l + lTilde * sqrt (residualAv d p) / (1.0 - sqrt (residual d p)))

let private onProblem rule (f: IFiniteSum) (p: Parameters) =
    rule f.Dimension f.Smoothness (EF21.rootMeanSquare f) p

/// The scale min{1, (1−η)/((1−η)²+ω)}, which makes (1−λ+λη)² + λ²ω least.
let bestScaleFor (eta: float) (omega: float) =
    if eta = 0.0 && omega = 0.0 then
        1.0
    else
        min 1.0 ((1.0 - eta) / ((1.0 - eta) ** 2.0 + omega))

/// λ* and ν*, no stepsize yet.
let bestScales (joint: JointCompressor) (n: int) (d: int) : Parameters =
    let eta, omega = joint.Compressor.Relative d
    let omegaAv = joint.OmegaAv n d

    {
        Gamma = 0.0
        Lambda = bestScaleFor eta omega
        Nu = bestScaleFor eta omegaAv
        OmegaAv = omegaAv
        Compressor = joint.Compressor
    }

/// The longest stepsize of CE-EFBV.1 for given scales.
let withLinearGamma (f: IFiniteSum) (p: Parameters) = {
    p with
        Gamma = onProblem linearGamma f p
}

/// The longest stepsize of CE-EFBV.5 for given scales.
let withNonconvexGamma (f: IFiniteSum) (p: Parameters) = {
    p with
        Gamma = onProblem nonconvexGamma f p
}

/// The longest stepsize of CE-EFBV.4 for given scales.
let withProximalGamma (problem: ICompositeSum) (p: Parameters) = {
    p with
        Gamma = onProblem proximalGamma problem.Smooth p
}

/// λ*, ν* and the longest step: for the linear rate where f has μ > 0, else for the nonconvex theorem.
let parametersFor (joint: JointCompressor) (f: IFiniteSum) : Parameters =
    bestScales joint f.Count f.Dimension
    |> (if f.StrongConvexity > 0.0 then
            withLinearGamma f
        else
            withNonconvexGamma f)

// ---- The method ------------------------------------------------------------------------------------------------

type State = {
    /// The iterate x.
    X: Block
    /// The control variates h_1 … h_n, which learn ∇f_i(x*).
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

/// One step; the prox is the identity for R = 0. The estimate uses the old h.
let private advance (f: IFiniteSum) (prox: float -> Block -> Block) (p: Parameters) (draw: CompressorDraw) (s: State) =
    let d = p.Compressor.Apply draw (f.Gradients s.X - s.H)
    let g = Block.mean (s.H + p.Nu * d)

    {
        X = prox p.Gamma (s.X - p.Gamma * g)
        H = s.H + p.Lambda * d
    }

let step (f: IFiniteSum) = advance f (fun _ x -> x)

let proximalStep (problem: ICompositeSum) = advance problem.Smooth problem.Prox

/// x*, h_i* = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) (minimiser: Block) : State = {
    X = minimiser
    H = f.Gradients minimiser
}

/// G = (1/n) Σ ‖∇f_i(x) − h_i‖².
let estimationError (f: IFiniteSum) (s: State) =
    Block.meanNormSquared (f.Gradients s.X - s.H)

/// Ψ = f(x) − f* + (γ/(2θ))G.
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    Objective.gap f s.X
    + (p.Gamma / 2.0 * inverseTheta f.Dimension p) * estimationError f s

/// Ψ = f(x) + R(x) − f* − R* + (γ/(2θ))G.
let proximalLyapunov (problem: ICompositeSum) (p: Parameters) (s: State) =
    problem.Gap s.X
    + (p.Gamma / 2.0 * inverseTheta problem.Dimension p)
      * estimationError problem.Smooth s

/// max{1 − γμ, (1+r)/2}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Gamma * f.StrongConvexity) ((1.0 + residual f.Dimension p) / 2.0)

/// max{1/(1 + γμ/2), (1+r)/2}.
let proximalContraction (problem: ICompositeSum) (p: Parameters) =
    max (1.0 / (1.0 + p.Gamma * problem.Growth / 2.0)) ((1.0 + residual problem.Dimension p) / 2.0)

/// (1/T) Σ_{t<T} E‖∇f(x_t)‖² ≤ (2(f(x_0)−f*)/γ + G_0/θ′)/T.
let averagedBound (f: IFiniteSum) (p: Parameters) : RunBound<State> =
    Bounds.averaged
        "CE-EFBV.5: mean of E‖∇f(x_t)‖²"
        true
        (fun s -> Block.normSquared (f.Gradient s.X))
        (fun s ->
            (2.0 / p.Gamma) * Objective.gap f s.X
            + inverseThetaNonconvex f.Dimension p * estimationError f s)
        1.0

let private scales (d: int) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.probability "λ" p.Lambda
    Condition.probability "ν" p.Nu
    {
        Text = $"r < 1, got {residual d p:G6}"
        Holds = residual d p < 1.0
    }
]

let private charges (d: int) (c: Compressor) = [
    Charge.each Counter.Gradients 1.0
    Charge.each Counter.Rounds 1.0
    Charge.each Counter.UplinkFloats (c.Floats d)
    Charge.each Counter.UplinkBits (c.Bits d)
    Charge.each Counter.DownlinkFloats (float d)
]

/// EF-BV with R = 0.
let methodWith (joint: JointCompressor) : Method<IFiniteSum, Parameters, State, CompressorDraw> = {
    Name = "EF-BV"
    Summary = "d_i = C_i(∇f_i(x) − h_i); x⁺ = x − γ·mean(h_i + νd_i); h_i⁺ = h_i + λd_i"
    Rule = parametersFor joint
    Conditions =
        fun f p ->
            scales f.Dimension p
            @ [
                Condition.atMost "γ" p.Gamma "1/(L+L̃√(r_av/r)/s′)" (onProblem nonconvexGamma f p)
                if f.StrongConvexity > 0.0 then
                    Condition.atMost "γ" p.Gamma "1/(L+L̃√(r_av/r)/s)" (onProblem linearGamma f p)
            ]
    Draw = fun f p -> p.Compressor.Draw f.Count f.Dimension
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> charges f.Dimension p.Compressor
    FixedPoint = fun f _ -> Some(fixedPoint f f.Minimiser)
    Bounds =
        fun f p -> [
            averagedBound f p

            if
                f.StrongConvexity > 0.0
                && p.Gamma <= onProblem linearGamma f p * (1.0 + Rounding.parameter)
            then
                Bounds.linear "CE-EFBV.1: E Ψ_t" true (lyapunov f p) (contraction f p)
        ]
}

/// EF-BV with a prox.
let proximalWith (joint: JointCompressor) : Method<ICompositeSum, Parameters, State, CompressorDraw> = {
    Name = "proximal EF-BV"
    Summary = "d_i = C_i(∇f_i(x) − h_i); x⁺ = prox_{γR}(x − γ·mean(h_i + νd_i)); h_i⁺ = h_i + λd_i"
    Rule =
        fun problem ->
            bestScales joint problem.Smooth.Count problem.Dimension
            |> withProximalGamma problem
    Conditions =
        fun problem p ->
            scales problem.Dimension p
            @ [
                Condition.atMost "γ" p.Gamma "1/(2L+L̃√(r_av/r)/s)" (onProblem proximalGamma problem.Smooth p)
                Condition.positive "μ" problem.Growth
            ]
    Draw = fun problem p -> p.Compressor.Draw problem.Smooth.Count problem.Dimension
    Init = fun problem _ x0 -> init problem.Smooth x0
    Step = proximalStep
    Output = fun s -> s.X
    Cost = fun problem p _ -> Charge.each Counter.ProxCalls 1.0 :: charges problem.Dimension p.Compressor
    FixedPoint = fun problem _ -> Some(fixedPoint problem.Smooth problem.Minimiser)
    Bounds =
        fun problem p -> [
            Bounds.linear "CE-EFBV.4: E Ψ_t" true (proximalLyapunov problem p) (proximalContraction problem p)
        ]
}

/// comp-(k, k′) with k a tenth of the dimension, k′ half of it: biased and random, as in the paper's experiments.
let usual (d: int) =
    independent (comp (tenth d) (max (tenth d) (d / 2)))

/// EF-BV with comp-(k, k′).
let method = {
    methodWith (usual 2) with
        Rule = fun f -> parametersFor (usual f.Dimension) f
}

/// Proximal EF-BV with comp-(k, k′).
let proximalMethod = {
    proximalWith (usual 2) with
        Rule = fun problem -> (proximalWith (usual problem.Dimension)).Rule problem
}

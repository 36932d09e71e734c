/// VR-GDCI: compressed iterates around learned shifts.
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
/// Problem: f = (1/n) Σ f_i, f L-smooth and μ-strongly convex, f_i convex and L_i-smooth, independent Q_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.VRGDCI

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    /// γ, the stepsize inside the compressor.
    Gamma: float
    /// β, the averaging weight; the effective step is βγ.
    Beta: float
    Alpha: float
    Compressor: Compressor
}

/// min{1, γμn/(constant·ω)}: constant 4 suffices for GDCI's neighbourhood, 12 for the Lyapunov function here.
let largestBeta (constant: float) (compressor: Compressor) (f: IFiniteSum) (gamma: float) =
    let omega = omegaOf compressor f.Dimension
    min 1.0 (gamma * f.StrongConvexity * float f.Count / (constant * omega))

/// γ = 1/Lmax, α = 1/(1+ω), β = min{1, γμn/(12ω)}.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    let gamma = 1.0 / Array.max f.Smoothnesses

    {
        Gamma = gamma
        Beta = largestBeta 12.0 compressor f gamma
        Alpha = 1.0 / (1.0 + omegaOf compressor f.Dimension)
        Compressor = compressor
    }

type State = {
    /// The iterate x.
    X: Block
    /// The shifts h_1 … h_n, which learn x* − γ∇f_i(x*).
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

let step (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) (s: State) : State =
    let moved = s.X - p.Gamma * f.Gradients s.X
    let m = p.Compressor.Apply draw (moved - s.H)

    {
        X = (1.0 - p.Beta) * s.X + p.Beta * Block.mean (s.H + m)
        H = s.H + p.Alpha * m
    }

/// x*, h_i* = x* − γ∇f_i(x*): no outcome moves it.
let fixedPoint (f: IFiniteSum) (p: Parameters) : State = {
    X = f.Minimiser
    H = f.Minimiser - p.Gamma * f.Gradients f.Minimiser
}

/// V = ‖x−x*‖² + (4β²ω/(nα))·(1/n) Σ ‖h_i − h_i*‖².
let lyapunov (f: IFiniteSum) (p: Parameters) (s: State) =
    let ideal = fixedPoint f p

    let weight =
        4.0 * p.Beta ** 2.0 * omegaOf p.Compressor f.Dimension
        / (float f.Count * p.Alpha)

    Block.normSquared (s.X - ideal.X)
    + weight * Block.meanNormSquared (s.H - ideal.H)

/// max{1 − βγμ/2, 1 − α/2}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 - p.Beta * p.Gamma * f.StrongConvexity / 2.0) (1.0 - p.Alpha / 2.0)

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, CompressorDraw> = {
    Name = "VR-GDCI"
    Summary = "m_i = Q_i(x − γ∇f_i(x) − h_i); x⁺ = (1 − β)x + β·mean(h_i + m_i); h_i⁺ = h_i + αm_i"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "μ" f.StrongConvexity
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/Lmax" (1.0 / Array.max f.Smoothnesses)
            Condition.probability "β" p.Beta
            Condition.atMost "β" p.Beta "γμn/(12ω)" (largestBeta 12.0 p.Compressor f p.Gamma)
            Condition.positive "α" p.Alpha
            Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omegaOf p.Compressor f.Dimension))
        ]
    Draw = fun f p -> p.Compressor.Draw f.Count f.Dimension
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p _ -> [
            Charge.each Counter.Gradients 1.0
            Charge.each Counter.Rounds 1.0
            Charge.each Counter.UplinkFloats (p.Compressor.Floats f.Dimension)
            Charge.each Counter.UplinkBits (p.Compressor.Bits f.Dimension)
            Charge.each Counter.DownlinkFloats (float f.Dimension)
        ]
    FixedPoint = fun f p -> Some(fixedPoint f p)
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "CE-SHIFT.6b: E V_k" true (lyapunov f p) (contraction f p)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

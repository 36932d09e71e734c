/// GDCI: gradient descent with compressed iterates.
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
/// Problem: f = (1/n) Σ f_i, f L-smooth and μ-strongly convex, f_i convex and L_i-smooth, independent Q_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.GDCI

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    /// γ, the stepsize inside the compressor.
    Gamma: float
    /// η, the averaging weight; the effective step is ηγ.
    Eta: float
    Compressor: Compressor
}

/// The largest η: 1/(L/μ + (2ω/n)(Lmax/μ − 1)).
let largestEta (compressor: Compressor) (f: IFiniteSum) =
    let omega, n, mu = omegaOf compressor f.Dimension, float f.Count, f.StrongConvexity

    1.0
    / (f.Smoothness / mu + 2.0 * omega / n * (Array.max f.Smoothnesses / mu - 1.0))

/// The largest γ for an η: (1 + 2ηω/n)/(η(L + 2Lmaxω/n)).
let largestGamma (compressor: Compressor) (f: IFiniteSum) (eta: float) =
    let omega, n = omegaOf compressor f.Dimension, float f.Count

    (1.0 + 2.0 * eta * omega / n)
    / (eta * (f.Smoothness + 2.0 * Array.max f.Smoothnesses * omega / n))

/// Both at their largest.
let parametersFor (compressor: Compressor) (f: IFiniteSum) : Parameters =
    let eta = largestEta compressor f

    {
        Gamma = largestGamma compressor f eta
        Eta = eta
        Compressor = compressor
    }

type State = {
    /// The iterate x.
    X: Block
}

let init (x0: Block) : State = { X = x0 }

let step (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) (s: State) : State =
    let moved = s.X - p.Gamma * f.Gradients s.X

    {
        X = (1.0 - p.Eta) * s.X + p.Eta * Block.mean (p.Compressor.Apply draw moved)
    }

/// ‖x − x*‖².
let distance (f: IFiniteSum) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// What one step adds at most: (2η²ω/n)·(1/n) Σ ‖x* − γ∇f_i(x*)‖².
let noise (f: IFiniteSum) (p: Parameters) =
    let ideal = f.Minimiser - p.Gamma * f.Gradients f.Minimiser
    let size = (Block.lanes (Block.meanNormSquared ideal))[0]
    2.0 * p.Eta ** 2.0 * omegaOf p.Compressor f.Dimension / float f.Count * size

let methodWith (compressor: Compressor) : Method<IFiniteSum, Parameters, State, CompressorDraw> = {
    Name = "GDCI"
    Summary = "x⁺ = (1 − η)x + η·mean Q_i(x − γ∇f_i(x))"
    Rule = parametersFor compressor
    Conditions =
        fun f p -> [
            Condition.positive "μ" f.StrongConvexity
            Condition.probability "η" p.Eta
            Condition.atMost "η" p.Eta "1/(L/μ+(2ω/n)(Lmax/μ−1))" (largestEta p.Compressor f)
            Condition.atMost "γ" p.Gamma "(1+2ηω/n)/(η(L+2Lmaxω/n))" (largestGamma p.Compressor f p.Eta)
            Condition.atMost "1/μ" (1.0 / f.StrongConvexity) "γ" p.Gamma
        ]
    Draw = fun f p -> p.Compressor.Draw f.Count f.Dimension
    Init = fun _ _ x0 -> init x0
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
    // Compression moves x* unless every x* − γ∇f_i(x*) vanishes.
    FixedPoint = fun f p -> if noise f p = 0.0 then Some { X = f.Minimiser } else None
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linearToFloor "CE-SHIFT.9: E‖x_k − x*‖²" true (distance f) (1.0 - p.Eta) (noise f p / p.Eta)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

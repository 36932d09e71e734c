/// EF-OLGA: OLGA with contractive compressors and an error memory that lives for one epoch.
///
/// Bylinkin, Beznosikov, AAAI 2025, arXiv 2412.16414, Section on biased compression.
/// Problem: as Unbiased.fs; compressors with E‖C(x) − x‖² ≤ (1 − 1/β)‖x‖².
module Theory.Algorithms.VariationalInequalities.EFOLGA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.OLGA

/// 1/β.
let inverseBeta (f: IProblem) (compressor: Compressor) =
    match compressor.Alpha f.Dimension with
    | Some alpha -> alpha
    | None -> invalidArg (nameof compressor) $"EF-OLGA needs contractive compressors; {compressor.Name} is none."

/// p^{3/2}/(24δ), the theorem's limit on θ; infinite without dissimilarity.
let thetaLimit (f: IServerSum) (p: float) = p ** 1.5 / (24.0 * f.Similarity)

/// p = 1/β and the largest θ, with τ = share·min{√(μθ/p), 1} and α = θ/(divisor·pτ).
let parametersOf (share: float) (divisor: float) (compressor: Compressor) (f: IServerSum) : Parameters =
    let mu = f.StrongConvexity
    let p = inverseBeta f compressor
    let w = weights share divisor mu (min (thetaLimit f p) (1.0 / mu)) p

    {
        Theta = w.Theta
        P = w.P
        Tau = w.Tau
        Alpha = w.Alpha
        Compressor = compressor
    }

/// The corollary's rule with √μ in τ: τ = min{√(μθ/p), 1}/18, α = θ/(36pτ).
let parametersFor (compressor: Compressor) (f: IServerSum) : Parameters =
    parametersOf (1.0 / 18.0) 36.0 compressor f

/// State of the inner loop.
type Remembering = {
    /// The iterate x_k.
    X: Block
    /// Its start x_0.
    Start: Block
    /// What each device still owes: e^1 … e^M.
    Errors: Block
}

/// One step of the inner loop: what is sent is compressed together with what is owed.
let innerStep (f: IServerSum) (p: Parameters) (draw: CompressorDraw) (s: Remembering) : Remembering =
    let at: Inner = { X = s.X; Start = s.Start }
    let owed = (s.Errors + p.Theta * difference f at).Materialise()
    let sent = p.Compressor.Apply draw owed

    {
        s with
            X = serverStep f p.Theta ((1.0 / p.Theta) * Block.mean sent) at
            Errors = owed - sent
    }

/// An epoch from x with an empty memory.
let begun (f: IServerSum) (x: Block) : Remembering = {
    X = x
    Start = x
    Errors = 0.0 * Block.repeatWorkers f.Count x
}

/// ∇h(x) − ∇h(y) with y's part in ‖·‖²/(2θ) taken at ỹ = y − mean of the memories.
let slope (f: IServerSum) (p: Parameters) (x: Block) (y: Block) (errors: Block) : Block =
    gradientH f p.Theta x - gradientH f p.Theta y
    + (1.0 / p.Theta) * Block.mean errors

/// The outer state after an epoch from s.Start to s.X.
let outerStep (f: IServerSum) (p: Parameters) (s: Remembering) (z: Block) : Outer = {
    Y = s.X
    Z = descend f.StrongConvexity (weightsOf p) (p.P * slope f p s.Start s.X s.Errors) z s.X
}

let step (f: IServerSum) (p: Parameters) (epoch: Epoch<CompressorDraw>) (s: Outer) : Outer =
    let x = extrapolate (weightsOf p) s
    outerStep f p (GeometricStop.run epoch (innerStep f p) (begun f x)) s.Z

let methodWith (compressor: Compressor) : Method<IServerSum, Parameters, Outer, Epoch<CompressorDraw>> = {
    method with
        Name = "EF-OLGA"
        Summary =
            "OLGA whose devices send C(e + θĝ) and keep e⁺ = e + θĝ − C(e + θĝ) within an epoch; G uses y⁺ less the mean memory"
        Rule = parametersFor compressor
        Conditions =
            fun f p ->
                Condition.atMost "p" p.P "1/β" (inverseBeta f p.Compressor)
                :: conditions (weightsOf p) "p^{3/2}/(24δ)" (thetaLimit f p.P) 28.0
        Step = step
        Bounds =
            fun f p ->
                let w = weightsOf p

                [
                    if 1.0 / (1.0 + f.StrongConvexity * p.Alpha) <= 1.0 - p.Tau then
                        Bounds.linear "VI-OLGA.9: E[Y_k + Z_k]" true (lyapunov f w) (1.0 - p.Tau)
                ]
}

let method = methodWith (topK 1)

/// OLGA: accelerated optimisation under similarity with compressed messages.
///
/// Bylinkin, Beznosikov, "Accelerated Methods with Compressed Communications for Distributed Optimization Problems under
/// Data Similarity", AAAI 2025, arXiv 2412.16414.
/// Problem: f = (1/M) Σ f_m μ-strongly convex, the f_m perhaps nonconvex, each f_m − f δ-smooth; unbiased compressors.
module Theory.Algorithms.VariationalInequalities.OLGA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs

[<NoComparison; NoEquality>]
type Parameters = {
    Theta: float
    P: float
    Tau: float
    Alpha: float
    Compressor: Compressor
}

/// The numbers that both loops use.
let weightsOf (p: Parameters) : Weights = {
    Theta = p.Theta
    P = p.P
    Tau = p.Tau
    Alpha = p.Alpha
}

let private omegaOf (f: IProblem) (compressor: Compressor) =
    match compressor.Omega f.Dimension with
    | Some omega -> omega
    | None -> invalidArg (nameof compressor) $"OLGA needs unbiased compressors; {compressor.Name} is biased."

/// min{√(pM)/(8δ√ω), 1/(2δ)}, the theorem's limit on θ; infinite without dissimilarity.
let thetaLimit (f: IServerSum) (compressor: Compressor) (p: float) =
    let noisy = 8.0 * f.Similarity * sqrt (omegaOf f compressor)

    min
        (if noisy = 0.0 then
             infinity
         else
             sqrt (p * float f.Count) / noisy)
        (1.0 / (2.0 * f.Similarity))

/// γ_ω: how many times fewer floats a compressed message has.
let ratio (f: IProblem) (compressor: Compressor) =
    float f.Dimension / compressor.Floats f.Dimension

/// The corollary's rule for a given p: τ = ¼min{√(μθ/p), 1}, α = θ/(8pτ). A θ above 1/μ would buy nothing.
let parametersAt (f: IServerSum) (compressor: Compressor) (p: float) : Parameters =
    let mu = f.StrongConvexity
    let w = weights 0.25 8.0 mu (min (thetaLimit f compressor p) (1.0 / mu)) p

    {
        Theta = w.Theta
        P = w.P
        Tau = w.Tau
        Alpha = w.Alpha
        Compressor = compressor
    }

/// p = 1/γ_ω: an epoch's compressed messages cost one full vector on average.
let parametersFor (compressor: Compressor) (f: IServerSum) : Parameters =
    parametersAt f compressor (1.0 / ratio f compressor)

/// ∇h for h = f_1 − f + ‖·‖²/(2θ).
let gradientH (f: IServerSum) (theta: float) (x: Block) : Block =
    f.ServerGradient x - f.Gradient x + (1.0 / theta) * x

/// What device m compresses: ∇f_m(x) − ∇f_1(x) − ∇f_m(x_0) + ∇f_1(x_0).
let difference (f: IServerSum) (s: Inner) : Block =
    f.Gradients s.X
    - f.ServerGradient s.X
    - (f.Gradients s.Start - f.ServerGradient s.Start)

/// The server's step with the estimate t = g + ∇(f − f_1)(x_0).
let serverStep (f: IServerSum) (theta: float) (g: Block) (s: Inner) : Block =
    let t = g - f.ServerGradient s.Start + f.Gradient s.Start
    f.ServerStep theta t s.X

/// One step of the inner loop.
let innerStep (f: IServerSum) (p: Parameters) (draw: CompressorDraw) (s: Inner) : Inner =
    let g = Block.mean (p.Compressor.Apply draw (difference f s))
    { s with X = serverStep f p.Theta g s }

/// The inner loop without its stopping rule.
let inner (f: IServerSum) (p: Parameters) : Process<Inner, CompressorDraw> = {
    Name = "INNER"
    Draw = p.Compressor.Draw f.Count f.Dimension
    Step = innerStep f p
    Cost = fun _ -> []
}

let init (x0: Block) : Outer = { Y = x0; Z = x0 }

let step (f: IServerSum) (p: Parameters) (epoch: Epoch<CompressorDraw>) (s: Outer) : Outer =
    let w = weightsOf p
    let x = extrapolate w s
    let y = (GeometricStop.run epoch (innerStep f p) { X = x; Start = x }).X
    outerStep f.StrongConvexity w (gradientH f p.Theta) x y s.Z

/// Two full exchanges (at x and at y⁺) and one compressed one for each inner step.
let cost (f: IServerSum) (compressor: Compressor) (epoch: Epoch<'D>) : Charge list =
    let compressed = GeometricStop.charge

    [
        Charge.each Counter.Rounds 2.0
        compressed Counter.Rounds 1.0 epoch
        Charge.each Counter.UplinkFloats (2.0 * float f.Dimension)
        compressed Counter.UplinkFloats (compressor.Floats f.Dimension) epoch
        Charge.each Counter.Messages (2.0 * float f.Count)
        compressed Counter.Messages (float f.Count) epoch
        // At x_0, …, x_{N−1} and at y⁺.
        Charge.each Counter.Gradients 1.0
        compressed Counter.Gradients 1.0 epoch
        compressed Counter.ProxCalls 1.0 epoch
    ]

/// The conditions that both variants share; `limit` is the variant's on θ, `constant` its factor of αpτ.
let conditions (w: Weights) (limitText: string) (limit: float) (constant: float) : Condition list = [
    Condition.probability "p" w.P
    Condition.probability "τ" w.Tau
    Condition.positive "α" w.Alpha
    Condition.atMost "θ" w.Theta limitText limit
    Condition.atMost $"{constant}αpτ" (constant * w.Alpha * w.P * w.Tau) "θ" w.Theta
]

let methodWith (compressor: Compressor) : Method<IServerSum, Parameters, Outer, Epoch<CompressorDraw>> = {
    Name = "OLGA"
    Summary =
        "x = τz + (1−τ)y; N ~ Geom(p) compressed proximal steps from x to y⁺; z⁺ from G = p(∇h(x) − ∇h(y⁺)), h = f_1 − f + ‖·‖²/(2θ)"
    Rule = parametersFor compressor
    Conditions = fun f p -> conditions (weightsOf p) "min{√(pM)/(8δ√ω), 1/(2δ)}" (thetaLimit f p.Compressor p.P) 4.0
    Draw = fun f p -> GeometricStop.draw p.P (p.Compressor.Draw f.Count f.Dimension)
    Init = fun _ _ x0 -> init x0
    Step = step
    Output = fun s -> s.Y
    Cost = fun f p epoch -> cost f p.Compressor epoch
    FixedPoint = fun f _ -> Some(init f.Minimiser)
    Bounds =
        fun f p ->
            let w = weightsOf p
            // The contraction needs (1+μα)⁻¹ ≤ 1−τ, which the corollary's rule gives.
            [
                if 1.0 / (1.0 + f.StrongConvexity * p.Alpha) <= 1.0 - p.Tau then
                    Bounds.linear "VI-OLGA.6: E[Y_k + Z_k]" true (lyapunov f w) (1.0 - p.Tau)
            ]
}

let method = methodWith (randK 1)

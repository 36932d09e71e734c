/// Newton-3PC: Newton steps on Hessians that workers learn from compressed differences.
///
/// Islamov, Qian, Hanzely, Safaryan, Richtárik, 2022, arXiv 2206.03588.
/// Problem: f = (1/n) Σ f_i μ-strongly convex, the ∇²f_i L_*-Lipschitz (spectral norm) and L_F-Lipschitz (Frobenius norm).
/// Matrices travel as vectors of d² entries; their norms are Frobenius norms.
module Theory.Algorithms.CommunicationEfficient.Newton3PC

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Mechanisms

[<NoComparison; NoEquality>]
type Parameters = {
    /// Eigenvalues of the mean estimate are raised to this.
    Mu: float
    Mechanism: Mechanism
}

let parametersFor (mechanism: int -> Mechanism) (f: IHessianSum) : Parameters = {
    Mu = f.StrongConvexity
    Mechanism = mechanism f.Dimension
}

type State = {
    /// The iterate x.
    X: Block
    /// The Hessian estimates H_1 … H_n that workers and server share, d² entries each.
    H: Block
}

/// H_i⁰ = ∇²f_i(x⁰).
let init (f: IHessianSum) (x0: Block) : State = { X = x0; H = f.Hessians x0 }

/// [H]_μ⁻¹g: H symmetrised, its eigenvalues below μ raised to μ.
let direction (mu: float) (h: Block) (g: Block) : Block =
    let d = g.Dimension
    let h = h.Reshape(d, d)

    let struct (values, vectors) =
        Decompositions.SymmetricEigen((0.5 * (h + h.Transposed())).Materialise())
    // Vectors are rows: gV holds the coordinates of g.
    let raised = (values.Map(fun v -> max v mu)).On g.Engine
    (g.Times vectors / raised).Times(vectors, transposeY = true)

let step (f: IHessianSum) (p: Parameters) (draw: MechanismDraw) (s: State) : State =
    let x = (s.X - direction p.Mu (Block.mean s.H) (f.Gradient s.X)).Materialise()

    {
        X = x
        H = p.Mechanism.Apply draw s.H (f.Hessians s.X) (f.Hessians x)
    }

/// x*, H_i = ∇²f_i(x*).
let solved (f: IHessianSum) : State = init f f.Minimiser

/// ‖x − x*‖².
let distance (f: IHessianSum) (s: State) : Block = Block.normSquared (s.X - f.Minimiser)

/// (1/n) Σ ‖H_i − ∇²f_i(x*)‖².
let errorAtSolution (f: IHessianSum) (s: State) : Block =
    Block.meanNormSquared (s.H - f.Hessians f.Minimiser)

/// (1/n) Σ ‖H_i − ∇²f_i(x)‖².
let errorAtIterate (f: IHessianSum) (s: State) : Block =
    Block.meanNormSquared (s.H - f.Hessians s.X)

/// Φ = (1/n) Σ ‖H_i − ∇²f_i(x*)‖² + (12/ᾱ)L_F²‖x − x*‖², ᾱ = pα.
let potentialAtSolution (f: IHessianSum) (p: Parameters) (s: State) : Block =
    let kept = p.Mechanism.Kept(f.Dimension * f.Dimension)

    errorAtSolution f s
    + (12.0 / kept * f.HessianLipschitzFrobenius ** 2.0) * distance f s

/// Φ = (1/n) Σ ‖H_i − ∇²f_i(x)‖² + cL_F²‖x − x*‖².
let potential (f: IHessianSum) (c: float) (s: State) : Block =
    errorAtIterate f s + (c * f.HessianLipschitzFrobenius ** 2.0) * distance f s

/// c = 6(1/A + 3B).
let paperWeight (f: IHessianSum) (p: Parameters) =
    let a, b = p.Mechanism.Constants(f.Dimension * f.Dimension)
    6.0 * (1.0 / a + 3.0 * b)

/// Φ_k ≤ (1 − min{A, 1/3})^kΦ_0 and ‖x_k − x*‖² ≤ 2^{−k}‖x_0 − x*‖² from ‖x_0 − x*‖ ≤ μ/(√2L_*), Φ_0 ≤ μ²/8; no bound (∞)
/// from other starts.
let private localBounds (f: IHessianSum) (p: Parameters) : RunBound<State> list =
    let a, _ = p.Mechanism.Constants(f.Dimension * f.Dimension)
    let c = paperWeight f p

    let inRegion (s: State) (value: Block) =
        let phi = potential f c s
        let near = distance f s

        let allowed =
            Array.map2
                (fun phi e -> phi <= p.Mu ** 2.0 / 8.0 && 2.0 * f.HessianLipschitz ** 2.0 * e <= p.Mu ** 2.0)
                (phi.ToArray())
                (near.ToArray())

        Block.choose (Mask(1, allowed.Length, allowed)) value (value.Map(fun _ -> infinity))

    let local name measure factor : RunBound<State> = {
        Bounds.linear $"CE-NEWTON3PC.5: {name} near the solution" false measure factor with
            Scale = fun s -> inRegion s (measure s)
    }

    [
        local "‖x_k − x*‖²" (distance f) 0.5
        local "Φ_k" (potential f c) (1.0 - min a (1.0 / 3.0))
    ]

let methodNamed name (mechanism: int -> Mechanism) : Method<IHessianSum, Parameters, State, MechanismDraw> = {
    Name = name
    Summary = "x⁺ = x − [mean H_i]_μ⁻¹∇f(x); H_i⁺ = C_{H_i,∇²f_i(x)}(∇²f_i(x⁺))"
    Rule = parametersFor mechanism
    Conditions =
        fun f p ->
            let a, _ = p.Mechanism.Constants(f.Dimension * f.Dimension)

            [
                Condition.positive "μ" p.Mu
                Condition.atMost "μ" p.Mu "μ of f" f.StrongConvexity
                Condition.positive "A" a
            ]
    Draw = fun f p -> p.Mechanism.Draw f.Count (f.Dimension * f.Dimension)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (coins, _) ->
            let d = float f.Dimension
            let entries = f.Dimension * f.Dimension

            // The mean over workers; lazy mechanisms are charged as if all sent.
            let share =
                Array.init coins.Lanes (fun lane ->
                    Seq.averageBy (fun w -> if coins[w, lane] then 1.0 else 0.0) [ 0 .. coins.Workers - 1 ])

            let paid amount fixed' =
                Amount.ByLane(share |> Array.map (fun s -> fixed' + s * amount))

            [
                Charge.each Counter.Gradients 1.0
                Charge.each Counter.Rounds 1.0
                {
                    Counter = Counter.HessianCalls
                    Amount = paid 1.0 0.0
                }
                {
                    Counter = Counter.UplinkFloats
                    Amount = paid (p.Mechanism.Floats entries) d
                }
                {
                    Counter = Counter.UplinkBits
                    Amount = paid (p.Mechanism.Bits entries) (32.0 * d)
                }
                Charge.each Counter.DownlinkFloats d
            ]
    FixedPoint = fun f _ -> Some(solved f)
    Bounds =
        fun f p ->
            let a, b = p.Mechanism.Constants(f.Dimension * f.Dimension)

            if p.Mechanism.P = 1.0 && a > 0.0 && b > 0.0 && p.Mu <= f.StrongConvexity then
                localBounds f p
            else
                []
}

/// Hessian differences by Top-d of the d² entries.
let method = methodNamed "Newton-3PC" (fun d -> ef21 half (topK d))

/// Newton-3PC with lazy aggregation: matrices are sent when they have changed enough.
let lagMethod = methodNamed "Newton-LAG" (fun _ -> lag 2.0)

/// Newton-3PC with compressed lazy aggregation.
let clagMethod = methodNamed "Newton-CLAG" (fun d -> lazily 2.0 half (topK d))

/// Newton-3PC with compressed Bernoulli aggregation: a worker computes its Hessian in half of the rounds.
let bernoulliMethod =
    methodNamed "Newton-CBAG" (fun d -> bernoulli 0.5 half (topK d))

/// Newton-3PC that keeps the entries of a difference that are at least a third of its largest.
let thresholdMethod =
    methodNamed "Newton-3PC-Threshold" (fun _ -> ef21 half (threshold (1.0 / 3.0)))

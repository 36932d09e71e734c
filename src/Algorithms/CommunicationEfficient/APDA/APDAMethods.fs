/// APDA: an accelerated primal–dual method whose primal step is a local proximal problem, solved exactly or by gradients.
///
/// Sadiev, Kovalev, Richtárik, "Communication Acceleration of Local Gradient Methods via an Accelerated Primal-Dual
/// Algorithm with Inexact Prox", NeurIPS 2022, arXiv 2207.03957; the constants are those of the proofs here.
/// Problem: min G(x) with x_1 = … = x_n, G(x) = Σ f_i(x_i), f_i μ-strongly convex and L-smooth; Π projects on Σ y_i = 0.
module Theory.Algorithms.CommunicationEfficient.APDAMethods

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

type Parameters = {
    EtaX: float
    EtaY: float
    Beta: float
    /// The extrapolation, which is the factor of Ψ.
    Theta: float
    Mu: float
    /// L.
    Smoothness: float
    /// Local steps: of each of the two phases where there are two, at most where clients test; 0 for exact solves.
    LocalSteps: int
}

let private largest (f: IFiniteSum) = Array.max f.Smoothnesses

let convexity (f: IStronglyConvexSum) = Array.min f.StrongConvexities

/// η_y = √(μL), η_x = 1/(2η_y), β = 1/(2L), θ = 1/(1 + ½√(μ/L)), for κ ≥ 4: L grows to 4μ where it is smaller.
let exactly (f: IStronglyConvexSum) : Parameters =
    let mu = convexity f
    let l = max (largest f) (4.0 * mu)
    let etaY = sqrt (mu * l)

    {
        EtaX = 1.0 / (2.0 * etaY)
        EtaY = etaY
        Beta = 1.0 / (2.0 * l)
        Theta = 1.0 / (1.0 + 0.5 * sqrt (mu / l))
        Mu = mu
        Smoothness = l
        LocalSteps = 0
    }

/// η_y = √(μL/8), η_x = 1/(8η_y), β = 1/(2L), θ = 1/(1 + √(μ/L)/(4√2)), for κ ≥ 2.
let inexactly (f: IStronglyConvexSum) (steps: float -> int) : Parameters =
    let mu = convexity f
    let l = max (largest f) (2.0 * mu)
    let etaY = sqrt (mu * l / 8.0)

    {
        EtaX = 1.0 / (8.0 * etaY)
        EtaY = etaY
        Beta = 1.0 / (2.0 * l)
        Theta = 1.0 / (1.0 + sqrt (mu / l) / (4.0 * sqrt 2.0))
        Mu = mu
        Smoothness = l
        LocalSteps = steps (l / mu)
    }

type State = {
    /// The clients' models x_1 … x_n.
    X: Block
    /// The dual variables y_1 … y_n; their sum stays zero.
    Y: Block
    /// The dual variables before.
    YBefore: Block
    /// x̂, the solver's point that led to X.
    Hat: Block
    /// x̂ less the models that it was found from.
    Drift: Block
}

let init (f: IFiniteSum) (x0: Block) : State =
    let x = Block.repeatWorkers f.Count x0
    let zero = Block.zeros f.Count x0.Lanes f.Dimension

    {
        X = x
        Y = zero
        YBefore = zero
        Hat = x
        Drift = zero
    }

/// x_i = x*, y_i* = −∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State =
    let x = Block.repeatWorkers f.Count f.Minimiser
    let y = -1.0 * f.Gradients f.Minimiser

    {
        X = x
        Y = y
        YBefore = y
        Hat = x
        Drift = 0.0 * x
    }

/// Πv: what the clients learn from one averaging.
let apart (v: Block) : Block = v - Block.mean v

/// z = y + θ(y − y⁻).
let extrapolated (p: Parameters) (s: State) : Block = s.Y + p.Theta * (s.Y - s.YBefore)

/// ∇Φ(x̂), Φ(x) = G(x) + ‖x − (x^k − η_x z)‖²/(2η_x).
let innerGradient (f: IFiniteSum) (p: Parameters) (x: Block) (z: Block) (hat: Block) : Block =
    f.Gradients hat + (1.0 / p.EtaX) * (hat - x) + z

/// argmin Φ − ⟨e, ·⟩: the exact step for e = 0.
let innerMinimiser (f: IClientProx) (p: Parameters) (x: Block) (z: Block) (e: Block) : Block =
    f.Prox (Array.create f.Count (1.0 / p.EtaX)) ((1.0 / p.EtaX) * x - z + e)

/// The step after the local problems gave x̂: x⁺ = x − η_x(z + ∇G(x̂)) and the dual step, one averaging.
let advance (f: IFiniteSum) (p: Parameters) (z: Block) (hat: Block) (s: State) : State =
    let g = (f.Gradients hat).Materialise()

    {
        X = s.X - p.EtaX * (z + g)
        Y = s.Y + p.EtaY * apart (hat - p.Beta * (s.Y + g))
        YBefore = s.Y
        Hat = hat
        Drift = hat - s.X
    }

/// One step with a solver x, z ↦ x̂.
let step (f: IFiniteSum) (p: Parameters) (solve: Block -> Block -> Block) (s: State) : State =
    let z = (extrapolated p s).Materialise()
    advance f p z ((solve s.X z).Materialise()) s

// ---- Local solvers ---------------------------------------------------------------------------------------------

/// L + 1/η_x.
let innerSmoothness (p: Parameters) = p.Smoothness + 1.0 / p.EtaX

/// K = ⌈3(1 + √κ/(2√2))⌉ − 1 gradient steps meet the stop rule.
let plainSteps (kappa: float) =
    int (ceil (3.0 * (1.0 + sqrt (kappa / 8.0)))) - 1

/// N with (N+1)^{3/2} ≥ 6(1 + √κ/(2√2)), of each phase: accelerated descent, then descent.
let fastSteps (kappa: float) =
    int (ceil ((6.0 * (1.0 + sqrt (kappa / 8.0))) ** (2.0 / 3.0))) - 1

/// N with (N+1)² ≥ 6√2(1 + √κ/(2√2)), of each phase: accelerated descent, then OGM-G.
let optimalSteps (kappa: float) =
    max 1 (int (ceil (sqrt (6.0 * sqrt 2.0 * (1.0 + sqrt (kappa / 8.0))))) - 1)

let plain gradient l steps x0 =
    GradientSolvers.plain gradient l steps x0

let fastThenPlain gradient l steps x0 =
    GradientSolvers.fast gradient l steps x0
    |> GradientSolvers.plain gradient l steps

let fastThenNorm gradient l steps x0 =
    GradientSolvers.fast gradient l steps x0
    |> GradientSolvers.gradientNorm gradient l (GradientSolvers.weights steps)

/// The stop rule's two sides: η_x‖∇Φ(x̂)‖ ≤ ½‖x̂ − x‖, squared, one number a client.
let stopSides f p x z hat : Block * Block =
    p.EtaX ** 2.0 * Block.normSquared (innerGradient f p x z hat), 0.25 * Block.normSquared (hat - x)

/// Gradient steps until every client's rule holds, at most `LocalSteps`: x̂, and the steps of every client and lane.
let untilRule (f: IFiniteSum) (p: Parameters) (x: Block) (z: Block) : Block * Block =
    let failing hat =
        let left, right = stopSides f p x z hat
        let gap = (left - right).ToArray()
        Mask(f.Count, gap.Length / f.Count, gap |> Array.map (fun g -> not (g <= 0.0)))

    let rec go k (hat: Block) (counts: Block) =
        let still = failing hat

        if k = p.LocalSteps || not (Array.contains true (still.Values.ToArray())) then
            hat, counts
        else
            let moved = hat - (1.0 / innerSmoothness p) * innerGradient f p x z hat
            let one = counts + (Block.scalar 1.0).On hat.Engine
            go (k + 1) ((Block.choose still moved hat).Materialise()) ((Block.choose still one counts).Materialise())

    let start = x.Materialise()
    go 0 start ((Block.zeros f.Count (max x.Lanes z.Lanes) 1).On start.Engine)

// ---- Lyapunov functions ----------------------------------------------------------------------------------------

let private total (x: Block) (y: Block) = Block.sum (Block.dot x y)

/// (1/η_y+β)‖y−y*‖² + (1/(2η_y))‖Δ‖² − 2⟨a − x*, Δ⟩, Δ = y − y⁻.
let private dualPart (f: IFiniteSum) (p: Parameters) (a: Block) (s: State) =
    let ideal = fixedPoint f
    let delta = s.Y - s.YBefore

    (1.0 / p.EtaY + p.Beta) * Block.totalNormSquared (s.Y - ideal.Y)
    + (0.5 / p.EtaY) * Block.totalNormSquared delta
    - 2.0 * total (a - ideal.X) delta

/// Ψ of CE-APDA.1.
let psi (f: IFiniteSum) (p: Parameters) (s: State) : Block =
    (1.0 / p.EtaX + p.Mu) * Block.totalNormSquared (s.X - (fixedPoint f).X)
    + dualPart f p s.X s

/// Ψ of CE-APDA.2 without its last term.
let inexactPsi (f: IFiniteSum) (p: Parameters) (s: State) : Block =
    (1.0 / p.EtaX + 0.5 * p.Mu) * Block.totalNormSquared (s.X - (fixedPoint f).X)
    + dualPart f p s.Hat s

/// Ψ of CE-APDA.2: with (5/(16η_x))‖x̂ − x‖² of the last step.
let wholePsi (f: IFiniteSum) (p: Parameters) (s: State) : Block =
    inexactPsi f p s + (5.0 / (16.0 * p.EtaX)) * Block.totalNormSquared s.Drift

// ---- Methods ---------------------------------------------------------------------------------------------------

/// One averaging, and `gradients` gradients of every client.
let private cost (f: IFiniteSum) (gradients: int) : Charge list = [
    Charge.each Counter.Rounds 1.0
    Charge.each Counter.UplinkFloats (float f.Dimension)
    Charge.each Counter.UplinkBits (identity.Bits f.Dimension)
    Charge.each Counter.DownlinkFloats (float f.Dimension)
    Charge.each Counter.Gradients (float gradients)
]

let private conditions (f: IStronglyConvexSum) (p: Parameters) (rule: Parameters) least = [
    Condition.atMost "η_x" p.EtaX "the rule" rule.EtaX
    Condition.atMost "η_y" p.EtaY "the rule" rule.EtaY
    Condition.atMost "β" p.Beta "1/(2L)" (0.5 / p.Smoothness)
    Condition.atMost $"{least}μ" (least * p.Mu) "L" p.Smoothness
    Condition.atMost "μ" p.Mu "min μ_i" (convexity f)
    Condition.atMost "max L_i" (largest f) "L" p.Smoothness
]

/// Exact proximal steps.
let exact: Method<IClientProx, Parameters, State, unit> = {
    Name = "APDA"
    Summary = "z = y + θ(y−y⁻); x⁺ = argmin G + ‖x − (x^k−η_x z)‖²/(2η_x); y⁺ = y + η_yΠ(x⁺ − β(y + ∇G(x⁺)))"
    Rule = fun f -> exactly f
    Conditions = fun f p -> conditions f p (exactly f) 4.0
    Draw = fun _ _ -> Draw.none
    Init = fun f _ x0 -> init f x0
    Step = fun f p () s -> step f p (fun x z -> innerMinimiser f p x z (0.0 * x)) s
    Output = fun s -> Block.mean s.X
    Cost = fun f _ () -> Charge.each Counter.ProxCalls 1.0 :: cost f 1
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "CE-APDA.1: Ψ_k" false (psi f p) p.Theta ]
}

/// A local solver by its gradient steps as a function of κ, of which a step makes `phases` times as many.
let private inexactWith name summary steps phases solver : Method<IStronglyConvexSum, Parameters, State, unit> = {
    Name = name
    Summary = $"x̂ by {summary} on Φ from x^k; x⁺ = x^k − η_x(z + ∇G(x̂)); y⁺ = y + η_yΠ(x̂ − β(y + ∇G(x̂)))"
    Rule = fun f -> inexactly f steps
    Conditions =
        fun f p ->
            let enough = float (steps (p.Smoothness / p.Mu))

            conditions f p (inexactly f steps) 2.0
            @ [
                Condition.atMost "local steps of the rule" enough "LocalSteps" (float p.LocalSteps)
            ]
    Draw = fun _ _ -> Draw.none
    Init = fun f _ x0 -> init f x0
    Step = fun f p () s -> step f p (fun x z -> solver (innerGradient f p x z) (innerSmoothness p) p.LocalSteps x) s
    Output = fun s -> Block.mean s.X
    Cost =
        fun f p () ->
            Charge.each Counter.LocalSteps (float (phases * p.LocalSteps))
            :: cost f (phases * p.LocalSteps + 1)
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "CE-APDA.2: Ψ_k" false (wholePsi f p) p.Theta ]
}

let gradientSteps = inexactWith "APDA-Inexact" "gradient steps" plainSteps 1 plain

let acceleratedSteps =
    inexactWith "APDA-Inexact, accelerated" "accelerated, then plain gradient steps" fastSteps 2 fastThenPlain

let gradientNormSteps =
    inexactWith "APDA-Inexact with OGM-G" "accelerated gradient steps, then OGM-G" optimalSteps 2 fastThenNorm

/// Gradient steps until each client's stop rule holds; the account holds what they compute at least.
let tested: Method<IStronglyConvexSum, Parameters, State, unit> = {
    gradientSteps with
        Name = "APDA-Inexact, tested"
        Summary = "as APDA-Inexact, each client making gradient steps until η_x‖∇Φ(x̂)‖ ≤ ½‖x̂ − x^k‖"
        Rule = fun f -> inexactly f plainSteps
        Step = fun f p () s -> step f p (fun x z -> untilRule f p x z |> fst) s
        Cost = fun f _ () -> cost f 1
}

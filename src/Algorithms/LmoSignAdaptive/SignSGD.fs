/// Momentum in a norm: x⁺ = x + t·lmo(m), m an exponential average of stochastic gradients. SignSGD and Signum for ℓ∞,
/// normalised SGD for ℓ2.
///
/// Bernstein, Wang, Azizzadenesheli, Anandkumar, "signSGD: Compressed Optimisation for Non-Convex Problems", ICML 2018;
/// Pethick et al., "Training Deep Learning Models with Norm-Constrained LMOs", 2025, arXiv 2502.07529.
/// Problem: min f, L-smooth in the chosen norm (‖∇f(x)−∇f(y)‖_* ≤ L‖x−y‖), noise with E‖ξ‖_2² ≤ σ².
module Theory.Algorithms.LmoSignAdaptive.SignSGD

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// t, the length of a step in the norm.
    Stepsize: float
    /// α ∈ (0, 1], the weight of the newest gradient.
    Alpha: float
    /// σ of the Gaussian gradient noise.
    Sigma: float
}

type State = {
    /// The iterate x_k.
    X: Block
    /// The average m_{k−1} of the gradients.
    M: Block
    /// k.
    Count: int
}

let init (x0: Block) : State = { X = x0; M = 0.0 * x0; Count = 0 }

/// m_0 = g_0, m_k = (1−α)m_{k−1} + αg_k; x⁺ = x + t·lmo(m_k).
let step (f: IObjective) (direction: Block -> Block) (p: Parameters) (noise: Block) (s: State) : State =
    let g = f.Gradient s.X + noise

    let m =
        if s.Count = 0 then
            g
        else
            (1.0 - p.Alpha) * s.M + p.Alpha * g

    {
        X = s.X + p.Stepsize * direction m
        M = m
        Count = s.Count + 1
    }

/// Smoothness in ℓ∞ is at most d times the Euclidean one; t = √(2Δ/(LK)) minimises Δ/(tK) + Lt/2 for K = 1000 steps from
/// the origin.
let stepsizeFor (f: IObjective) (smoothness: float) =
    let start = Block.zeros 1 1 f.Dimension
    let gap = (Block.lanes (f.Value start))[0] - f.Infimum
    let horizon = 1000.0

    if gap > 0.0 then
        sqrt (2.0 * gap / (smoothness * horizon))
    else
        1.0 / horizon

/// Δ/(tk) + Lt/2 + 2[ρσ/(αk) + Lt(1−α)/α + ρσ√(α/(2−α))] on the mean of ‖∇f‖_* over k steps.
let masterBound
    (f: IObjective)
    (norm: Norm)
    (dualNorm: Block -> Block)
    (smoothness: float)
    (rho: float)
    (p: Parameters)
    : RunBound<State> = {
    Name = $"LM-BLOCKS.6: mean of ‖∇f(x_k)‖_*, {norm.Name}"
    Measure = fun s -> dualNorm (f.Gradient s.X)
    Summary = Summary.RunningMean
    Scale = fun s -> f.Value s.X - Block.scalar f.Infimum
    Bound =
        fun k delta ->
            let steps = float (max k 1)
            let noise = rho * p.Sigma

            delta / (p.Stepsize * steps)
            + 0.5 * smoothness * p.Stepsize
            + 2.0
              * (noise / (p.Alpha * steps)
                 + smoothness * p.Stepsize * (1.0 - p.Alpha) / p.Alpha
                 + noise * sqrt (p.Alpha / (2.0 - p.Alpha)))
    InExpectation = true
}

/// EMA-LMO in a norm of vectors; `smoothness` gives L in that norm.
let methodIn
    (name: string)
    (norm: Norm)
    (smoothness: IObjective -> float)
    (rho: int -> float)
    : Method<IObjective, Parameters, State, Block> = {
    Name = name
    Summary = $"m ← (1−α)m + αg; x ← x + t·lmo(m) in {norm.Name}"
    Rule =
        fun f -> {
            Stepsize = stepsizeFor f (smoothness f)
            Alpha = 1.0
            Sigma = 0.0
        }
    Conditions = fun _ p -> [ Condition.positive "t" p.Stepsize; Condition.probability "α" p.Alpha ]
    Draw = fun f p -> (HeavyTails.gaussian f.Dimension p.Sigma).Draw
    Init = fun _ _ x0 -> init x0
    Step = fun f p -> step f norm.Minimise p
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0; Charge.each Counter.LmoCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> [ masterBound f norm norm.Dual (smoothness f) (rho f.Dimension) p ]
}

/// x ← x − t·sign(m).
let method =
    methodIn "SignSGD" Norm.maximum (fun f -> float f.Dimension * f.Smoothness) (fun d -> sqrt (float d))

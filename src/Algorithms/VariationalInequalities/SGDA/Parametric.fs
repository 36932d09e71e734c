/// The unified analysis of stochastic gradient descent-ascent: one assumption on the estimator, one theorem.
///
/// Beznosikov, Gorbunov, Berard, Loizou, "Stochastic Gradient Descent-Ascent: Unified Theory and New Efficient Methods",
/// 2022 (AISTATS 2023), arXiv 2202.07262.
/// Problem: F(z) = 0, ⟨F(z), z − z*⟩ ≥ μ‖z − z*‖². Method: z⁺ = z − γg with E g = F(z) and, for a control variate that is
/// σ² away from its ideal, E‖g‖² ≤ 2A⟨F(z), z−z*⟩ + Bσ² + D_1 and E σ⁺² ≤ 2C⟨F(z), z−z*⟩ + (1−ρ)σ² + D_2.
module Theory.Algorithms.VariationalInequalities.ParametricSGDA

open Theory
open Theory.Numerics
open Theory.Algorithms

/// The constants of the assumption. Methods without a control variate have B = C = D_2 = 0 and ρ = 1.
type Constants = {
    A: float
    B: float
    C: float
    D1: float
    D2: float
    Rho: float
}

/// The state of methods without memory.
type State = {
    /// The iterate z.
    Z: Block
}

/// One method on one problem with one stepsize, and what the assumption says of it.
[<NoEquality; NoComparison>]
type Case<'S, 'D> = {
    Operator: IOperator
    Gamma: float
    Process: Process<'S, 'D>
    /// The solution with the ideal control variate.
    Centre: 'S
    /// Linear quantities that stay zero.
    Keeps: ('S -> Block) option
    /// z.
    Iterate: 'S -> Block
    /// The state with another z.
    WithIterate: Block -> 'S -> 'S
    /// σ², one number per lane.
    Sigma: 'S -> Block
    Constants: Constants
}

/// A case without memory.
let memoryless (f: IOperator) gamma (proc: Process<State, 'D>) constants : Case<State, 'D> = {
    Operator = f
    Gamma = gamma
    Process = proc
    Centre = { Z = f.Solution }
    Keeps = None
    Iterate = fun s -> s.Z
    WithIterate = fun z _ -> { Z = z }
    Sigma = fun s -> 0.0 * Block.normSquared s.Z
    Constants = constants
}

/// The usual weight M = 2B/ρ of the control variate in V; 0 when B = 0.
let usualWeight (k: Constants) = 2.0 * k.B / k.Rho

/// The largest stepsize of the theorem: min{1/μ, 1/(2(A + CM))}.
let limit (f: IOperator) (k: Constants) (m: float) =
    min (1.0 / f.Monotonicity) (1.0 / (2.0 * (k.A + k.C * m)))

/// The theorem's stepsize with the usual weight.
let usualStep (f: IOperator) (k: Constants) = limit f k (usualWeight k)

/// r = min{γμ, ρ − B/M}, with B/M = 0 when B = 0.
let rate (f: IOperator) (k: Constants) (m: float) (gamma: float) =
    min (gamma * f.Monotonicity) (k.Rho - (if k.B = 0.0 then 0.0 else k.B / m))

/// V = ‖z − z*‖² + Mγ²σ².
let lyapunov (f: IOperator) (m: float) (gamma: float) (z: Block) (sigma: Block) =
    Block.normSquared (z - f.Solution) + (m * gamma ** 2.0) * sigma

/// γ²(D_1 + M·D_2).
let noise (k: Constants) (m: float) (gamma: float) = gamma ** 2.0 * (k.D1 + m * k.D2)

/// E V_k ≤ (1−r)^k V_0 + γ²(D_1 + M·D_2)/r with the usual weight; no bound where the stepsize or μ do not allow it.
let bounds
    name
    (f: IOperator)
    (k: Constants)
    (gamma: float)
    (iterate: 'S -> Block)
    (sigma: 'S -> Block)
    : RunBound<'S> list =
    let m = usualWeight k
    let r = rate f k m gamma

    if
        f.Monotonicity > 0.0
        && r > 0.0
        && gamma <= limit f k m * (1.0 + Rounding.parameter)
    then
        [
            Bounds.linearToFloor
                name
                true
                (fun s -> lyapunov f m gamma (iterate s) (sigma s))
                (1.0 - r)
                (noise k m gamma / r)
        ]
    else
        []

// ---- Checks ----------------------------------------------------------------------------------------------------

/// The process whose iterate after a step is the estimator g = (z − z⁺)/γ of that step.
let private estimating (c: Case<'S, 'D>) = {
    c.Process with
        Step =
            fun o s ->
                let next = c.Process.Step o s
                c.WithIterate ((c.Iterate s - c.Iterate next) / c.Gamma) next
}

/// ⟨F(z), z − z*⟩.
let private along (c: Case<'S, 'D>) s =
    let z = c.Iterate s
    Block.dot (c.Operator.Operator z) (z - c.Operator.Solution)

let private atMost (c: Case<'S, 'D>) proc measure bound =
    Spectral.oneStep {
        Process = proc
        Centre = c.Centre
        Keeps = c.Keeps
        Measure = measure
        Bound = bound
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// E g = F(z) for every state.
let unbiased (c: Case<'S, 'D>) : Evidence =
    AffineIdentity.mean (estimating c) c.Centre c.Keeps c.Iterate (fun s -> c.Operator.Operator(c.Iterate s))

/// E‖g‖² ≤ 2A⟨F(z), z−z*⟩ + Bσ² + D_1 for every state.
let secondMoment (c: Case<'S, 'D>) : Evidence =
    let k = c.Constants

    atMost c (estimating c) (fun s -> Block.normSquared (c.Iterate s)) (fun s ->
        2.0 * k.A * along c s + k.B * c.Sigma s + Block.scalar k.D1)

/// E σ⁺² ≤ 2C⟨F(z), z−z*⟩ + (1−ρ)σ² + D_2 for every state.
let recursion (c: Case<'S, 'D>) : Evidence =
    let k = c.Constants

    atMost c c.Process c.Sigma (fun s -> 2.0 * k.C * along c s + (1.0 - k.Rho) * c.Sigma s + Block.scalar k.D2)

/// The assumption: unbiased, and both inequalities.
let assumption (c: Case<'S, 'D>) : Evidence list = [
    unbiased c
    secondMoment c
    if c.Constants.B > 0.0 then
        recursion c
]

/// E V(s⁺) ≤ (1 − r)V(s) + γ²(D_1 + M·D_2) for every state, for a given rate r.
let contractsAt (r: float) (c: Case<'S, 'D>) (m: float) : Evidence =
    Spectral.contraction
        c.Process
        c.Centre
        c.Keeps
        (fun s -> lyapunov c.Operator m c.Gamma (c.Iterate s) (c.Sigma s))
        (1.0 - r)
        (noise c.Constants m c.Gamma)

/// The same with the theorem's rate.
let contracts (c: Case<'S, 'D>) (m: float) : Evidence =
    contractsAt (rate c.Operator c.Constants m c.Gamma) c m

/// All pieces must hold; how tight is what the main one says, since an identity beside it is always attained.
let onTop (main: Evidence) (others: Evidence list) : Evidence =
    let all = Evidence.all (main :: others)

    {
        all with
            Tightness =
                if all.Violation.IsNone then
                    main.Tightness
                else
                    all.Tightness
            Note = if all.Violation.IsNone then main.Note else all.Note
    }

/// The assumption and the decrease of V with the usual weight.
let holds (c: Case<'S, 'D>) : Evidence =
    onTop (contracts c (usualWeight c.Constants)) (assumption c)

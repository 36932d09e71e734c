/// OPT-MASHA: compression and similarity without local steps.
///
/// Beznosikov, Gasnikov, "Compression and Data Similarity: Combination of Two Techniques for Communication-Efficient Solving
/// of Distributed Variational Inequalities", 2022, arXiv 2206.09446.
/// Problem: F = (1/n) Σ F_i, F L-Lipschitz and μ-strongly monotone, (1/n) Σ ‖G_i(u) − G_i(v)‖² ≤ δ²‖u − v‖² for
/// G_i = F_i − F; no constraints. The paper writes η for γ and γ for p.
module Theory.Algorithms.VariationalInequalities.OptMasha

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors

type Parameters = {
    Gamma: float
    /// Probability of an uncompressed round.
    P: float
    /// Momentum α ∈ (0, 1].
    Alpha: float
}

/// As many floats go uncompressed as compressed, within p ≤ 1/3.
let probability (f: IFiniteSumOperator) = min (1.0 / float f.Count) (1.0 / 3.0)

/// γ = min{1/(8L), √p/(2√2 δ), p/μ}: the step without damping.
let plainGamma (f: ISimilarOperator) p =
    min (1.0 / (8.0 * f.Lipschitz)) (min (sqrt p / (2.0 * sqrt 2.0 * f.Similarity)) (p / f.Monotonicity))

/// γ = min{1/(4L), √p/(4δ), p/μ}: the step with damped momentum.
let dampedGamma (f: ISimilarOperator) p =
    min (1.0 / (4.0 * f.Lipschitz)) (min (sqrt p / (4.0 * f.Similarity)) (p / f.Monotonicity))

/// α = 1 for a given p.
let plainParameters p (f: ISimilarOperator) : Parameters = {
    Gamma = plainGamma f p
    P = p
    Alpha = 1.0
}

/// α = 1 − γμ/4 for a given p and step.
let dampedParameters p gamma (f: ISimilarOperator) : Parameters = {
    Gamma = gamma
    P = p
    Alpha = 1.0 - gamma * f.Monotonicity / 4.0
}

type State = {
    /// The iterate z_k.
    Z: Block
    /// z_{k−1}.
    PastZ: Block
    /// The reference point w_k.
    W: Block
    /// w_{k−1}, where F is known to everyone.
    PastW: Block
}

let init (z0: Block) : State = {
    Z = z0
    PastZ = z0
    W = z0
    PastW = z0
}

/// One step; `sent` are the vectors that devices compress, from the state.
let stepWith compress sent (f: ISimilarOperator) (p: Parameters) (bit: Mask) (s: State) : State =
    let g: Block = Block.mean (compress (sent f p s)) + f.Operator s.PastW

    {
        Z = s.Z + p.P * (s.W - s.Z) - p.Gamma * g
        PastZ = s.Z
        // The reference moves to the old z.
        W = Block.choose bit s.Z s.W
        PastW = s.W
    }

/// F_i(z_k) − F_i(w_{k−1}) + α(F_i(z_k) − F_i(z_{k−1})). Only F_i(z_k) is new: the others were seen in earlier rounds.
let differences (f: ISimilarOperator) (p: Parameters) (s: State) : Block =
    let values = f.Operators s.Z

    values - f.Operators s.PastW + p.Alpha * (values - f.Operators s.PastZ)

let step (f: ISimilarOperator) (p: Parameters) (draw: CompressorDraw, bit: Mask) (s: State) : State =
    stepWith ((PermK.permK f.Count).Apply draw) differences f p bit s

/// 1 − γμ/4.
let contraction (f: ISimilarOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity / 4.0

/// ‖z − z*‖².
let distance (f: ISimilarOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// 2γ⟨F(z_k) − F(z_{k−1}), z_k − z*⟩.
let private coupling (f: ISimilarOperator) (p: Parameters) (s: State) =
    (2.0 * p.Gamma)
    * Block.dot (f.Operator s.Z - f.Operator s.PastZ) (s.Z - f.Solution)

/// V of the method with α = 1.
let plainLyapunov (f: ISimilarOperator) (p: Parameters) (s: State) : Block =
    let gm = p.Gamma * f.Monotonicity

    (1.0 + 2.0 * gm) * distance f s
    + (1.0 + gm / p.P) * Block.normSquared (s.W - f.Solution)
    - coupling f p s
    + (1.0 - p.P - p.Gamma * f.Lipschitz) * Block.normSquared (s.Z - s.PastZ)
    + p.P * Block.normSquared (s.Z - s.PastW)

/// V_0/R0² from z_0 = w_0.
let plainStart (f: ISimilarOperator) (p: Parameters) =
    let gm = p.Gamma * f.Monotonicity
    2.0 + 2.0 * gm + gm / p.P

/// Ψ of the method with α = 1 − γμ/4.
let dampedLyapunov (f: ISimilarOperator) (p: Parameters) (s: State) : Block =
    let gm = p.Gamma * f.Monotonicity
    let a = f.Lipschitz + 8.0 * p.Gamma * f.Similarity ** 2.0

    (1.0 + gm) * distance f s
    + (1.0 + gm / (2.0 * p.P)) * Block.normSquared (s.W - f.Solution)
    - coupling f p s
    + (p.Gamma * a) * Block.normSquared (s.Z - s.PastZ)
    + (p.P / 2.0) * Block.normSquared (s.Z - s.PastW)

/// Ψ_0/R0² from z_0 = w_0.
let dampedStart (f: ISimilarOperator) (p: Parameters) =
    let gm = p.Gamma * f.Monotonicity
    2.0 + gm + gm / (2.0 * p.P)

/// E‖z_k − z*‖² ≤ constant·(1 − γμ/4)^k·R0².
let private distanceBound name (f: ISimilarOperator) p constant : RunBound<State> = {
    Bounds.linear name true (distance f) (contraction f p) with
        Bound = fun k start -> constant * contraction f p ** float k * start
}

let private methodOf
    name
    rule
    limit
    conditions
    bounds
    : Method<ISimilarOperator, Parameters, State, CompressorDraw * Mask> = {
    Name = name
    Summary =
        "g = mean Q_i[F_i(z) − F_i(w₋) + α(F_i(z) − F_i(z₋))] + F(w₋); z⁺ = z + p(w − z) − γg; w⁺ = z with probability p"
    Rule = rule
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "p" p.P
            Condition.atMost "p" p.P "1/3" (1.0 / 3.0)
            limit f p
            conditions f p
        ]
    Draw = fun f p -> Draw.both ((PermK.permK f.Count).Draw f.Count f.Dimension) (Draw.coin p.P)
    Init = fun _ _ z0 -> init z0
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun f _ (_, bit) ->
            let d = float f.Dimension

            [
                // F_i(z_k); every other value was computed in an earlier round.
                Charge.each Counter.OperatorCalls 1.0
                Charge.each Counter.Rounds 1.0
                Charge.whenHeads Counter.Rounds 1.0 bit
                Charge.each Counter.UplinkFloats ((PermK.permK f.Count).Floats f.Dimension)
                Charge.whenHeads Counter.UplinkFloats d bit
                Charge.each Counter.DownlinkFloats d
            ]
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds = bounds
}

let method =
    methodOf
        "OPT-MASHA"
        (fun f -> plainParameters (probability f) f)
        (fun f p -> Condition.atMost "γ" p.Gamma "min{1/(8L), √p/(2√2 δ), p/μ}" (plainGamma f p.P))
        (fun _ p -> {
            Text = $"α = 1, got {p.Alpha:G6}"
            Holds = p.Alpha = 1.0
        })
        (fun f p -> [
            Bounds.linear "VI-OPTMASHA.1: E V_k" true (plainLyapunov f p) (contraction f p)
            distanceBound "VI-OPTMASHA.1: E‖z_k − z*‖²" f p (8.0 / 7.0 * plainStart f p)
        ])

let damped =
    methodOf
        "OPT-MASHA with damped momentum"
        (fun f ->
            let p = probability f
            dampedParameters p (dampedGamma f p) f)
        (fun f p -> Condition.atMost "γ" p.Gamma "min{1/(4L), √p/(4δ), p/μ}" (dampedGamma f p.P))
        (fun f p ->
            let wanted = 1.0 - p.Gamma * f.Monotonicity / 4.0

            {
                Text = $"α = 1 − γμ/4 = {wanted:G6}, got {p.Alpha:G6}"
                Holds = abs (p.Alpha - wanted) <= Rounding.parameter
            })
        (fun f p -> [
            Bounds.linear "VI-OPTMASHA.5: E Ψ_k" true (dampedLyapunov f p) (contraction f p)
            distanceBound "VI-OPTMASHA.5: E‖z_k − z*‖²" f p (4.0 / 3.0 * dampedStart f p)
        ])

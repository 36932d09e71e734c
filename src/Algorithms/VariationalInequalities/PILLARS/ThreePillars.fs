/// THREE-PILLARS: similarity, compression and local steps; and TPAPP, its variant with partial participation.
///
/// Beznosikov, Takáč, Gasnikov, "Similarity, Compression and Local Steps: Three Pillars of Efficient Communications for
/// Distributed Variational Inequalities", 2023 (NeurIPS 2023), arXiv 2302.07615.
/// Problem: F = (1/n) Σ F_i, F μ-strongly monotone, F_1 (the server's) monotone and L_1-Lipschitz,
/// (1/n) Σ ‖D_i(u) − D_i(v)‖² ≤ δ²‖u − v‖² for D_i = F_i − F_1; D = F − F_1.
module Theory.Algorithms.VariationalInequalities.ThreePillars

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors

type Parameters = {
    Gamma: float
    /// Probability that the reference point moves.
    P: float
    /// EG steps H of the server's local solve; 0 solves exactly.
    LocalSteps: int
}

/// min{√(p/2)/δ, p/(2μ), (1−p)/μ}; any step serves a monotone problem of identical operators, 1/L among them.
let largestGamma (f: IServerOperator) p =
    let mu = f.Monotonicity

    let limit =
        min (sqrt (p / 2.0) / f.ServerSimilarity) (min (p / (2.0 * mu)) ((1.0 - p) / mu))

    if Double.IsFinite limit then limit else 1.0 / f.Lipschitz

/// The step of the monotone case, √(p/2)/δ.
let monotoneGamma (f: IServerOperator) p = sqrt (p / 2.0) / f.ServerSimilarity

/// p = 1/n, at most ½.
let probability (f: IFiniteSumOperator) = min (1.0 / float f.Count) 0.5

/// The exact local solve with the longest step for a given p.
let exactParameters p (f: IServerOperator) : Parameters = {
    Gamma = largestGamma f p
    P = p
    LocalSteps = 0
}

/// κ̂ = 1 + γL_1, the condition number of the local problem.
let localCondition (f: IServerOperator) gamma = 1.0 + gamma * f.ServerLipschitz

/// ‖r‖² ≤ (γμ(1−p)/8)‖u − z‖²: how small the residual of the local solve must be.
let tolerance (f: IServerOperator) (p: Parameters) =
    p.Gamma * f.Monotonicity * (1.0 - p.P) / 8.0

/// H = ⌈8κ̂ ln(1 + 1/t)⌉ with t = √(γμ(1−p)/8)/κ̂: enough local steps for the relative stopping rule; μ > 0.
let enoughSteps (f: IServerOperator) (p: Parameters) =
    let kappa = localCondition f p.Gamma
    int (ceil (8.0 * kappa * Math.Log(1.0 + kappa / sqrt (tolerance f p))))

/// The local solve by EG with enough steps. A merely monotone problem has no such number: κ̂ alone sets it.
let localParameters p (f: IServerOperator) : Parameters =
    let exact = exactParameters p f

    let steps =
        if f.Monotonicity > 0.0 then
            enoughSteps f exact
        else
            int (ceil (8.0 * localCondition f exact.Gamma))

    { exact with LocalSteps = steps }

type State = {
    /// The iterate z.
    Z: Block
    /// The reference point m, where F_1(m) … F_n(m) are known.
    M: Block
}

let init (z0: Block) : State = { Z = z0; M = z0 }

/// The local problem u + γF_1(u) − v = 0: 1-strongly monotone and (1+γL_1)-Lipschitz.
let localProblem (f: IServerOperator) gamma (v: Block) : IOperator = {
    new IOperator with
        member _.Operator u = u + gamma * f.Server u - v
        member _.Solution = f.Resolvent 0 gamma v
        member _.Lipschitz = localCondition f gamma
        member _.Monotonicity = 1.0
    interface IProblem with
        member _.Name = $"local problem of {f.Name}"
        member _.Dimension = f.Dimension
        member _.Constants = []
}

/// `steps` EG steps of size `share`/κ̂ on the local problem from u.
let localSteps (f: IServerOperator) gamma share steps (v: Block) (u: Block) : Block =
    let problem = localProblem f gamma (v.Materialise())
    let p: Extragradient.Parameters = { Gamma = share / problem.Lipschitz }

    let advance (u: Block) _ =
        (Extragradient.step problem p { Z = u }).Z.Materialise()

    Seq.fold advance u (seq { 1..steps })

/// The server's right side v = z + p(m − z) − γ(F(m) − F_1(m)).
let target (f: IServerOperator) (p: Parameters) (s: State) : Block =
    s.Z + p.P * (s.M - s.Z) - p.Gamma * (f.Operator s.M - f.Server s.M)

/// u ≈ (I + γF_1)⁻¹v, without communication.
let solve (f: IServerOperator) (p: Parameters) (s: State) : Block =
    let v = target f p s

    if p.LocalSteps = 0 then
        f.Resolvent 0 p.Gamma v
    else
        localSteps f p.Gamma 0.25 p.LocalSteps v s.Z

/// D_i(m) − D_i(u) for every i.
let differences (f: IServerOperator) (m: Block) (u: Block) : Block =
    (f.Operators m - f.Server m) - (f.Operators u - f.Server u)

/// z⁺ = u + γ·answer(differences of m and u); m⁺ = z when the bit shows 1.
let finishWith differences (answer: Block -> Block) (p: Parameters) (bit: Mask) (s: State) (u: Block) : State = {
    Z = u + p.Gamma * answer (differences s.M u)
    M = Block.choose bit s.Z s.M
}

/// The end of a step, after the server's solve.
let finish answer (f: IServerOperator) p bit s u =
    finishWith (differences f) answer p bit s u

/// Every device sends its share of the coordinates.
let compressed (f: IServerOperator) (draw: CompressorDraw) (a: Block) : Block =
    Block.mean ((PermK.permK f.Count).Apply draw a)

/// One device answers.
let partial (_: IServerOperator) (j: Indices) (a: Block) : Block = a.PickWorkers j

/// ‖z − z*‖² + ‖m − z*‖².
let lyapunov (f: IServerOperator) (s: State) =
    Block.normSquared (s.Z - f.Solution) + Block.normSquared (s.M - f.Solution)

/// 1 − γμ/2 of the exact solve.
let contraction (f: IServerOperator) (p: Parameters) = 1.0 - p.Gamma * f.Monotonicity / 2.0

/// 1 − (3/8)γμ of a solve within the relative stopping rule.
let inexactContraction (f: IServerOperator) (p: Parameters) =
    1.0 - 3.0 / 8.0 * p.Gamma * f.Monotonicity

/// (1/K) Σ_{k<K} E‖F(u_k)‖² ≤ 24δ²R0²/(pK).
let monotoneBound (f: IServerOperator) (p: Parameters) : RunBound<State> =
    Bounds.averaged
        "VI-PILLARS.8: mean of E‖F(u_k)‖²"
        true
        (fun s -> Block.normSquared (f.Operator(solve f p s)))
        (fun s -> Block.normSquared (s.Z - f.Solution))
        (24.0 * f.ServerSimilarity ** 2.0 / p.P)

let private bounds (f: IServerOperator) (p: Parameters) = [
    let exact = p.LocalSteps = 0

    if f.Monotonicity > 0.0 && exact then
        Bounds.linear "VI-PILLARS.1: E Φ_k" true (lyapunov f) (contraction f p)

    if f.Monotonicity > 0.0 && not exact && p.LocalSteps >= enoughSteps f p then
        Bounds.linear "VI-PILLARS.7: E Φ_k" true (lyapunov f) (inexactContraction f p)

    if f.Monotonicity = 0.0 && exact && f.ServerSimilarity > 0.0 then
        monotoneBound f p
]

let private conditions (f: IServerOperator) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.probability "p" p.P
    Condition.atMost "γ" p.Gamma "min{√(p/2)/δ, p/(2μ), (1−p)/μ}" (largestGamma f p.P)
    if p.LocalSteps > 0 then
        Condition.positive "μ" f.Monotonicity

        if f.Monotonicity > 0.0 then
            Condition.atMost "8κ̂ ln(1+1/t)" (float (enoughSteps f p)) "H" (float p.LocalSteps)
]

/// `sent` and `received` floats of one device in a round, on average; `asked` the share of devices that compute.
let private account (p: Parameters) d sent received asked bit = [
    Charge.each Counter.OperatorCalls asked
    Charge.whenHeads Counter.OperatorCalls 1.0 bit
    Charge.each Counter.Rounds 1.0
    Charge.whenHeads Counter.Rounds 1.0 bit
    Charge.each Counter.UplinkFloats sent
    Charge.whenHeads Counter.UplinkFloats d bit
    // u and F_1(u); in a full round also m⁺ and F_1(m⁺).
    Charge.each Counter.DownlinkFloats received
    Charge.whenHeads Counter.DownlinkFloats (2.0 * d) bit
    // The server's own work: EG takes two values of F_1 a step, an exact solve counts as one resolvent.
    Charge.each Counter.LocalSteps (float p.LocalSteps)
    Charge.each Counter.ComponentCalls (2.0 * float p.LocalSteps + 1.0)
    if p.LocalSteps = 0 then
        Charge.each Counter.ProxCalls 1.0
]

let private methodOf name summary rule draw answer cost : Method<IServerOperator, Parameters, State, 'D * Mask> = {
    Name = name
    Summary = summary
    Rule = rule
    Conditions = conditions
    Draw = fun f p -> Draw.both (draw f) (Draw.coin p.P)
    Init = fun _ _ z0 -> init z0
    Step = fun f p (outcome, bit) s -> finish (answer f outcome) f p bit s (solve f p s)
    Output = fun s -> s.Z
    Cost = fun f p (_, bit) -> cost f p bit
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds = bounds
}

let private pillars name rule =
    methodOf
        name
        "v = z + p(m − z) − γ(F − F_1)(m); u + γF_1(u) = v at the server; z⁺ = u + γ mean Q_i[D_i(m) − D_i(u)]; m⁺ = z with probability p"
        rule
        (fun f -> (PermK.permK f.Count).Draw f.Count f.Dimension)
        compressed
        (fun f p bit ->
            let d = float f.Dimension
            account p d ((PermK.permK f.Count).Floats f.Dimension) (2.0 * d) 1.0 bit)

let private participating name rule =
    methodOf
        name
        "v = z + p(m − z) − γ(F − F_1)(m); u + γF_1(u) = v at the server; z⁺ = u + γ[D_j(m) − D_j(u)] for one device j; m⁺ = z with probability p"
        rule
        (fun f -> Draw.index f.Count)
        partial
        (fun f p bit ->
            let d, n = float f.Dimension, float f.Count
            account p d (d / n) (2.0 * d / n) (1.0 / n) bit)

/// The compressed method with an exact local solve.
let method = pillars "THREE-PILLARS" (fun f -> exactParameters (probability f) f)

/// The compressed method with EG steps of the server.
let methodEG =
    pillars "THREE-PILLARS with EG steps" (fun f -> localParameters (probability f) f)

/// Partial participation with an exact local solve.
let tpapp = participating "TPAPP" (fun f -> exactParameters (probability f) f)

/// Partial participation with EG steps of the server.
let tpappEG =
    participating "TPAPP with EG steps" (fun f -> localParameters (probability f) f)

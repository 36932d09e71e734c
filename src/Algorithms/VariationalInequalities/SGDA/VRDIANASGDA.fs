/// VR-DIANA-SGDA: compressed differences with variance reduction on every worker.
///
/// Source and problem as in Parametric.fs; F = (1/n) Σ F_i over n workers, F_i = (1/m) Σ F_ij over worker i's components,
/// independent Q_i ∈ U(ω), z* unique. Components i·m … i·m + m − 1 of a finite sum are worker i's.
module Theory.Algorithms.VariationalInequalities.VRDIANASGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    Alpha: float
    /// Probability with which a worker renews its reference point.
    P: float
    /// n, a divisor of the number of components.
    Workers: int
    Compressor: Compressor
}

type State = {
    /// The iterate z.
    Z: Block
    /// The shifts h_1 … h_n, which learn F_i(z*).
    H: Block
    /// The workers' reference points w_1 … w_n.
    W: Block
    /// F_1(w_1) … F_n(w_n).
    Values: Block
}

/// m.
let components (f: IFiniteSumOperator) (workers: int) =
    if f.Count % workers <> 0 then
        invalidArg (nameof workers) $"{f.Count} components do not go evenly to {workers} workers."

    f.Count / workers

/// ‖·‖² of F_ij(w_i) − F_ij(z*), averaged over all components.
let componentSpread (f: IFiniteSumOperator) (p: Parameters) (w: Block) : Block =
    let m = components f p.Workers
    let owner = Indices.Constant(p.Workers, Array.init f.Count (fun at -> at / m))
    Block.meanNormSquared (f.Operators(w.PickWorkers owner) - f.Operators f.Solution)

/// The workers' averages of all components' values.
let averageOf (workers: int) (values: Block) : Block =
    let m = values.Workers / workers
    Block.ConcatWorkers(Array.init workers (fun i -> Block.mean (values.SliceWorkers(i * m, m))))

/// F_i(w_i) for every worker; one point serves all.
let workerOperators (f: IFiniteSumOperator) (workers: int) (w: Block) : Block =
    let m = components f workers

    let points =
        if w.Workers = 1 then
            w
        else
            w.PickWorkers(Indices.Constant(workers, Array.init f.Count (fun at -> at / m)))

    averageOf workers (f.Operators points)

/// The least divisor of the number of components above 1: a few workers with several components each where possible.
let private workersFor (f: IFiniteSumOperator) =
    Seq.init f.Count (fun i -> i + 1)
    |> Seq.tryFind (fun n -> n > 1 && f.Count % n = 0)
    |> Option.defaultValue 1

/// 1/(ℓ + (36ω+6)ℓ̃/n), ℓ̃ the averaged cocoercivity of the components.
let gamma (f: IFiniteSumOperator) (workers: int) (w: float) =
    1.0
    / (Cocoercivity.star f + (36.0 * w + 6.0) * Cocoercivity.averaged f / float workers)

/// α = 1/(1+ω), p = 1/m and that stepsize, for given workers.
let parametersFor (compressor: Compressor) (workers: int) (f: IFiniteSumOperator) : Parameters =
    let w = QSGDA.omega f compressor

    {
        Gamma = gamma f workers w
        Alpha = 1.0 / (1.0 + w)
        P = 1.0 / float (components f workers)
        Workers = workers
        Compressor = compressor
    }

/// h_i = 0, w_i = z.
let init (f: IFiniteSumOperator) (p: Parameters) (z0: Block) : State = {
    Z = z0
    H = Block.zeros p.Workers z0.Lanes f.Dimension
    W = Block.repeatWorkers p.Workers z0
    Values = workerOperators f p.Workers z0
}

/// Each worker's own drawn component in the finite sum.
let private ownComponent (m: int) (bound: int) (j: Indices) (worker: int) =
    Indices(1, j.Lanes, 1, bound, Array.init j.Lanes (fun lane -> worker * m + j.At(worker, lane)[0]))

/// ĝ_i = F_ij(z) − F_ij(w_i) + F_i(w_i).
let localEstimate (f: IFiniteSumOperator) (p: Parameters) (j: Indices) (s: State) : Block =
    let m = components f p.Workers

    let difference i =
        let own = ownComponent m f.Count j i
        f.OperatorAt own s.Z - f.OperatorAt own (s.W.Worker i)

    Block.ConcatWorkers(Array.init p.Workers difference) + s.Values

/// What a step draws: each worker's component and coin, and the compressors' randomness.
type Outcome = Indices * Mask * CompressorDraw

let step (f: IFiniteSumOperator) (p: Parameters) (j: Indices, renew: Mask, draw: CompressorDraw) (s: State) : State =
    let m = p.Compressor.Apply draw (localEstimate f p j s - s.H)
    let g = Block.mean (s.H + m)

    {
        Z = s.Z - p.Gamma * g
        H = s.H + p.Alpha * m
        W = Block.choose renew s.Z s.W
        Values = Branch.choose renew (fun () -> workerOperators f p.Workers s.Z) (fun () -> s.Values)
    }

/// z*, h_i* = F_i(z*), w_i = z*.
let fixedPoint (f: IFiniteSumOperator) (p: Parameters) : State =
    let start = init f p f.Solution
    { start with H = start.Values }

/// (1/n) Σ ‖h_i − F_i(z*)‖².
let shiftError (f: IFiniteSumOperator) (p: Parameters) (s: State) =
    Block.meanNormSquared (s.H - workerOperators f p.Workers f.Solution)

/// V = ‖z−z*‖² + γ²M_1·shiftError + γ²M_2·componentSpread, M_1 = 4ω/(nα), M_2 = (20ω+4)/(np).
let lyapunov (f: IFiniteSumOperator) (p: Parameters) (s: State) =
    let n, w = float p.Workers, QSGDA.omega f p.Compressor

    Block.normSquared (s.Z - f.Solution)
    + (p.Gamma ** 2.0 * 4.0 * w / (n * p.Alpha)) * shiftError f p s
    + (p.Gamma ** 2.0 * (20.0 * w + 4.0) / (n * p.P)) * componentSpread f p s.W

/// 1 − min{γμ, α/2, p/2}.
let contraction (f: IFiniteSumOperator) (p: Parameters) =
    1.0 - min (p.Gamma * f.Monotonicity) (min (p.Alpha / 2.0) (p.P / 2.0))

let private conditions (f: IFiniteSumOperator) (p: Parameters) =
    let w = QSGDA.omega f p.Compressor

    [
        Condition.positive "γ" p.Gamma
        Condition.atMost "γ" p.Gamma "1/(ℓ+(36ω+6)ℓ̃/n)" (gamma f p.Workers w)
        Condition.positive "α" p.Alpha
        Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + w))
        Condition.probability "p" p.P
    ]

let methodWith (compressor: IProblem -> Compressor) : Method<IFiniteSumOperator, Parameters, State, Outcome> = {
    Name = "VR-DIANA-SGDA"
    Summary =
        "ĝ_i = F_ij(z) − F_ij(w_i) + F_i(w_i); m_i = Q_i(ĝ_i − h_i); z⁺ = z − γ·mean(h_i + m_i); h_i⁺ = h_i + αm_i; w_i⁺ = z with probability p"
    Rule = fun f -> parametersFor (compressor f) (workersFor f) f
    Conditions = conditions
    Draw =
        fun f p ->
            Draw.three
                (Draw.subsets p.Workers 1 (components f p.Workers))
                (Draw.coins p.Workers p.P)
                (p.Compressor.Draw p.Workers f.Dimension)
    Init = init
    Step = step
    Output = fun s -> s.Z
    Cost =
        fun f p (_, renew, _) -> [
            // Of one worker: two of its components, and all of them where its own coin shows heads.
            Charge.each Counter.ComponentCalls 2.0
            Charge.whenHeads Counter.OperatorCalls 1.0 renew
            yield! QSGDA.cost f p.Compressor
        ]
    FixedPoint = fun f p -> Some(fixedPoint f p)
    Bounds =
        fun f p -> [
            if f.Monotonicity > 0.0 && conditions f p |> List.forall (fun c -> c.Holds) then
                Bounds.linear "VI-SGDA.11: E V_k" true (lyapunov f p) (contraction f p)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = methodWith (fun f -> randK (tenth f.Dimension))

/// The F_i(w_i) are stored.
let keeps (f: IFiniteSumOperator) (p: Parameters) (s: State) =
    s.Values - workerOperators f p.Workers s.W

/// A (the paper's) ℓ/2 + ℓ̃/n + ω(ℓ̂+ℓ̃)/n, B = 2(ω+1)/n, C = pℓ̃/2 + α(ℓ̃+ℓ̂), ρ = α; ℓ̂ is the averaged cocoercivity of the F_i.
let constants (f: IFiniteSumOperator) (p: Parameters) (workersAveraged: float) : Constants =
    let n, w = float p.Workers, QSGDA.omega f p.Compressor
    let all = Cocoercivity.averaged f

    {
        A = Cocoercivity.star f / 2.0 + all / n + w * (workersAveraged + all) / n
        B = 2.0 * (w + 1.0) / n
        C = p.P * all / 2.0 + p.Alpha * (all + workersAveraged)
        D1 = 0.0
        D2 = 0.0
        Rho = p.Alpha
    }

/// The method with its parameters under the paper's assumption, σ² the sum of both errors.
let caseOf (f: IFiniteSumOperator) (p: Parameters) (workersAveraged: float) : Case<State, Outcome> = {
    Operator = f
    Gamma = p.Gamma
    Process = Method.on f p method
    Centre = fixedPoint f p
    Keeps = Some(keeps f p)
    Iterate = fun s -> s.Z
    WithIterate = fun z s -> { s with Z = z }
    Sigma = fun s -> shiftError f p s + componentSpread f p s.W
    Constants = constants f p workersAveraged
}

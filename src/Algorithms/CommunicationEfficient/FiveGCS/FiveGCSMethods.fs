/// 5GCS: local training with sampled clients; exact proximal steps, a fixed number of local gradient steps, or gradient steps
/// until a test that each client makes alone.
///
/// Grudzień, Malinovsky, Richtárik, "Can 5th Generation Local Training Methods Support Client Sampling? Yes!", AISTATS
/// 2023, arXiv 2212.14370.
module Theory.Algorithms.CommunicationEfficient.FiveGCSMethods

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DualSplitting

type Parameters = {
    Gamma: float
    Tau: float
    /// μ, of the splitting.
    Mu: float
    /// L_F.
    DualSmoothness: float
    /// C.
    Cohort: int
    /// K, or the most steps of a client that tests; 0 for exact proximal steps.
    LocalSteps: int
}

/// τ = (8/3)√(Lμ/(MC)).
let paperTau (f: IStronglyConvexSum) (cohort: int) =
    8.0 / 3.0
    * sqrt (Array.max f.Smoothnesses * convexity f / float (f.Count * cohort))

/// K = ⌈((3/4)√(CL/(Mμ)) + 2) ln(4L/μ)⌉.
let paperSteps (f: IStronglyConvexSum) (cohort: int) =
    let kappa = Array.max f.Smoothnesses / convexity f

    int (ceil ((0.75 * sqrt (float cohort * kappa / float f.Count) + 2.0) * log (4.0 * kappa)))

/// Exact proximal steps: γ = 1/(τM).
let exactly (f: IStronglyConvexSum) (cohort: int) (tau: float) : Parameters = {
    Gamma = 1.0 / (tau * float f.Count)
    Tau = tau
    Mu = convexity f
    DualSmoothness = dualSmoothness f
    Cohort = cohort
    LocalSteps = 0
}

/// Inexact ones: γ = 1/(2τM).
let inexactly (f: IStronglyConvexSum) (cohort: int) (tau: float) (steps: int) : Parameters = {
    exactly f cohort tau with
        Gamma = 1.0 / (2.0 * tau * float f.Count)
        LocalSteps = steps
}

/// Half of the clients take part unless another cohort is asked for.
let usualCohort (f: IFiniteSum) = max 1 (f.Count / 2)

/// The round after the clients of the cohort have found y_m and computed ∇F_m(y_m), from x̂.
let advance (clients: int) (p: Parameters) (cohort: Mask) (fresh: Block) (xHat: Block) (s: State) : State =
    let u = Block.choose cohort fresh s.U
    let moved = Block.sum u - Block.sum s.U

    {
        X = xHat - (p.Gamma * float clients / float p.Cohort) * moved
        U = u
    }

/// One round with a local solver x̂, u ↦ y.
let round (f: IFiniteSum) (p: Parameters) (solve: Block -> Block -> Block) (cohort: Mask) (s: State) : State =
    let xHat = (serverProx p.Mu p.Gamma s).Materialise()
    let y = solve xHat s.U
    advance f.Count p cohort (dualGradients f p.Mu y) xHat s

let exactSolver (f: IClientProx) (p: Parameters) (xHat: Block) (u: Block) : Block =
    prox f p.Mu (Array.create f.Count p.Tau) xHat u

let gradientSolver (f: IFiniteSum) (p: Parameters) (xHat: Block) (u: Block) : Block =
    descend f p.Mu p.DualSmoothness p.Tau p.LocalSteps xHat u

let testedSolver (f: IFiniteSum) (p: Parameters) (xHat: Block) (u: Block) : Block =
    descendUntil f p.Mu p.DualSmoothness p.Tau p.LocalSteps xHat u |> fst

/// (M/C)(1/τ + share/L_F).
let dualWeight (f: IFiniteSum) (p: Parameters) (share: float) =
    float f.Count / float p.Cohort * (1.0 / p.Tau + share / p.DualSmoothness)

/// Ψ of CE-5GCS.1 with share = 2, of CE-5GCS.2 with share = 1.
let psi (f: IFiniteSum) (p: Parameters) (share: float) : State -> Block =
    lyapunov f p.Mu p.Gamma (Array.create f.Count (dualWeight f p share))

/// max{1/(1+2γμ), 1 − (C/M)·2τ/(L_F+2τ)}.
let exactContraction (f: IFiniteSum) (p: Parameters) =
    max
        (1.0 / (1.0 + 2.0 * p.Gamma * p.Mu))
        (1.0
         - float p.Cohort / float f.Count * 2.0 * p.Tau / (p.DualSmoothness + 2.0 * p.Tau))

/// 1 − min{γμ/(1+γμ), (C/M)τ/(L_F+τ)}.
let inexactContraction (f: IFiniteSum) (p: Parameters) =
    let primal = p.Gamma * p.Mu / (1.0 + p.Gamma * p.Mu)

    1.0
    - min primal (float p.Cohort / float f.Count * p.Tau / (p.DualSmoothness + p.Tau))

let private conditions (f: IStronglyConvexSum) (p: Parameters) (product: float) = [
    Condition.positive "γ" p.Gamma
    Condition.positive "τ" p.Tau
    Condition.atMost "γτM" (p.Gamma * p.Tau * float f.Count) $"{product}" product
    Condition.positive "C" (float p.Cohort)
    Condition.atMost "C" (float p.Cohort) "M" (float f.Count)
    Condition.atMost "μ" p.Mu "min μ_m" (convexity f)
    Condition.atMost "(L−μ)/M" ((Array.max f.Smoothnesses - p.Mu) / float f.Count) "L_F" p.DualSmoothness
]

/// What a round costs with `gradients` local gradients of each client that takes part: x̂ goes down to C clients, C vectors
/// come back.
let cost (f: IFiniteSum) (cohort: int) (gradients: int) : Charge list =
    let share = float cohort / float f.Count

    [
        Charge.each Counter.Rounds 1.0
        Charge.each Counter.Messages (float cohort)
        Charge.each Counter.UplinkFloats (float f.Dimension)
        Charge.each Counter.UplinkBits (identity.Bits f.Dimension)
        Charge.each Counter.DownlinkFloats (float f.Dimension)
        Charge.each Counter.LocalSteps (float gradients)
        // One gradient of every client's function is a unit; only the cohort computes.
        Charge.each Counter.Gradients (share * float (gradients + 1))
    ]

/// Exact proximal steps.
let exact: Method<IClientProx, Parameters, State, Mask> = {
    Name = "5GCS"
    Summary =
        "x̂ = (x−γv)/(1+γμ); a cohort solves its local problems exactly and sets u_m⁺ = ∇F_m(y_m); x⁺ = x̂ − γ(M/C)(v⁺−v)"
    Rule = fun f -> exactly f (usualCohort f) (paperTau f (usualCohort f))
    Conditions = fun f p -> conditions f p 1.0
    Draw = fun f p -> cohort f.Count p.Cohort
    Init = fun f _ x0 -> init f x0
    Step = fun f p chosen s -> round f p (exactSolver f p) chosen s
    Output = fun s -> s.X
    Cost =
        fun f p _ ->
            Charge.each Counter.ProxCalls (float p.Cohort / float f.Count)
            :: cost f p.Cohort 0
    FixedPoint = fun f p -> Some(fixedPoint f p.Mu)
    Bounds =
        fun f p -> [
            if p.DualSmoothness > 0.0 then
                Bounds.linear "CE-5GCS.1: E Ψ_t" true (psi f p 2.0) (exactContraction f p)
        ]
}

/// K local gradient steps.
let inexact: Method<IStronglyConvexSum, Parameters, State, Mask> = {
    Name = "5GCS with local gradient steps"
    Summary = "as 5GCS, each client of the cohort making K gradient steps on its local problem from x̂"
    Rule = fun f -> inexactly f (usualCohort f) (paperTau f (usualCohort f)) (paperSteps f (usualCohort f))
    Conditions =
        fun f p ->
            conditions f p 0.5
            @ [
                Condition.atMost "K of the paper" (float (paperSteps f p.Cohort)) "K" (float p.LocalSteps)
            ]
    Draw = fun f p -> cohort f.Count p.Cohort
    Init = fun f _ x0 -> init f x0
    Step = fun f p chosen s -> round f p (gradientSolver f p) chosen s
    Output = fun s -> s.X
    Cost = fun f p _ -> cost f p.Cohort p.LocalSteps
    FixedPoint = fun f p -> Some(fixedPoint f p.Mu)
    Bounds =
        fun f p -> [
            if p.DualSmoothness > 0.0 then
                Bounds.linear "CE-5GCS.2: E Ψ_t" true (psi f p 1.0) (inexactContraction f p)
        ]
}

/// Gradient steps until the client's own test. Their number depends on the state, so the account holds what every client
/// computes at least: the gradients of the test and of the dual update.
let tested: Method<IStronglyConvexSum, Parameters, State, Mask> = {
    inexact with
        Name = "5GCS with tested local steps"
        Summary = "as 5GCS, each client of the cohort making gradient steps until L_F‖∇ψ_m(y)‖² ≤ (τ/2)‖∇F_m(y) − u_m‖²"
        Rule =
            fun f ->
                let cohort = usualCohort f
                let p = inexactly f cohort (paperTau f cohort) 0

                {
                    p with
                        LocalSteps = max 50 (4 * enoughSteps p.DualSmoothness p.Tau)
                }
        Conditions = fun f p -> conditions f p 0.5
        Step = fun f p chosen s -> round f p (testedSolver f p) chosen s
        Cost = fun f p _ -> cost f p.Cohort 0
        Bounds =
            fun f p -> [
                if p.DualSmoothness > 0.0 then
                    Bounds.linear "CE-5GCS.5: E Ψ_t" true (psi f p 1.0) (inexactContraction f p)
            ]
}

/// 5GCS-CC: 5GCS with compressed dual differences.
///
/// Grudzień, Malinovsky, Richtárik, "Improving Accelerated Federated Learning with Compression and Importance Sampling",
/// 2023, arXiv 2306.03240.
module Theory.Algorithms.CommunicationEfficient.CompressedFiveGCS

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.DualSplitting

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    Tau: float
    /// μ, of the splitting.
    Mu: float
    /// L_F.
    DualSmoothness: float
    /// C.
    Cohort: int
    /// K; 0 for exact proximal steps.
    LocalSteps: int
    Compressor: Compressor
}

/// Exact proximal steps: γ = 1/(τM(1 + ω/C)).
let exactly (f: IStronglyConvexSum) (compressor: Compressor) (cohort: int) (tau: float) : Parameters =
    let omega = omegaOf compressor f.Dimension

    {
        Gamma = 1.0 / (tau * float f.Count * (1.0 + omega / float cohort))
        Tau = tau
        Mu = convexity f
        DualSmoothness = dualSmoothness f
        Cohort = cohort
        LocalSteps = 0
        Compressor = compressor
    }

/// Inexact ones: γ = 1/(2τM(1 + ω/C)).
let inexactly (f: IStronglyConvexSum) compressor (cohort: int) (tau: float) (steps: int) : Parameters =
    let p = exactly f compressor cohort tau

    {
        p with
            Gamma = 0.5 * p.Gamma
            LocalSteps = steps
    }

let private omega (f: IFiniteSum) (p: Parameters) = omegaOf p.Compressor f.Dimension

/// The round after the clients of the cohort have found y_m and computed ∇F_m(y_m), from x̂.
let advance
    (f: IFiniteSum)
    (p: Parameters)
    (cohort: Mask, draw: CompressorDraw)
    (fresh: Block)
    (xHat: Block)
    (s: State)
    : State =
    let difference = (fresh - s.U).Materialise()

    let sent =
        Block.choose cohort (p.Compressor.Apply draw difference) (0.0 * difference)

    {
        X = xHat - (p.Gamma * float f.Count / float p.Cohort) * Block.sum sent
        U = s.U + (1.0 / (1.0 + omega f p)) * sent
    }

let round (f: IFiniteSum) (p: Parameters) (solve: Block -> Block -> Block) outcome (s: State) : State =
    let xHat = (serverProx p.Mu p.Gamma s).Materialise()
    advance f p outcome (dualGradients f p.Mu (solve xHat s.U)) xHat s

/// Ψ of CE-5GCSCC.1 with share = 2, of CE-5GCSCC.5 with share = 1.
let psi (f: IFiniteSum) (p: Parameters) (share: float) : State -> Block =
    let weight =
        float f.Count * (1.0 + omega f p) / float p.Cohort
        * (1.0 / p.Tau + share / p.DualSmoothness)

    lyapunov f p.Mu p.Gamma (Array.create f.Count weight)

/// C/(M(1+ω)).
let private learned (f: IFiniteSum) (p: Parameters) =
    float p.Cohort / (float f.Count * (1.0 + omega f p))

/// max{1/(1+2γμ), 1 − (C/(M(1+ω)))·2τ/(L_F+2τ)}.
let exactContraction (f: IFiniteSum) (p: Parameters) =
    max (1.0 / (1.0 + 2.0 * p.Gamma * p.Mu)) (1.0 - learned f p * 2.0 * p.Tau / (p.DualSmoothness + 2.0 * p.Tau))

/// 1 − min{γμ/(1+γμ), (C/(M(1+ω)))τ/(L_F+τ)}.
let inexactContraction (f: IFiniteSum) (p: Parameters) =
    1.0
    - min (p.Gamma * p.Mu / (1.0 + p.Gamma * p.Mu)) (learned f p * p.Tau / (p.DualSmoothness + p.Tau))

let private conditions (f: IStronglyConvexSum) (p: Parameters) (product: float) = [
    Condition.positive "γ" p.Gamma
    Condition.positive "τ" p.Tau
    Condition.atMost
        "γτM(1+ω/C)"
        (p.Gamma * p.Tau * float f.Count * (1.0 + omega f p / float p.Cohort))
        $"{product}"
        product
    Condition.positive "C" (float p.Cohort)
    Condition.atMost "C" (float p.Cohort) "M" (float f.Count)
    Condition.atMost "μ" p.Mu "min μ_m" (convexity f)
    Condition.atMost "(L−μ)/M" ((Array.max f.Smoothnesses - p.Mu) / float f.Count) "L_F" p.DualSmoothness
]

/// A round of 5GCS with compressed vectors up.
let private cost (f: IFiniteSum) (p: Parameters) : Charge list =
    let others =
        FiveGCSMethods.cost f p.Cohort p.LocalSteps
        |> List.filter (fun c -> c.Counter <> Counter.UplinkFloats && c.Counter <> Counter.UplinkBits)

    Charge.each Counter.UplinkFloats (p.Compressor.Floats f.Dimension)
    :: Charge.each Counter.UplinkBits (p.Compressor.Bits f.Dimension)
    :: others

let private usual (f: IStronglyConvexSum) =
    let cohort = FiveGCSMethods.usualCohort f
    randK (tenth f.Dimension), cohort, FiveGCSMethods.paperTau f cohort

let private draw (f: IFiniteSum) (p: Parameters) =
    Draw.both (cohort f.Count p.Cohort) (p.Compressor.Draw f.Count f.Dimension)

/// Exact proximal steps; Rand-k, k a tenth of the dimension.
let exact: Method<IClientProx, Parameters, State, Mask * CompressorDraw> = {
    Name = "5GCS-CC"
    Summary =
        "as 5GCS with ū_m = ∇F_m(y_m): u_m⁺ = u_m + Q_m(ū_m−u_m)/(1+ω); x⁺ = x̂ − γ(M/C)Σ Q_m(ū_m−u_m) over the cohort"
    Rule =
        fun f ->
            let compressor, cohort, tau = usual f
            exactly f compressor cohort tau
    Conditions = fun f p -> conditions f p 1.0
    Draw = fun f p -> draw f p
    Init = fun f _ x0 -> init f x0
    Step = fun f p outcome s -> round f p (prox f p.Mu (Array.create f.Count p.Tau)) outcome s
    Output = fun s -> s.X
    Cost = fun f p _ -> Charge.each Counter.ProxCalls (float p.Cohort / float f.Count) :: cost f p
    FixedPoint = fun f p -> Some(fixedPoint f p.Mu)
    Bounds =
        fun f p -> [
            if p.DualSmoothness > 0.0 then
                Bounds.linear "CE-5GCSCC.1: E Ψ_t" true (psi f p 2.0) (exactContraction f p)
        ]
}

/// K local gradient steps.
let inexact: Method<IStronglyConvexSum, Parameters, State, Mask * CompressorDraw> = {
    Name = "5GCS-CC with local gradient steps"
    Summary = "as 5GCS-CC, each client of the cohort making K gradient steps on its local problem from x̂"
    Rule =
        fun f ->
            let compressor, cohort, tau = usual f
            inexactly f compressor cohort tau (FiveGCSMethods.paperSteps f cohort)
    Conditions =
        fun f p ->
            conditions f p 0.5
            @ [
                Condition.atMost "K of 5GCS" (float (FiveGCSMethods.paperSteps f p.Cohort)) "K" (float p.LocalSteps)
            ]
    Draw = fun f p -> draw f p
    Init = fun f _ x0 -> init f x0
    Step = fun f p outcome s -> round f p (descend f p.Mu p.DualSmoothness p.Tau p.LocalSteps) outcome s
    Output = fun s -> s.X
    Cost = fun f p _ -> cost f p
    FixedPoint = fun f p -> Some(fixedPoint f p.Mu)
    Bounds =
        fun f p -> [
            if p.DualSmoothness > 0.0 then
                Bounds.linear "CE-5GCSCC.5: E Ψ_t" true (psi f p 1.0) (inexactContraction f p)
        ]
}

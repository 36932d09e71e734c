/// Regularised client participation: in a meta-epoch every client takes part once, in cohorts; beside it independent cohorts.
///
/// Malinovsky, Horváth, Burlachenko, Richtárik, "Federated Learning with Regularized Client Participation", 2023, arXiv
/// 2302.03662. Problem: f = (1/(MN)) ΣΣ f_m^i over M clients with N samples each, every f_m^i L-smooth and μ-strongly convex.
module Theory.Algorithms.CommunicationEfficient.RcpCohorts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// C clients a round; C divides M.
    Cohort: int
}

type State = {
    /// The server's iterate x.
    X: Block
}

/// L of the samples.
let largest (f: IWeightedClients) = Array.max f.SampleSmoothnesses

/// M and N.
let sizes (f: IWeightedClients) = f.Sizes.Length, f.Sizes[0]

/// R = M/C.
let rounds (f: IWeightedClients) (p: Parameters) = f.Sizes.Length / p.Cohort

/// γ = 1/L and the largest C ≤ M/2 that divides M.
let parameters (f: IWeightedClients) : Parameters =
    let m = f.Sizes.Length

    {
        Gamma = 1.0 / largest f
        Cohort =
            seq { m / 2 .. -1 .. 1 }
            |> Seq.tryFind (fun c -> m % c = 0)
            |> Option.defaultValue 1
    }

/// Every client of the cohort passes over its samples from x; the server averages. Clients that no lane asks for stay idle.
let round (f: IWeightedClients) (p: Parameters) (orders: Indices[][]) (cohort: Mask) (x: Block) : Block =
    let ends =
        Array.init f.Sizes.Length (fun i ->
            if Seq.exists (fun lane -> cohort[i, lane]) (seq { 0 .. cohort.Lanes - 1 }) then
                SamplePasses.last (f.SampleGradient i) p.Gamma orders[i] f.Sizes[i] x
            else
                x)

    let all = Block.ConcatWorkers ends
    Block.sum (Block.choose cohort all (0.0 * all)) / float p.Cohort

/// The r-th cohort of an ordered partition.
let cohortOf (size: int) (r: int) (partition: Indices) : Mask =
    Participation.members partition.Bound (Draws.slice (r * size) size partition)

let private conditions (f: IWeightedClients) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "1/L" (1.0 / largest f)
    {
        Text = $"C divides M = {f.Sizes.Length}, got {p.Cohort}"
        Holds = p.Cohort > 0 && f.Sizes.Length % p.Cohort = 0
    }
    {
        Text = "all clients have the same number of samples"
        Holds = f.Sizes |> Array.forall ((=) f.Sizes[0])
    }
]

/// ζ² = (1/M)Σ‖∇f_m(x*)‖² and σ² = (1/(MN))ΣΣ‖∇f_m^i(x*)−∇f_m(x*)‖².
let heterogeneity (f: IWeightedClients) : struct (float * float) =
    let own = f.ClientGradients f.Minimiser
    let zeta = (Block.lanes (Block.meanNormSquared own))[0]

    let spread m =
        Array.init f.Sizes[m] (fun i ->
            let g = f.SampleGradient m (Indices.Constant(f.Sizes[m], i)) f.Minimiser
            (Block.lanes (Block.normSquared (g - own.Worker m)))[0])
        |> Array.average

    struct (zeta, Array.init f.Sizes.Length spread |> Array.average)

/// L[(N²R²/(4(M−1))+(N−1)²)ζ²+(N²/(4(N−1)))σ²]: σ_RCP² is at most this for uniform cohorts and orders. One client has ζ = 0, one
/// sample σ = 0.
let radiusBound (f: IWeightedClients) (p: Parameters) : float =
    let m, n = sizes f
    let r = float (rounds f p)
    let struct (zeta, sigma) = heterogeneity f
    let square = float n ** 2.0

    largest f
    * ((square * r ** 2.0 / (4.0 * float (max 1 (m - 1))) + float (n - 1) ** 2.0)
       * zeta
       + square / (4.0 * float (max 1 (n - 1))) * sigma)

/// (1−γμ)^{NR}.
let contraction (f: IWeightedClients) (p: Parameters) =
    let _, n = sizes f
    (1.0 - p.Gamma * f.SampleConvexity) ** float (n * rounds f p)

/// ‖x − x*‖².
let distance (f: IObjective) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// CE-RCP.1 with a radius σ_RCP²: E‖x_T−x*‖² ≤ (1−γμ)^{NRT}‖x_0−x*‖² + 2γ²σ_RCP²/μ.
let bound (f: IWeightedClients) (p: Parameters) (radius: float) : RunBound<State> =
    Bounds.linearToFloor
        "CE-RCP.1: E‖x_T − x*‖²"
        true
        (distance f)
        (contraction f p)
        (2.0 * p.Gamma ** 2.0 * radius / f.SampleConvexity)

/// What clients that take part send and compute, `share` of the M a step.
let private account (f: IWeightedClients) (clients: float) (rounds: float) : Charge list =
    let share = clients / float f.Sizes.Length
    let samples = share * Array.averageBy float f.Sizes
    let d = float f.Dimension

    [
        Charge.each Counter.ComponentGradients samples
        Charge.each Counter.LocalSteps samples
        Charge.each Counter.Rounds rounds
        Charge.each Counter.Messages clients
        Charge.each Counter.UplinkFloats (share * d)
        Charge.each Counter.UplinkBits (share * Compressors.Sparsifiers.identity.Bits f.Dimension)
        Charge.each Counter.DownlinkFloats (share * d)
    ]

/// A meta-epoch through given cohorts and orders.
let metaEpoch (f: IWeightedClients) (p: Parameters) (partition: Indices, orders: Indices[][]) (s: State) : State =
    let next x r =
        round f p orders (cohortOf p.Cohort r partition) x

    {
        X = Seq.fold next s.X (seq { 0 .. rounds f p - 1 })
    }

let regularised: Method<IWeightedClients, Parameters, State, Indices * Indices[][]> = {
    Name = "RCP"
    Summary =
        "a meta-epoch: a random partition into cohorts; each in turn: every client one reshuffled pass y ← y − γ∇f_m^i(y) from x, x⁺ = the cohort's mean"
    Rule = parameters
    Conditions = conditions
    Draw = fun f p -> Draw.both (Draws.cohorts p.Cohort f.Sizes.Length) (SamplePasses.draw f.Sizes 1)
    Init = fun _ _ x0 -> { X = x0 }
    Step = metaEpoch
    Output = fun s -> s.X
    Cost = fun f p _ -> account f (float f.Sizes.Length) (float (rounds f p))
    // Samples and cohorts disagree at x*.
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if f.SampleConvexity > 0.0 && conditions f p |> List.forall (fun c -> c.Holds) then
                bound f p (radiusBound f p)
        ]
}

/// FedAvg with an independent uniform cohort each round; a step is one round.
let independent: Method<IWeightedClients, Parameters, State, Mask * Indices[][]> = {
    Name = "FedAvg with sampled cohorts"
    Summary = "a round: C uniform clients, every one a reshuffled pass from x; x⁺ = their mean"
    Rule = parameters
    Conditions = conditions
    Draw = fun f p -> Draw.both (Participation.nice p.Cohort f.Sizes.Length).Draw (SamplePasses.draw f.Sizes 1)
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f p (cohort, orders) s -> { X = round f p orders cohort s.X }
    Output = fun s -> s.X
    Cost = fun f p _ -> account f (float p.Cohort) 1.0
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

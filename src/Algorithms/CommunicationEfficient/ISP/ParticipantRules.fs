/// Rounds of sampled clients whose number adapts: a rule by heterogeneity, and ISP's probes of the server's loss.
///
/// Skorik, Dorofeev, Molodtsov, Avetisyan, Bylinkin, Medyakov, Beznosikov, "Communication-Efficient Federated Learning with
/// Adaptive Number of Participants", 2025, arXiv 2508.13803, and its public code.
/// Problem: f = (1/n) Σ f_i; a round with s clients is x⁺ = x + (1/s) Σ_{i∈S} Δ_i, here Δ_i = −γ∇f_i(x); the server's loss F is
/// f. What a lane sends depends on its own state, so uploads are counted in the state, not in the account of a step.
module Theory.Algorithms.CommunicationEfficient.ParticipantRules

open Theory
open Theory.Numerics
open Theory.Algorithms

/// 1/s for the clients whose rank is below the lane's s, 0 for the others: n × lanes × 1.
let weights (engine: IEngine) (clients: int) (ranks: int[][]) (sizes: int[]) : Block =
    let lanes = sizes.Length

    Block
        .Own(
            Shape.Vector(clients, lanes, 1),
            Array.init (clients * lanes) (fun at ->
                let i, lane = at / lanes, at % lanes

                if ranks[lane].[i] < sizes[lane] then
                    1.0 / float sizes[lane]
                else
                    0.0)
        )
        .On
        engine

/// One number per lane as a block.
let perLane (engine: IEngine) (values: float[]) : Block =
    (Block.Own(Shape.Vector(1, values.Length, 1), values)).On engine

/// The numbers of a block of one number per lane, stretched to the lanes of a run.
let numbers lanes (x: Block) = Block.lanes (Block.stretch lanes x)

// ---- A fixed number of clients ---------------------------------------------------------------------------------

type FixedParameters = {
    /// γ, the stepsize.
    Gamma: float
    /// s, the clients of every round.
    Participants: int
}

type FixedState = {
    /// The iterate x.
    X: Block
}

/// x⁺ = x − (γ/s) Σ_{i∈S} ∇f_i(x).
let fixedStep (f: IFiniteSum) (p: FixedParameters) (drawn: Indices) (s: FixedState) : FixedState =
    let takesPart = Participation.members f.Count drawn

    {
        X =
            s.X
            - (p.Gamma / float p.Participants)
              * LocalPasses.sumOver takesPart (f.Gradients s.X)
    }

/// Half of the clients, γ = 1/(2L).
let fixedMethod: Method<IFiniteSum, FixedParameters, FixedState, Indices> = {
    Name = "FedSGD, fixed participants"
    Summary = "s of n clients, drawn uniformly: x⁺ = x − (γ/s) Σ ∇f_i(x)"
    Rule =
        fun f -> {
            Gamma = 0.5 / f.Smoothness
            Participants = (f.Count + 1) / 2
        }
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.positive "s" (float p.Participants)
            Condition.atMost "s" (float p.Participants) "n" (float f.Count)
        ]
    Draw = fun f p -> LocalPasses.sample p.Participants f.Count
    Init = fun _ _ x0 -> { X = x0 }
    Step = fixedStep
    Output = fun s -> s.X
    Cost = fun f p _ -> LocalPasses.cost f 1 p.Participants 1 1
    FixedPoint =
        fun f p ->
            if p.Participants = f.Count then
                Some { X = f.Minimiser }
            else
                None
    Bounds = fun _ _ -> []
}

// ---- As many as heterogeneity asks for -------------------------------------------------------------------------

type RuleParameters = {
    /// γ, the stepsize.
    Gamma: float
    /// ϑ, what sampling may add to ‖∇f‖² in the mean.
    Theta: float
}

type RuleState = {
    /// The iterate x.
    X: Block
    /// Clients that have sent so far.
    Uploads: Block
}

/// ζ² = (1/n) Σ ‖∇f_i(x) − ∇f(x)‖².
let heterogeneity (f: IFiniteSum) (x: Block) =
    Block.meanNormSquared (f.Gradients x - f.Gradient x)

/// The least s with ((n−s)/(s(n−1)))ζ² ≤ ϑ‖∇f‖²: ⌈nζ²/(ζ² + (n−1)ϑ‖∇f‖²)⌉, at least 1.
let leastSize (clients: int) theta spread gradient =
    let n = float clients
    let wanted = n * spread / (spread + (n - 1.0) * theta * gradient)

    // 0/0, and the NaN of a lane that has diverged, need some number.
    if wanted > 1.0 then int (ceil (min wanted n)) else 1

/// The s of every lane at x.
let sizes (f: IFiniteSum) (p: RuleParameters) lanes (x: Block) : int[] =
    Array.map2
        (leastSize f.Count p.Theta)
        (numbers lanes (heterogeneity f x))
        (numbers lanes (Block.normSquared (f.Gradient x)))

/// The drawn permutation's order of the clients, for each lane.
let private order (clients: int) lanes (permutation: Indices) =
    Array.init lanes (fun lane ->
        let ranks = Array.zeroCreate clients
        let drawn = permutation.At(0, (if permutation.Lanes = 1 then 0 else lane))

        for rank in 0 .. clients - 1 do
            ranks[drawn[rank]] <- rank

        ranks)

let ruleStep (f: IFiniteSum) (p: RuleParameters) (permutation: Indices) (s: RuleState) : RuleState =
    let lanes = max s.X.Lanes permutation.Lanes
    let own = sizes f p lanes s.X
    let chosen = weights s.X.Engine f.Count (order f.Count lanes permutation) own

    {
        X = s.X - p.Gamma * Block.sum (chosen * f.Gradients s.X)
        Uploads = s.Uploads + perLane s.X.Engine (Array.map float own)
    }

/// ϑ = 1/2, γ = 1/(L(1+ϑ)).
let ruleParameters (f: IFiniteSum) : RuleParameters = {
    Gamma = 1.0 / (1.5 * f.Smoothness)
    Theta = 0.5
}

let ruleMethod: Method<IFiniteSum, RuleParameters, RuleState, Indices> = {
    Name = "FedSGD, participants by heterogeneity"
    Summary = "s = ⌈nζ²/(ζ²+(n−1)ϑ‖∇f‖²)⌉ of n clients: x⁺ = x − (γ/s) Σ ∇f_i(x)"
    Rule = ruleParameters
    Conditions =
        fun f p -> [
            Condition.positive "ϑ" p.Theta
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(L(1+ϑ))" (1.0 / (f.Smoothness * (1.0 + p.Theta)))
        ]
    Draw = fun f _ -> Draw.permutation f.Count
    Init =
        fun _ _ x0 -> {
            X = x0
            Uploads = Block.zeros 1 x0.Lanes 1
        }
    Step = ruleStep
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Rounds 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if p.Gamma * f.Smoothness * (1.0 + p.Theta) <= 1.0 + Rounding.parameter then
                Bounds.averaged
                    "CE-ISP.2: mean of E‖∇f(x_t)‖²"
                    true
                    (fun s -> Block.normSquared (f.Gradient s.X))
                    (fun s -> Objective.gap f s.X)
                    (2.0 / p.Gamma)
        ]
}

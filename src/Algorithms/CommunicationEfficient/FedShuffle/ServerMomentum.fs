/// FedShuffle with the server's momentum, frozen during the local steps of the next round.
module Theory.Algorithms.CommunicationEfficient.FedShuffleMomentum

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

[<NoComparison; NoEquality>]
type Parameters = {
    LocalStep: float
    ServerStep: float
    Epochs: int
    MostSteps: int
    /// a: the weight of the momentum in a local step.
    Momentum: float
    Participation: Participation
}

/// The parameters of the rounds.
let rounds (p: Parameters) : FedShuffleRounds.Parameters = {
    LocalStep = p.LocalStep
    ServerStep = p.ServerStep
    Epochs = p.Epochs
    MostSteps = p.MostSteps
    Participation = p.Participation
}

type State = {
    /// The server's iterate x.
    X: Block
    /// m: the last round's movement per unit of local step length, with the sign of a gradient.
    M: Block
}

/// FedShuffle's parameters with a momentum.
let withMomentum (a: float) (p: FedShuffleRounds.Parameters) : Parameters = {
    LocalStep = p.LocalStep
    ServerStep = p.ServerStep
    Epochs = p.Epochs
    MostSteps = p.MostSteps
    Momentum = a
    Participation = p.Participation
}

/// y ← y − (η̂/K_i)(∇f_ij(y) + a·m); x⁺ as in FedShuffle; m⁺ = −(1/η̂) Σ_{i∈S} (w_i/p_i)Δ_i.
let step (f: IWeightedClients) (p: Parameters) (orders, takesPart: Mask) (s: State) : State =
    let q = rounds p

    let direction i sample y =
        f.SampleGradient i sample y + p.Momentum * s.M

    let moved =
        deltas f q direction (balancedStepsize f q) orders s.X
        |> aggregate (unbiased f q takesPart) takesPart

    {
        X = s.X + p.ServerStep * moved
        M = (-1.0 / totalStep q) * moved
    }

let method: Method<IWeightedClients, Parameters, State, RoundDraw> = {
    Name = "FedShuffle with momentum"
    Summary = "FedShuffle whose local steps add a·m to every gradient, m the last round's movement over its step length"
    Rule = fun f -> withMomentum 0.5 (FedShuffleMethods.balancedRule f)
    Conditions = fun f p -> FedShuffleMethods.fedShuffle.Conditions f (rounds p)
    Draw = fun f p -> FedShuffleMethods.drawRound f (rounds p)
    Init = fun _ _ x0 -> { X = x0; M = 0.0 * x0 }
    Step = step
    Output = fun s -> s.X
    Cost = fun f p (_, takesPart) -> cost f (rounds p) takesPart
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

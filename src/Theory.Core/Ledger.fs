namespace Theory

open Theory.Numerics

/// What papers count.
[<RequireQualifiedAccess>]
type Counter =
    /// Full gradients, or one gradient of each worker's own function.
    | Gradients
    /// Gradients of one summand.
    | ComponentGradients
    /// Values of the operator F.
    | OperatorCalls
    /// Values of one summand of the operator.
    | ComponentCalls
    /// Proximal steps.
    | ProxCalls
    /// Linear minimisation oracle calls.
    | LmoCalls
    /// Hessians.
    | HessianCalls
    /// Samples of a Markov chain or stream.
    | Samples
    /// Local steps of one worker.
    | LocalSteps
    /// Communication rounds with a server.
    | Rounds
    /// Exchanges with neighbours over a network, all nodes at once.
    | GossipSteps
    /// Messages between the server and single clients.
    | Messages
    /// Floats from one worker to the server.
    | UplinkFloats
    /// Bits from one worker to the server.
    | UplinkBits
    /// Floats from the server to one worker.
    | DownlinkFloats
    /// Bits from the server to one worker.
    | DownlinkBits
    /// Simulated seconds.
    | Seconds

/// An amount charged by one step: the same for every lane, or one number a lane.
[<RequireQualifiedAccess>]
type Amount =
    | Each of float
    | ByLane of float[]

/// One line of the account of a step.
[<NoEquality; NoComparison>]
type Charge = { Counter: Counter; Amount: Amount }

[<RequireQualifiedAccess>]
module Charge =

    /// The same amount for every lane.
    let each counter amount = {
        Counter = counter
        Amount = Amount.Each amount
    }

    /// `amount` in the lanes whose coin shows heads.
    let whenHeads counter amount (coin: Mask) = {
        Counter = counter
        Amount = Amount.ByLane [| for lane in 0 .. coin.Lanes - 1 -> if coin[0, lane] then amount else 0.0 |]
    }

    /// What lane `lane` is charged; an account of one lane serves all.
    let forLane lane charge =
        match charge.Amount with
        | Amount.Each amount -> amount
        | Amount.ByLane amounts -> if amounts.Length = 1 then amounts[0] else amounts[lane]

/// Totals after a step, per counter.
type Totals = Map<Counter, float>

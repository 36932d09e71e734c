/// L2GD: personal models by loopless local gradient descent.
///
/// Hanzely, Richtárik, "Federated Learning of a Mixture of Global and Local Models", 2020, arXiv 2002.05516.
/// Problem: min F = f + h over x_1 … x_n, f = (1/n) Σ f_i(x_i), h = (λ/(2n)) Σ‖x_i − x̄‖², f_i L-smooth, μ-strongly
/// convex. Norms and squares are over all clients.
module Theory.Algorithms.CommunicationEfficient.L2GD

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Eta: float
    /// Probability of a step towards the mean, which aggregates.
    P: float
}

/// L = max L_i.
let smoothness (f: IPersonalisedSum) = Array.max f.Smoothnesses

/// μ = min μ_i.
let convexity (f: IPersonalisedSum) = Array.min f.StrongConvexities

/// ℒ = (1/n) max{L/(1−p), λ/p}.
let expectedSmoothness (f: IPersonalisedSum) (p: float) =
    let pull = if f.Lambda = 0.0 then 0.0 else f.Lambda / p
    max (smoothness f / (1.0 - p)) pull / float f.Count

/// p = λ/(L+λ), which makes ℒ smallest.
let bestP (f: IPersonalisedSum) = f.Lambda / (smoothness f + f.Lambda)

/// η = 1/(2ℒ) at the best p.
let parameters (f: IPersonalisedSum) : Parameters =
    let p = bestP f

    {
        Eta = 1.0 / (2.0 * expectedSmoothness f p)
        P = p
    }

type State = {
    /// The clients' models x_1 … x_n.
    X: Block
    /// 1 when the last coin was heads, else 0: 1 × lanes × 1.
    Previous: Block
    /// Heads that followed tails so far, each a communication: 1 × lanes × 1.
    Communications: Block
}

/// One number per lane, all equal.
let private numbers lanes (value: float) =
    Block.Fill(Shape.Vector(1, lanes, 1), value)

/// Everybody starts at x⁰; the coin before the first counts as tails.
let init (f: IPersonalisedSum) (x0: Block) : State = {
    X = Block.repeatWorkers f.Count x0
    Previous = numbers x0.Lanes 0.0
    Communications = numbers x0.Lanes 0.0
}

/// 1 in the lanes with heads, 0 in the others, where `near` lives.
let heads (xi: Mask) (near: Block) : Block =
    Block.choose xi ((Block.scalar 1.0).On near.Engine) (0.0 * near)

/// A local step of size η/(n(1−p)).
let localStep (f: IPersonalisedSum) (p: Parameters) (x: Block) : Block =
    x - (p.Eta / (float f.Count * (1.0 - p.P))) * f.Gradients x

/// θ = ηλ/(np): how far a step towards the mean goes.
let pull (f: IPersonalisedSum) (p: Parameters) =
    if f.Lambda = 0.0 then
        0.0
    else
        p.Eta * f.Lambda / (float f.Count * p.P)

/// The communications after one more coin: heads after tails.
let counted (xi: Block) (previous: Block) (count: Block) : Block = count + xi - xi * previous

let step (f: IPersonalisedSum) (p: Parameters) (xi: Mask) (s: State) : State =
    let towardsMean = s.X - pull f p * (s.X - Block.mean s.X)
    let coin = heads xi s.Previous

    {
        X = Block.choose xi towardsMean (localStep f p s.X)
        Previous = coin
        // x̄ does not move in steps towards it: a second one in a row needs no communication.
        Communications = counted coin s.Previous s.Communications
    }

/// ‖x−x*‖².
let distance (f: IPersonalisedSum) (x: Block) =
    Block.totalNormSquared (x - f.PersonalSolution)

/// σ² = (1/n²) Σ((1/(1−p))‖∇f_i(x_i*)‖² + (λ²/p)‖x_i*−x̄*‖²): the stochastic gradient's second moment at the solution.
let variance (f: IPersonalisedSum) (p: Parameters) : float =
    let x = f.PersonalSolution

    let total (b: Block) =
        (Block.lanes (Block.totalNormSquared b))[0]

    let spread =
        if f.Lambda = 0.0 then
            0.0
        else
            f.Lambda * f.Lambda / p.P * total (x - Block.mean x)

    (total (f.Gradients x) / (1.0 - p.P) + spread) / float (f.Count * f.Count)

/// 1 − ημ/n.
let contraction (f: IPersonalisedSum) (eta: float) = 1.0 - eta * convexity f / float f.Count

/// What two noisy terms sum to: 2η²S a step, 2nηS/μ in the limit.
let floor (f: IPersonalisedSum) (eta: float) (noise: float) =
    2.0 * float f.Count * eta * noise / convexity f

/// The conditions on p.
let probability (f: IPersonalisedSum) (p: float) = {
    Text = $"0 < p < 1 (p ≥ 0 for λ = 0), got {p:G6}"
    Holds = p < 1.0 && (p > 0.0 || (p = 0.0 && f.Lambda = 0.0))
}

let private conditions (f: IPersonalisedSum) (p: Parameters) = [
    probability f p.P
    Condition.positive "η" p.Eta
    Condition.atMost "η" p.Eta "1/(2ℒ)" (1.0 / (2.0 * expectedSmoothness f p.P))
]

/// The account of a coin whose heads cost `communication`.
let account (xi: Mask) (communication: Charge list) : Charge list =
    Charge.whenHeads Counter.Gradients 1.0 (Mask(1, xi.Lanes, Array.map not (xi.Values.ToArray())))
    :: communication

let method: Method<IPersonalisedSum, Parameters, State, Mask> = {
    Name = "L2GD"
    Summary = "with probability p all step towards the mean x̄, else x_i ← x_i − (η/(n(1−p)))∇f_i(x_i)"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ p -> Draw.coin p.P
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> Block.mean s.X
    Cost =
        fun f p xi ->
            let d = float f.Dimension

            // The account sees this coin and not the last: heads are charged the probability 1 − p that a local step
            // came before, and the state counts what happened.
            let expected counter amount =
                Charge.whenHeads counter ((1.0 - p.P) * amount) xi

            account xi [
                expected Counter.Rounds 1.0
                expected Counter.UplinkFloats d
                expected Counter.UplinkBits (32.0 * d)
                expected Counter.DownlinkFloats d
                expected Counter.DownlinkBits (32.0 * d)
            ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if convexity f > 0.0 && conditions f p |> List.forall (fun c -> c.Holds) then
                Bounds.linearToFloor
                    "CE-L2GD.1: E‖x_k−x*‖²"
                    true
                    (fun (s: State) -> distance f s.X)
                    (contraction f p.Eta)
                    (floor f p.Eta (variance f p))
        ]
}

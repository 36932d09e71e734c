/// FedCRR-VR and FedCSO-VR: differences of local models from learned shifts are compressed (arXiv 2205.03914).
module Theory.Algorithms.CommunicationEfficient.FEDCRRVR

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    /// Stepsize of the local passes.
    Gamma: float
    /// Stepsize of the shifts.
    Alpha: float
    /// The server's step towards the mean model.
    Eta: float
    Compressor: Compressor
}

/// The largest η for a pass that contracts by r: min{1, (1−r)M/(12ωr)}.
let largestEta (compressor: Compressor) (f: IClientSum) (r: float) =
    let omega = omegaOf compressor f.Dimension

    if omega * r = 0.0 then
        1.0
    else
        min 1.0 ((1.0 - r) * float f.Count / (12.0 * omega * r))

/// α = 1/(1+ω) and the largest η, for given γ and contraction r of a pass.
let parametersAt (compressor: Compressor) (f: IClientSum) gamma r : Parameters = {
    Gamma = gamma
    Alpha = 1.0 / (1.0 + omegaOf compressor f.Dimension)
    Eta = largestEta compressor f r
    Compressor = compressor
}

/// γ = 1/L.
let parametersFor (compressor: Compressor) (f: IClientSum) : Parameters =
    let gamma = 1.0 / QRR.largest f
    parametersAt compressor f gamma (FEDCRR.rho f gamma)

type State = {
    /// The server's model.
    X: Block
    /// The shifts h_1 … h_M, which learn where the local passes end.
    H: Block
}

let init (f: IClientSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

/// q_m = C(end_m − h_m); x⁺ = (1−η)x + (η/M) Σ(q_m + h_m); h_m⁺ = h_m + αq_m, for any local models end_m.
let receive (p: Parameters) (draw: CompressorDraw) (ends: Block) (s: State) : State =
    let q = p.Compressor.Apply draw (ends - s.H)

    {
        X = (1.0 - p.Eta) * s.X + p.Eta * Block.mean (q + s.H)
        H = s.H + p.Alpha * q
    }

let step (f: IClientSum) (p: Parameters) (orders: Indices, draw: CompressorDraw) (s: State) : State =
    receive p draw (LocalPass.gradients f p.Gamma orders s.X) s

/// ‖x−x̂‖² + (4η²ω/(αM))·(1/M) Σ ‖h_m − ĥ_m‖² around any model and ends.
let lyapunovAround (f: IClientSum) (p: Parameters) (ideal: State) (s: State) =
    let weight = 4.0 * p.Eta ** 2.0 * QRR.omegaShare p.Compressor f / p.Alpha

    Block.normSquared (s.X - ideal.X)
    + weight * Block.meanNormSquared (s.H - ideal.H)

/// x* and x_m° = x* − γ∇F_m(x*).
let ideal (f: IClientSum) (p: Parameters) : State = {
    X = f.Minimiser
    H = LocalPass.frozenEnd f p.Gamma
}

/// Ψ = ‖x−x*‖² + (4η²ω/(αM))·(1/M) Σ ‖h_m − x_m°‖².
let lyapunov (f: IClientSum) (p: Parameters) = lyapunovAround f p (ideal f p)

/// a = min{α, η(1−r)}: E Ψ contracts by 1 − a/2.
let rate (p: Parameters) (r: float) = min p.Alpha (p.Eta * (1.0 - r))

/// What an epoch adds when a pass adds `pass`: (η + 6η²ω/M)·pass.
let epochNoise (f: IClientSum) (p: Parameters) (pass: float) =
    (p.Eta + 6.0 * p.Eta ** 2.0 * QRR.omegaShare p.Compressor f) * pass

/// (1−a/2)^TΨ_0 + (1−(1−a/2)^T)(2/a)·noise.
let settling name (measure: 'S -> Block) a noise : RunBound<'S> =
    let factor = 1.0 - a / 2.0

    {
        Bounds.linear name true measure factor with
            Bound = fun k start -> factor ** float k * start + (1.0 - factor ** float k) * 2.0 / a * noise
    }

let private conditions (f: IClientSum) (p: Parameters) =
    let r = FEDCRR.rho f p.Gamma

    [
        Condition.positive "γ" p.Gamma
        Condition.atMost "γ" p.Gamma "1/L" (1.0 / QRR.largest f)
        Condition.positive "α" p.Alpha
        Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omegaOf p.Compressor f.Dimension))
        Condition.positive "η" p.Eta
        Condition.atMost "η" p.Eta "min{1, (1−ρ)M/(12ωρ)}" (largestEta p.Compressor f r)
    ]

let private bounds (inner: 'S -> State) (f: IClientSum) (p: Parameters) : RunBound<'S> list = [
    if QRR.convexity f > 0.0 && Conditions.met (conditions f p) then
        settling
            "CE-FEDCRR.3: E Ψ_T"
            (inner >> lyapunov f p)
            (rate p (FEDCRR.rho f p.Gamma))
            (epochNoise f p (FEDCRR.passNoise f p.Gamma))
]

let private tenthRule (f: IClientSum) =
    parametersFor (randK (tenth f.Dimension)) f

/// Fresh orders in every epoch; Rand-k, k a tenth of the dimension.
let method: Method<IClientSum, Parameters, State, FEDCRR.Outcome> = {
    Name = "FedCRR-VR"
    Summary = "an epoch: q_m = C(T_m(x; π_m) − h_m), fresh orders; x⁺ = (1−η)x + η·mean(q_m + h_m); h_m⁺ = h_m + αq_m"
    Rule = tenthRule
    Conditions = conditions
    Draw = fun f p -> FEDCRR.draw f p.Compressor
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> FEDCRR.cost p.Compressor 1.0 f
    // Shuffling moves x*.
    FixedPoint = fun _ _ -> None
    Bounds = bounds id
}

/// The model and shifts with the orders that a lane keeps.
type OnceState = {
    /// The server's model.
    X: Block
    /// The shifts h_1 … h_M.
    H: Block
    /// The clients' orders as numbers, M × lanes × n; −1 before the first epoch.
    Order: Block
}

/// The state without the orders.
let withoutOrder (s: OnceState) : State = { X = s.X; H = s.H }

/// A method whose orders are drawn once, from the epoch of the one that draws them afresh.
let keeping
    name
    summary
    (fresh: Method<IClientSum, 'P, State, FEDCRR.Outcome>)
    : Method<IClientSum, 'P, OnceState, FEDCRR.Outcome> =
    let kept (bound: RunBound<State>) : RunBound<OnceState> = {
        Name = bound.Name
        Measure = withoutOrder >> bound.Measure
        Summary = bound.Summary
        Scale = withoutOrder >> bound.Scale
        Bound = bound.Bound
        InExpectation = bound.InExpectation
    }

    let withOrder order (s: State) : OnceState = { X = s.X; H = s.H; Order = order }

    {
        Name = name
        Summary = summary
        Rule = fresh.Rule
        Conditions = fresh.Conditions
        Draw = fresh.Draw
        Init = fun f p x0 -> fresh.Init f p x0 |> withOrder (ClientOrders.none f.Count x0.Lanes f.Summands)
        Step =
            fun f p (drawn, messages) s ->
                let orders, order = ClientOrders.keptOr drawn s.Order
                withoutOrder s |> fresh.Step f p (orders, messages) |> withOrder order
        Output = fun s -> s.X
        Cost = fresh.Cost
        FixedPoint = fun _ _ -> None
        Bounds = fun f p -> fresh.Bounds f p |> List.map kept
    }

/// Orders drawn once and kept.
let once =
    keeping "FedCSO-VR" "draw an order for each client once; every epoch is that of FedCRR-VR" method

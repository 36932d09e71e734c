/// FedCRR-VR-2 and FedCSO-VR-2: local steps corrected by the client's gradient at the epoch's start (arXiv 2205.03914).
module Theory.Algorithms.CommunicationEfficient.FEDCRRVR2

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    /// δ, which trades the stepsize against the contraction of a pass: δ² ≤ √ρ(1−√ρ).
    Delta: float
    /// Stepsize of the local passes.
    Gamma: float
    /// Stepsize of the shifts.
    Alpha: float
    /// The server's step towards the mean model.
    Eta: float
    Compressor: Compressor
}

/// γ of a δ: (δ/L)√(μ/(2nL)).
let gammaOf (f: IClientSum) delta =
    let l = QRR.largest f
    delta / l * sqrt (QRR.convexity f / (2.0 * float f.Summands * l))

/// √ρ, what a corrected pass contracts squared distances by.
let rootRho (f: IClientSum) gamma = sqrt (FEDCRR.rho f gamma)

/// √ρ(1−√ρ) at the stepsize of a δ, which δ² must not exceed.
let room (f: IClientSum) delta =
    let r = rootRho f (gammaOf f delta)
    r * (1.0 - r)

/// The largest δ with room: √ρ(1−√ρ)/δ² falls in δ.
let largestDelta (f: IClientSum) =
    let rec bisect low high rounds =
        let middle = 0.5 * (low + high)

        if rounds = 0 then
            low
        elif room f middle >= middle * middle then
            bisect middle high (rounds - 1)
        else
            bisect low middle (rounds - 1)

    bisect 0.0 0.5 50

/// The largest γ, α and η for a δ.
let parametersAt (compressor: Compressor) (f: IClientSum) (delta: float) : Parameters =
    let gamma = gammaOf f delta
    let rest = FEDCRRVR.parametersAt compressor f gamma (rootRho f gamma)

    {
        Delta = delta
        Gamma = gamma
        Alpha = rest.Alpha
        Eta = rest.Eta
        Compressor = compressor
    }

/// What the server's side of FedCRR-VR uses.
let receiving (p: Parameters) : FEDCRRVR.Parameters = {
    Gamma = p.Gamma
    Alpha = p.Alpha
    Eta = p.Eta
    Compressor = p.Compressor
}

/// Each client's corrected pass from y: x ← x − γ(∇f_m^{π^i}(x) − ∇f_m^{π^i}(y) + (1/n)∇F_m(y)).
let pass (f: IClientSum) (gamma: float) (orders: Indices) (y: Block) : Block =
    let atStart = f.Gradients y

    let direction i x =
        f.SummandGradientAt i x - f.SummandGradientAt i y + atStart

    LocalPass.through f gamma direction orders y

let step (f: IClientSum) (p: Parameters) (orders: Indices, draw: CompressorDraw) (s: FEDCRRVR.State) =
    FEDCRRVR.receive (receiving p) draw (pass f p.Gamma orders s.X) s

/// Ψ as FedCRR-VR's.
let lyapunov (f: IClientSum) (p: Parameters) = FEDCRRVR.lyapunov f (receiving p)

/// a = min{α, η(1−√ρ)}.
let rate (f: IClientSum) (p: Parameters) =
    FEDCRRVR.rate (receiving p) (rootRho f p.Gamma)

/// (η+6η²ω/M)(2γ²L(1−ρ)/μ)(1/M) Σ ‖∇F_m(x*)‖²: client drift alone.
let epochNoise (f: IClientSum) (p: Parameters) =
    2.0 * p.Gamma ** 2.0 * QRR.largest f * (1.0 - FEDCRR.rho f p.Gamma)
    / QRR.convexity f
    * ShufflingRadius.drift f
    |> FEDCRRVR.epochNoise f (receiving p)

let private conditions (f: IClientSum) (p: Parameters) =
    let r = rootRho f p.Gamma

    [
        Condition.positive "γ" p.Gamma
        Condition.atMost "γ" p.Gamma "(δ/L)√(μ/(2nL))" (gammaOf f p.Delta)
        Condition.atMost "δ²" (p.Delta ** 2.0) "√ρ(1−√ρ)" (r * (1.0 - r))
        Condition.positive "α" p.Alpha
        Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omegaOf p.Compressor f.Dimension))
        Condition.positive "η" p.Eta
        Condition.atMost "η" p.Eta "min{1, (1−√ρ)M/(12ω√ρ)}" (FEDCRRVR.largestEta p.Compressor f r)
    ]

/// Fresh orders in every epoch; Rand-k, k a tenth of the dimension, the largest δ.
let method: Method<IClientSum, Parameters, FEDCRRVR.State, FEDCRR.Outcome> = {
    Name = "FedCRR-VR-2"
    Summary =
        "FedCRR-VR whose local steps are x ← x − γ(∇f_m^{π^i}(x) − ∇f_m^{π^i}(y) + ∇F_m(y)/n), y the epoch's start"
    Rule = fun f -> parametersAt (randK (tenth f.Dimension)) f (largestDelta f)
    Conditions = conditions
    Draw = fun f p -> FEDCRR.draw f p.Compressor
    Init = fun f _ x0 -> FEDCRRVR.init f x0
    Step = step
    Output = fun s -> s.X
    // The epoch's start asks for every summand's gradient, which the corrections use again.
    Cost = fun f p _ -> FEDCRR.cost p.Compressor 2.0 f
    // Client drift moves x*; a single client has none.
    FixedPoint =
        fun f _ ->
            if f.Count = 1 then
                Some { X = f.Minimiser; H = f.Minimiser }
            else
                None
    Bounds =
        fun f p -> [
            if QRR.convexity f > 0.0 && Conditions.met (conditions f p) then
                FEDCRRVR.settling "CE-FEDCRR.4: E Ψ_T" (lyapunov f p) (rate f p) (epochNoise f p)
        ]
}

/// Orders drawn once and kept.
let once =
    FEDCRRVR.keeping "FedCSO-VR-2" "draw an order for each client once; every epoch is that of FedCRR-VR-2" method

/// DIANA-RR: random reshuffling with compressed differences from a shift for each data point (arXiv 2206.07021).
module Theory.Algorithms.CommunicationEfficient.DIANARR

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    Alpha: float
    Compressor: Compressor
}

/// The largest γ for an α: min{α/(2nμ̃), 1/((1+6ω/M)Lmax)}.
let largestGamma (compressor: Compressor) (f: IClientSum) (alpha: float) =
    let smooth = 1.0 / ((1.0 + 6.0 * QRR.omegaShare compressor f) * QRR.largest f)

    if QRR.convexity f > 0.0 then
        min (alpha / (2.0 * float f.Summands * QRR.convexity f)) smooth
    else
        smooth

/// α = 1/(1+ω) and the largest γ.
let parametersFor (compressor: Compressor) (f: IClientSum) : Parameters =
    let alpha = 1.0 / (1.0 + omegaOf compressor f.Dimension)

    {
        Gamma = largestGamma compressor f alpha
        Alpha = alpha
        Compressor = compressor
    }

type State = {
    /// The iterate at the end of an epoch.
    X: Block
    /// The shifts h_m^i of all summands, Mn × lanes × d; they learn ∇f_m^i(x*).
    H: Block
}

/// Shifts zero.
let init (f: IClientSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros (f.Count * f.Summands) x0.Lanes f.Dimension
}

/// An epoch whose t-th step uses the shifts at the places that `shiftOf` names.
let stepWith
    (shiftOf: int -> Indices -> Indices)
    (f: IClientSum)
    (p: Parameters)
    (orders: Indices, draws: CompressorDraw list)
    (s: State)
    : State =
    let inner (x: Block, h: Block) (t, draw) =
        let place = shiftOf t orders
        let shift = h.PickWorkers place
        let gradient = f.SummandGradientAt (ClientOrders.at f.Count t orders) x
        let q = p.Compressor.Apply draw (gradient - shift)
        x - p.Gamma * Block.mean (shift + q), h.PutWorkers(place, shift + p.Alpha * q)

    let x, h = Seq.fold inner (s.X, s.H) (Seq.indexed draws)
    { X = x; H = h }

/// An epoch: i = π_m^t, q_m = Q(∇f_m^i(x) − h_m^i), x ← x − γ·mean(h_m^i + q_m), h_m^i ← h_m^i + αq_m.
let step (f: IClientSum) p outcome s =
    stepWith (ClientOrders.places f.Count) f p outcome s

/// An epoch with one shift a client (DIANA-RR-1S), kept in the first M places.
let stepWithOneShift (f: IClientSum) p outcome s =
    let clients = f.Count
    let firsts = Indices.Constant(clients, [| 0 .. clients - 1 |])
    stepWith (fun _ _ -> firsts) f p outcome s

/// ‖x−x*‖² + (4ωγ²/(αM²)) Σ_m Σ_j (1−γμ̃)^j ‖h_m^{π_m^j} − ∇f_m^{π_m^j}(x*)‖², averaged over the orders of the epoch to
/// come: each data point weighs (1/n) Σ_j (1−γμ̃)^j.
let lyapunov (f: IClientSum) (p: Parameters) (s: State) =
    let n, clients = f.Summands, float f.Count
    let kept = 1.0 - p.Gamma * QRR.convexity f
    let weight = Seq.average (Seq.init n (fun j -> kept ** float j))

    let scale =
        4.0 * omegaOf p.Compressor f.Dimension * p.Gamma ** 2.0
        / (p.Alpha * clients ** 2.0)

    Block.normSquared (s.X - f.Minimiser)
    + (scale * weight) * Block.totalNormSquared (s.H - f.SummandGradients f.Minimiser)

let private conditions (f: IClientSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "min{α/(2nμ̃), 1/((1+6ω/M)Lmax)}" (largestGamma p.Compressor f p.Alpha)
    Condition.positive "α" p.Alpha
    Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omegaOf p.Compressor f.Dimension))
]

let methodWith (compressor: Compressor) : Method<IClientSum, Parameters, State, QRR.Outcome> = {
    Name = "DIANA-RR"
    Summary =
        "an epoch: draw orders π_m; n times, i = π_m^t: q_m = Q(∇f_m^i(x) − h_m^i), x ← x − γ·mean(h_m^i + q_m), h_m^i += αq_m"
    Rule = parametersFor compressor
    Conditions = conditions
    Draw = fun f p -> QRR.draw f p.Compressor
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> QRR.cost p.Compressor f
    // Within an epoch even exact shifts leave x*.
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if QRR.convexity f > 0.0 && Conditions.met (conditions f p) then
                Bounds.linearToFloor
                    "CE-QRR.2: E Ψ_T"
                    true
                    (lyapunov f p)
                    (QRR.contraction f p.Gamma)
                    (QRR.shufflingFloor f p.Gamma)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}

/// DASHA-PP with full gradients of the participants, and DASHA, where all clients take part.
///
/// DASHA: Tyurin, Richtárik, 2022, arXiv 2202.01268.
module Theory.Algorithms.CommunicationEfficient.DashaFullGradients

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.DashaParticipants

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// How fast g_i follows h_i.
    A: float
    /// How fast h_i follows ∇f_i(x).
    B: float
    Sending: Sending
}

/// L, L̂ of a finite sum.
let constants (f: IFiniteSum) : Constants = {
    Clients = f.Count
    Dimension = f.Dimension
    Smoothness = f.Smoothness
    MeanSquare = EF21.rootMeanSquare f
    Largest = 0.0
}

let largestGamma (f: IFiniteSum) (sending: Sending) = stepsize (constants f) sending 1.0 1

/// a, b and γ of the theorem.
let parametersFor (sending: Sending) (f: IFiniteSum) : Parameters = {
    Gamma = largestGamma f sending
    A = momentumA sending f.Dimension
    B = momentumB sending.Participation
    Sending = sending
}

let init (f: IFiniteSum) (x0: Block) : State =
    let gradients = f.Gradients x0
    { X = x0; G = gradients; H = gradients }

/// k_i = ∇f_i(x⁺) − ∇f_i(x) − b(h_i − ∇f_i(x)).
let increments (f: IFiniteSum) (b: float) (x: Block) (s: State) : Block =
    let before = f.Gradients s.X
    f.Gradients x - before - b * (s.H - before)

let step (f: IFiniteSum) (p: Parameters) (takesPart: Mask, draw: CompressorDraw) (s: State) : State =
    let x = s.X - p.Gamma * Block.mean s.G
    update p.Sending p.A (takesPart, draw) x (increments f p.B x s) s

/// x*, g_i = h_i = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = init f f.Minimiser

let private gap (f: IObjective) (x: Block) = f.Value x - Block.scalar f.Infimum

/// Φ of the theorem.
let potentialOf (f: IFiniteSum) (p: Parameters) (s: State) =
    potential (gap f) f.Gradients p.Sending p.Gamma 1.0 s

/// CE-DASHAPP.1.
let bound (f: IFiniteSum) (p: Parameters) =
    averagedBound "CE-DASHAPP.1: mean of E‖∇f(x_t)‖²" (gap f) f.Gradient p.Gamma

let private within (limit: float) (gamma: float) =
    gamma <= limit * (1.0 + Rounding.parameter)

let methodWith (sending: IFiniteSum -> Sending) : Method<IFiniteSum, Parameters, State, Mask * CompressorDraw> = {
    Name = "DASHA-PP"
    Summary =
        "x⁺ = x − γ·mean g_i; participants: k_i = ∇f_i(x⁺) − ∇f_i(x) − b(h_i − ∇f_i(x)), h_i += k_i/p_a, g_i += C_i(k_i/p_a − (a/p_a)(g_i − h_i))"
    Rule = fun f -> parametersFor (sending f) f
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(L+√R)" (largestGamma f p.Sending)
            Condition.atMost "a" p.A "p_a/(2ω+1)" (momentumA p.Sending f.Dimension)
            Condition.atMost "b" p.B "p_a/(2−p_a)" (momentumB p.Sending.Participation)
        ]
    Draw = fun f p -> Draw.both p.Sending.Participation.Draw (p.Sending.Compressor.Draw f.Count f.Dimension)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p (takesPart, _) ->
            // Both ∇f_i(x⁺) and ∇f_i(x): who was away has no gradient at x.
            Participation.chargeMean Counter.Gradients 2.0 takesPart
            :: messages p.Sending f.Dimension takesPart
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if within (largestGamma f p.Sending) p.Gamma then
                bound f p
        ]
}

/// Half of the clients, Rand-k with a tenth of the entries.
let sendingHalf clients dimension : Sending = {
    Compressor = randK (tenth dimension)
    Participation = Participation.nice ((clients + 1) / 2) clients
}

let method = methodWith (fun f -> sendingHalf f.Count f.Dimension)

// ---- DASHA -----------------------------------------------------------------------------------------------------

type DashaState = {
    /// The iterate x.
    X: Block
    /// g_1 … g_n.
    G: Block
}

/// g_i⁺ = g_i + C_i(∇f_i(x⁺) − ∇f_i(x) − a(g_i − ∇f_i(x))).
let dashaStep (f: IFiniteSum) (p: Parameters) (draw: CompressorDraw) (s: DashaState) : DashaState =
    let x = s.X - p.Gamma * Block.mean s.G
    let before = f.Gradients s.X

    {
        X = x
        G =
            s.G
            + p.Sending.Compressor.Apply draw (f.Gradients x - before - p.A * (s.G - before))
    }

let private everybody (f: IFiniteSum) : Sending = {
    Compressor = randK (tenth f.Dimension)
    Participation = Participation.full f.Count
}

let dasha: Method<IFiniteSum, Parameters, DashaState, CompressorDraw> = {
    Name = "DASHA"
    Summary = "x⁺ = x − γ·mean g_i; g_i⁺ = g_i + C_i(∇f_i(x⁺) − ∇f_i(x) − a(g_i − ∇f_i(x)))"
    Rule = fun f -> parametersFor (everybody f) f
    Conditions = fun f p -> method.Conditions f { p with B = 1.0 }
    Draw = fun f p -> p.Sending.Compressor.Draw f.Count f.Dimension
    Init = fun f _ x0 -> { X = x0; G = f.Gradients x0 }
    Step = dashaStep
    Output = fun s -> s.X
    Cost =
        fun f p _ ->
            // ∇f_i(x) is the last step's.
            Charge.each Counter.Gradients 1.0
            :: messages p.Sending f.Dimension (Mask(f.Count, 1, Array.create f.Count true))
    FixedPoint =
        fun f _ ->
            Some {
                X = f.Minimiser
                G = f.Gradients f.Minimiser
            }
    Bounds =
        fun f p -> [
            if within (largestGamma f p.Sending) p.Gamma then
                Bounds.averaged
                    "CE-DASHAPP.1: mean of E‖∇f(x_t)‖²"
                    true
                    (fun s -> Block.normSquared (f.Gradient s.X))
                    (fun s -> gap f s.X)
                    (2.0 / p.Gamma)
        ]
}

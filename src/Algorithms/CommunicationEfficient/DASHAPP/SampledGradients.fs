/// DASHA-PP on samples of each client: with full gradients now and then (PAGE), or with corrected samples (MVR).
///
/// Client i's function is n·w_i·f_i, so that their mean is f whatever the weights.
module Theory.Algorithms.CommunicationEfficient.DashaSampledGradients

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DashaParticipants

/// n·w_i.
let private shares (f: IWeightedClients) =
    f.Weights |> Array.map ((*) (float f.Weights.Length))

/// ∇f_i(x) of every client.
let gradients (f: IWeightedClients) (x: Block) : Block =
    Block.ofWorkers (shares f |> Array.map Array.singleton) * f.ClientGradients x

/// Mean of every client's sample gradients over its own samples.
let sampled (f: IWeightedClients) (samples: Indices[]) (x: Block) : Block =
    let each =
        shares f |> Array.mapi (fun i share -> share * f.SampleGradient i samples[i] x)

    Block.ConcatWorkers each

/// L, L̂ and L_max.
let constants (f: IWeightedClients) : Constants =
    let scaled (constants: float[]) = Array.map2 (*) (shares f) constants

    {
        Clients = f.Sizes.Length
        Dimension = f.Dimension
        Smoothness = f.Smoothness
        MeanSquare = scaled f.ClientSmoothnesses |> Array.averageBy (fun l -> l * l) |> sqrt
        Largest = Array.max (scaled f.SampleSmoothnesses)
    }

let init (f: IWeightedClients) (x0: Block) : State =
    let g = gradients f x0
    { X = x0; G = g; H = g }

/// B independent samples of every client.
let private drawSamples (f: IWeightedClients) (batch: int) =
    Draws.each (f.Sizes |> Array.map (fun size -> Draw.indices size batch))

// ---- PAGE ------------------------------------------------------------------------------------------------------

[<NoComparison; NoEquality>]
type PageParameters = {
    Gamma: float
    A: float
    B: float
    /// Probability of full gradients.
    Q: float
    /// Samples of a participant in the other steps.
    Batch: int
    Sending: Sending
}

type PageDraw = (Mask * Indices[]) * (Mask * CompressorDraw)

let pageGamma (f: IWeightedClients) (sending: Sending) q batch = stepsize (constants f) sending q batch

/// γ of the theorem for a given q and batch.
let pageParametersFor (sending: Sending) (q: float) (batch: int) (f: IWeightedClients) : PageParameters = {
    Gamma = pageGamma f sending q batch
    A = momentumA sending f.Dimension
    B = momentumB sending.Participation
    Q = q
    Batch = batch
    Sending = sending
}

/// k_i: as with full gradients when the coin says so, else the samples' difference.
let pageIncrements (f: IWeightedClients) (p: PageParameters) (full: Mask, samples: Indices[]) x (s: State) : Block =
    let whole () =
        let before = gradients f s.X
        gradients f x - before - p.B * (s.H - before)

    // Computed here, so that what follows rounds alike whichever sides of the coin a batch holds.
    (Branch.choose full whole (fun () -> sampled f samples x - sampled f samples s.X)).Materialise()

let pageStep (f: IWeightedClients) (p: PageParameters) (oracle, (takesPart, draw): Mask * CompressorDraw) (s: State) =
    let x = s.X - p.Gamma * Block.mean s.G
    update p.Sending p.A (takesPart, draw) x (pageIncrements f p oracle x s) s

let private gap (f: IObjective) (x: Block) = f.Value x - Block.scalar f.Infimum

/// Φ of the theorem.
let pagePotential (f: IWeightedClients) (p: PageParameters) (s: State) =
    potential (gap f) (gradients f) p.Sending p.Gamma p.Q s

/// CE-DASHAPP.5.
let pageBound (f: IWeightedClients) (p: PageParameters) =
    averagedBound "CE-DASHAPP.5: mean of E‖∇f(x_t)‖²" (gap f) f.Gradient p.Gamma

/// Samples of a participant, averaged over clients: 2N_i with heads, 2B with tails.
let private samplesCharge (f: IWeightedClients) (p: PageParameters) (full: Mask) (takesPart: Mask) : Charge =
    let n = f.Sizes.Length

    let one lane =
        Seq.init n (fun i ->
            if not takesPart[i, lane] then 0.0
            elif full[0, lane] then 2.0 * float f.Sizes[i]
            else 2.0 * float p.Batch)
        |> Seq.sum

    {
        Counter = Counter.ComponentGradients
        Amount = Amount.ByLane(Array.init (max full.Lanes takesPart.Lanes) (fun lane -> one lane / float n))
    }

let pageWith (sending: IWeightedClients -> Sending) : Method<IWeightedClients, PageParameters, State, PageDraw> = {
    Name = "DASHA-PP-PAGE"
    Summary =
        "DASHA-PP whose participants use full gradients with probability q (one coin for all), else k_i = the difference of B samples' gradients"
    Rule =
        fun f ->
            let batch = 1
            let widest = float (Array.max f.Sizes)
            pageParametersFor (sending f) (float batch / (float batch + widest)) batch f
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.probability "q" p.Q
            Condition.atMost "γ" p.Gamma "1/(L+√R)" (pageGamma f p.Sending p.Q p.Batch)
            Condition.atMost "a" p.A "p_a/(2ω+1)" (momentumA p.Sending f.Dimension)
            Condition.atMost "b" p.B "p_a/(2−p_a)" (momentumB p.Sending.Participation)
        ]
    Draw =
        fun f p ->
            Draw.both
                (Draw.both (Draw.coin p.Q) (drawSamples f p.Batch))
                (Draw.both p.Sending.Participation.Draw (p.Sending.Compressor.Draw f.Sizes.Length f.Dimension))
    Init = fun f _ x0 -> init f x0
    Step = pageStep
    Output = fun s -> s.X
    Cost =
        fun f p ((full, _), (takesPart, _)) ->
            samplesCharge f p full takesPart :: messages p.Sending f.Dimension takesPart
    FixedPoint = fun f _ -> Some(init f f.Minimiser)
    Bounds =
        fun f p -> [
            if p.Gamma <= pageGamma f p.Sending p.Q p.Batch * (1.0 + Rounding.parameter) then
                pageBound f p
        ]
}

let private half (f: IWeightedClients) =
    DashaFullGradients.sendingHalf f.Sizes.Length f.Dimension

let page = pageWith half

// ---- MVR -------------------------------------------------------------------------------------------------------

[<NoComparison; NoEquality>]
type MvrParameters = {
    Gamma: float
    A: float
    B: float
    /// Samples of a participant.
    Batch: int
    Sending: Sending
}

type MvrDraw = Indices[] * (Mask * CompressorDraw)

/// a and b as with full gradients, γ with the samples' noise in R.
let mvrParametersFor (sending: Sending) (batch: int) (f: IWeightedClients) : MvrParameters =
    let b = momentumB sending.Participation

    {
        // Sample differences enter with weight 1 − b and decay at rate b: the place of q is taken by b.
        Gamma = stepsize (constants f) sending b batch
        A = momentumA sending f.Dimension
        B = b
        Batch = batch
        Sending = sending
    }

/// k_i = ∇f_i(x⁺; ξ) − ∇f_i(x; ξ) − b(h_i − ∇f_i(x; ξ)).
let mvrIncrements (f: IWeightedClients) (b: float) (samples: Indices[]) (x: Block) (s: State) : Block =
    let before = sampled f samples s.X
    sampled f samples x - before - b * (s.H - before)

let mvrStep (f: IWeightedClients) (p: MvrParameters) (samples, (takesPart, draw): Mask * CompressorDraw) (s: State) =
    let x = s.X - p.Gamma * Block.mean s.G
    update p.Sending p.A (takesPart, draw) x (mvrIncrements f p.B samples x s) s

let mvr: Method<IWeightedClients, MvrParameters, State, MvrDraw> = {
    Name = "DASHA-PP-MVR"
    Summary = "DASHA-PP with k_i = ∇f_i(x⁺; ξ_i) − ∇f_i(x; ξ_i) − b(h_i − ∇f_i(x; ξ_i)), B samples ξ_i a participant"
    Rule = fun f -> mvrParametersFor (half f) 1 f
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "a" p.A "p_a/(2ω+1)" (momentumA p.Sending f.Dimension)
            Condition.atMost "b" p.B "p_a/(2−p_a)" (momentumB p.Sending.Participation)
        ]
    Draw =
        fun f p ->
            Draw.both
                (drawSamples f p.Batch)
                (Draw.both p.Sending.Participation.Draw (p.Sending.Compressor.Draw f.Sizes.Length f.Dimension))
    Init = fun f _ x0 -> init f x0
    Step = mvrStep
    Output = fun s -> s.X
    Cost =
        fun f p (_, (takesPart, _)) ->
            Participation.chargeMean Counter.ComponentGradients (2.0 * float p.Batch) takesPart
            :: messages p.Sending f.Dimension takesPart
    // Samples disagree at x*.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// Rounds of local passes over clients' data of unequal sizes: stepsizes, weights, one round.
///
/// Horváth, Sanjabi, Xiao, Richtárik, Rabbat, "FedShuffle: Recipes for Better Use of Local Work in Federated Learning", TMLR
/// 2022, arXiv 2204.13169. Problem: f = Σ w_i f_i, w_i = N_i/ΣN, f_i = (1/N_i) Σ_j f_ij.
module Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

[<NoComparison; NoEquality>]
type Parameters = {
    /// η_l.
    LocalStep: float
    /// η_g.
    ServerStep: float
    /// E: passes over a client's data in a round.
    Epochs: int
    /// A round of a client stops after this many steps; 0 for no limit.
    MostSteps: int
    /// Who takes part.
    Participation: Participation
}

type State = {
    /// The server's iterate x.
    X: Block
}

/// Orders of all clients' samples, and who takes part.
type RoundDraw = Indices[][] * Mask

/// K_i: the local steps of every client in a round.
let localSteps (f: IWeightedClients) (p: Parameters) : int[] =
    f.Sizes
    |> Array.map (fun size ->
        if p.MostSteps > 0 then
            min (p.Epochs * size) p.MostSteps
        else
            p.Epochs * size)

/// η̂ = η_l E: the length of every FedShuffle client's local steps together.
let totalStep (p: Parameters) = p.LocalStep * float p.Epochs

/// η_l for every client.
let sameStepsize (f: IWeightedClients) (p: Parameters) : float[] = Array.create f.Sizes.Length p.LocalStep

/// η̂/K_i, which is η_l/N_i after whole epochs.
let balancedStepsize (f: IWeightedClients) (p: Parameters) : float[] =
    localSteps f p |> Array.map (fun k -> totalStep p / float k)

/// One number a client.
let perClient (values: float[]) : Block =
    Block.ofWorkers (values |> Array.map Array.singleton)

/// w_i/p_i.
let unbiased (f: IWeightedClients) (p: Parameters) (_: Mask) : Block =
    perClient (Array.map2 (/) f.Weights p.Participation.Probabilities)

/// One number a client and lane, from the clients that take part.
let private fromSampled (takesPart: Mask) (value: bool[] -> float[]) : Block =
    let n = takesPart.Workers
    let all = Array.zeroCreate (n * takesPart.Lanes)

    for lane in 0 .. takesPart.Lanes - 1 do
        Array.init n (fun i -> takesPart[i, lane])
        |> value
        |> Array.iteri (fun i v -> all[i * takesPart.Lanes + lane] <- v)

    Block.Own(Shape.Vector(n, takesPart.Lanes, 1), all)

/// Σ of values over the clients that take part.
let private over (takes: bool[]) (values: float[]) =
    Array.fold2 (fun sum take v -> if take then sum + v else sum) 0.0 takes values

/// w_i/Σ_{j∈S} w_j: they sum to one, and are biased.
let sumOne (f: IWeightedClients) (_: Parameters) (takesPart: Mask) : Block =
    fromSampled takesPart (fun takes ->
        let total = over takes f.Weights
        f.Weights |> Array.map (fun w -> if total > 0.0 then w / total else 0.0))

/// (w_i/p_i)·K̄/K_i with K̄ = Σ w_iK_i.
let normalised (f: IWeightedClients) (p: Parameters) (_: Mask) : Block =
    let k = localSteps f p |> Array.map float
    let mean = Array.fold2 (fun sum w k -> sum + w * k) 0.0 f.Weights k
    perClient (Array.init k.Length (fun i -> f.Weights[i] / p.Participation.Probabilities[i] * mean / k[i]))

/// The same with K̄_S = Σ_S w_i/Σ_S(w_i/K_i) over those who take part.
let normalisedOverSampled (f: IWeightedClients) (p: Parameters) (takesPart: Mask) : Block =
    let k = localSteps f p |> Array.map float

    fromSampled takesPart (fun takes ->
        let mean = over takes f.Weights / over takes (Array.map2 (/) f.Weights k)
        let mean = if System.Double.IsFinite mean then mean else 0.0
        Array.init k.Length (fun i -> f.Weights[i] / p.Participation.Probabilities[i] * mean / k[i]))

/// Δ_i = y_i − x of every client, for a direction of its own and given stepsizes.
let deltas
    (f: IWeightedClients)
    (p: Parameters)
    (direction: int -> Indices -> Block -> Block)
    (stepsizes: float[])
    (orders: Indices[][])
    (x: Block)
    : Block =
    let steps = localSteps f p

    let each =
        Array.init f.Sizes.Length (fun i -> SamplePasses.last (direction i) stepsizes[i] orders[i] steps[i] x)

    Block.ConcatWorkers each - x

/// Σ_{i∈S} weight_i Δ_i.
let aggregate (weights: Block) (takesPart: Mask) (deltas: Block) : Block =
    let weighted = weights.On deltas.Engine * deltas
    Block.sum (Block.choose takesPart weighted (0.0 * weighted))

/// x⁺ = x + η_g Σ_{i∈S} weight_i Δ_i.
let round stepsizes weights (f: IWeightedClients) (p: Parameters) (orders, takesPart: Mask) (s: State) : State =
    let delta = deltas f p f.SampleGradient (stepsizes f p) orders s.X

    {
        X = s.X + p.ServerStep * aggregate (weights f p takesPart) takesPart delta
    }

/// Gradients of the sampled clients, and their vectors up and down.
let cost (f: IWeightedClients) (p: Parameters) (takesPart: Mask) : Charge list =
    let n = float f.Sizes.Length

    let steps =
        Amount.ByLane(
            Array.init takesPart.Lanes (fun lane ->
                localSteps f p
                |> Array.mapi (fun i k -> if takesPart[i, lane] then float k / n else 0.0)
                |> Array.sum)
        )

    [
        {
            Counter = Counter.ComponentGradients
            Amount = steps
        }
        {
            Counter = Counter.LocalSteps
            Amount = steps
        }
        Charge.each Counter.Rounds 1.0
        Participation.charge Counter.Messages 1.0 takesPart
        Participation.chargeMean Counter.UplinkFloats (float f.Dimension) takesPart
        Participation.chargeMean Counter.UplinkBits (Compressors.Sparsifiers.identity.Bits f.Dimension) takesPart
        Participation.chargeMean Counter.DownlinkFloats (float f.Dimension) takesPart
    ]

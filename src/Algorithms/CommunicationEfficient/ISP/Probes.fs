/// ISP: the number of participants is probed on the server's loss every few rounds.
///
/// Source and problem as in ParticipantRules.fs; the mechanism is that of the authors' public code.
module Theory.Algorithms.CommunicationEfficient.ISP

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ParticipantRules

type Parameters = {
    /// γ of the local update Δ_i = −γ∇f_i(x).
    Gamma: float
    /// w: rounds before the first probe.
    WarmUp: int
    /// D: rounds from probe to probe; also the span of the moving average.
    Period: int
    /// M: subsets tried for each size.
    Subsets: int
    /// The grid of sizes is Smallest, Smallest + Increment, … up to Largest.
    Smallest: int
    Increment: int
    /// s_max: the clients of warm-up and probe rounds.
    Largest: int
    /// a: the weight of a newly found size.
    Momentum: float
    /// The size when the first probe finds none.
    Default: int
}

/// w = 12, D = 20, M = 10, a = ½, sizes from 10 (or 1 for fewer than 20 clients), everyone in a probe, γ = 1/(2L).
let parameters (f: IFiniteSum) : Parameters = {
    Gamma = 0.5 / f.Smoothness
    WarmUp = 12
    Period = 20
    Subsets = 10
    Smallest = (if f.Count < 20 then 1 else 10)
    Increment = 1
    Largest = f.Count
    Momentum = 0.5
    Default = min 20 f.Count
}

type State = {
    /// The iterate x.
    X: Block
    /// The x at which the last probe started.
    Probe: Block
    /// The probe's updates Δ_i (n × lanes × d), 0 for clients that were not asked.
    Updates: Block
    /// 1 for the clients of the last probe (n × lanes × 1).
    Asked: Block
    /// The moving average e_t of F.
    Average: Block
    /// B: the moving average at the start of the last probe.
    Baseline: Block
    /// The size in use between probes; 0 before the first.
    Size: Block
    /// Clients that have sent so far.
    Uploads: Block
    /// Values of F on the server, those of the tried subsets.
    Evaluations: Block
    /// t.
    Round: int
}

let init (f: IFiniteSum) (x0: Block) : State =
    let number = Block.zeros 1 x0.Lanes 1

    {
        X = x0
        Probe = x0
        Updates = Block.zeros f.Count x0.Lanes f.Dimension
        Asked = Block.zeros f.Count x0.Lanes 1
        Average = number
        Baseline = number
        Size = number
        Uploads = number
        Evaluations = number
        Round = 0
    }

/// Rounds w, w + D, w + 2D, … are probes.
let isProbe (p: Parameters) round =
    round >= p.WarmUp && (round - p.WarmUp) % p.Period = 0

/// The sizes that a probe tries, in order.
let grid (p: Parameters) = [| p.Smallest .. p.Increment .. p.Largest |]

/// The weight of the newest loss in the moving average.
let averageWeight (p: Parameters) = 2.0 / float (p.Period + 1)

/// The first size of the grid with B − m(s) > 0.
let firstBetter baseline (sizes: int[]) (means: float[]) : int option =
    Array.zip sizes means
    |> Array.tryFind (fun (_, mean) -> baseline - mean > 0.0)
    |> Option.map fst

/// ⌊(1−a)s_old + a·s⌋; the found size itself at the first probe; s_old (or the default) when none was found.
let nextSize (p: Parameters) (old: int) (found: int option) : int =
    match found with
    | None -> if old = 0 then p.Default else old
    | Some s when old = 0 -> s
    | Some s -> int (floor ((1.0 - p.Momentum) * float old + p.Momentum * float s))

/// Ranks of the clients of a lane by their uniforms; clients that may not be chosen come last.
let private ranksBy (uniforms: Block) row lane (allowed: int -> bool) clients =
    let value i =
        if allowed i then
            uniforms[row, (if uniforms.Lanes = 1 then 0 else lane), i]
        else
            2.0

    let order = Array.sortBy value [| 0 .. clients - 1 |]
    let ranks = Array.zeroCreate clients
    order |> Array.iteri (fun rank i -> ranks[i] <- rank)
    ranks

/// m(s) for every size of the grid, per lane: the mean of F(x_probe + (1/s) Σ_S Δ_i) over M subsets of the probe's clients.
let private probedMeans (f: IFiniteSum) (p: Parameters) (uniforms: Block) lanes (s: State) : float[][] =
    let asked = (Block.stretch lanes s.Asked).ToArray()

    grid p
    |> Array.mapi (fun g size ->
        let trial m =
            let ranks =
                Array.init lanes (fun lane ->
                    ranksBy uniforms (1 + g * p.Subsets + m) lane (fun i -> asked[i * lanes + lane] > 0.0) f.Count)

            let chosen = weights s.X.Engine f.Count ranks (Array.create lanes size)
            numbers lanes (f.Value(s.Probe + Block.sum (chosen * s.Updates)))

        let trials = Array.init p.Subsets trial
        Array.init lanes (fun lane -> trials |> Array.averageBy (fun values -> values[lane])))

/// The round after a probe: the size of each lane and the evaluations that its search made.
let private search f (p: Parameters) uniforms lanes (s: State) =
    let means = probedMeans f p uniforms lanes s
    let baseline, old = numbers lanes s.Baseline, numbers lanes s.Size
    let sizes = grid p

    Array.init lanes (fun lane ->
        let own = means |> Array.map (fun m -> m[lane])
        let found = firstBetter baseline[lane] sizes own

        let tried =
            match found with
            | Some size -> 1 + Array.findIndex ((=) size) sizes
            | None -> sizes.Length

        float (nextSize p (int old[lane]) found), float (tried * p.Subsets))

let step (f: IFiniteSum) (p: Parameters) (uniforms: Block) (s: State) : State =
    let lanes = max s.X.Lanes uniforms.Lanes
    let engine = s.X.Engine
    let loss = f.Value s.X
    let fresh = averageWeight p

    let average =
        if s.Round = 0 then
            loss
        else
            (1.0 - fresh) * s.Average + fresh * loss

    let searched =
        if s.Round > 0 && isProbe p (s.Round - 1) then
            search f p uniforms lanes s
        else
            Array.map (fun size -> size, 0.0) (numbers lanes s.Size)

    let probe = isProbe p s.Round

    let sizes =
        if probe || s.Round < p.WarmUp then
            Array.create lanes p.Largest
        else
            searched |> Array.map (fst >> int)

    let ranks =
        Array.init lanes (fun lane -> ranksBy uniforms 0 lane (fun _ -> true) f.Count)

    let chosen = weights engine f.Count ranks sizes
    let updates = -p.Gamma * f.Gradients s.X
    let asked = Block.sign chosen

    {
        X = s.X + Block.sum (chosen * updates)
        Probe = if probe then s.X else s.Probe
        Updates = if probe then asked * updates else s.Updates
        Asked = if probe then asked else s.Asked
        Average = average
        Baseline = if probe then average else s.Baseline
        Size = perLane engine (Array.map fst searched)
        Uploads = s.Uploads + perLane engine (Array.map float sizes)
        Evaluations = s.Evaluations + perLane engine (Array.map snd searched)
        Round = s.Round + 1
    }

let method: Method<IFiniteSum, Parameters, State, Block> = {
    Name = "ISP"
    Summary =
        "every D rounds all clients are asked; the least s whose sampled averages lower F below its moving average is used"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.positive "D" (float p.Period)
            Condition.positive "M" (float p.Subsets)
            Condition.positive "s_min" (float p.Smallest)
            Condition.positive "δ" (float p.Increment)
            Condition.probability "a" p.Momentum
            Condition.atMost "s_min" (float p.Smallest) "s_max" (float p.Largest)
            Condition.atMost "s_max" (float p.Largest) "n" (float f.Count)
        ]
    Draw = fun f p -> Draw.uniforms (1 + p.Subsets * (grid p).Length) f.Count
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Rounds 1.0 ]
    FixedPoint = fun _ _ -> None
    // The paper states no rate for the probing rule.
    Bounds = fun _ _ -> []
}

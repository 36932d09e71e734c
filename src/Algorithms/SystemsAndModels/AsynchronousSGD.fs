/// Asynchronous SGD and Ringmaster ASGD.
///
/// Maranjyan, Tyurin, Richtárik, "Ringmaster ASGD: The First Asynchronous SGD with Optimal Time Complexity", ICML 2025,
/// arXiv 2501.16168. Plain asynchronous SGD is the threshold R = ∞.
/// Problem: min f, L-smooth (maybe nonconvex), homogeneous data, gradient noise of variance σ².
module Theory.Algorithms.SystemsAndModels.AsynchronousSGD

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// R: gradients of delay ≥ R are discarded.
    Threshold: int
    /// σ of the Gaussian gradient noise.
    Sigma: float
    /// n workers with τ_i = √i, in hundredths of a second.
    Workers: int
    /// Steps for which the schedule is laid out.
    Horizon: int
}

/// R = max{1, ⌈σ²/ε⌉}, γ = min{1/(2RL), ε/(4Lσ²)}.
let parametersFor (sigma: float) (epsilon: float) (f: IObjective) : Parameters =
    let threshold = max 1.0 (ceil (sigma * sigma / epsilon))
    let slow = 1.0 / (2.0 * threshold * f.Smoothness)

    {
        Gamma =
            if sigma = 0.0 then
                slow
            else
                min slow (epsilon / (4.0 * f.Smoothness * sigma * sigma))
        Threshold = int threshold
        Sigma = sigma
        Workers = 20
        Horizon = 10000
    }

type State = {
    /// The iterate x_k.
    X: Block
    /// x_k, x_{k−1}, …, x_{k−R+1}: the versions that a gradient may have been computed at.
    History: Block
}

/// What a step sees: the delay of the gradient that is applied, the time since the last one, the noise.
[<NoComparison; NoEquality>]
type Applied = {
    Delay: int
    Ticks: float
    /// Gradients that arrived for this step, discarded ones included.
    Arrived: int
    Noise: Block
}

let init (p: Parameters) (x0: Block) : State = {
    X = x0
    History = Block.repeatWorkers p.Threshold x0
}

/// x_{k+1} = x_k − γ(∇f(x_{k−δ}) + ξ).
let step (f: IObjective) (p: Parameters) (draw: Applied) (s: State) : State =
    let x = s.X - p.Gamma * (f.Gradient(s.History.Worker draw.Delay) + draw.Noise)

    {
        X = x
        History =
            if p.Threshold = 1 then
                x
            else
                Block.ConcatWorkers(x, s.History.SliceWorkers(0, p.Threshold - 1))
    }

/// Delay, duration and arrivals of each step of Ringmaster on given computation times.
let schedule (times: int64[]) (threshold: int) (steps: int) : (int * float * int)[] =
    let arrivals =
        Workers.run times (Workers.ringmaster threshold false)
        |> Workers.untilStep steps

    let mutable last = 0L
    let mutable seen = 0

    [|
        for a in arrivals do
            seen <- seen + 1

            if a.Response.Advance then
                yield a.Delay, float (a.Time - last), seen
                last <- a.Time
                seen <- 0
    |]

let private times (p: Parameters) =
    Schedules.times (Schedules.spec "root" p.Workers 1)

/// The k-th step's arrival is a function of k alone; its noise is drawn.
let private draw (delays: (int * float * int)[]) (noise: Draw<Block>) : Draw<Applied> =
    Draw.sampled noise.Sites (fun address lanes ->
        if address.Step < 0 || address.Step >= delays.Length then
            raise (
                ArgumentOutOfRangeException(
                    nameof Unchecked.defaultof<Parameters>.Horizon,
                    address.Step,
                    $"The schedule is laid out for {delays.Length} steps; raise Horizon."
                )
            )

        let delay, ticks, arrived = delays[address.Step]

        {
            Delay = delay
            Ticks = ticks
            Arrived = arrived
            Noise = noise.Sample(address, lanes)
        })

/// 2Δ/(γk) + 2γLσ² on the mean of ‖∇f‖² over k steps.
let stationarity (f: IObjective) (p: Parameters) : RunBound<State> = {
    Name = "SM-ASGD.1: mean of ‖∇f(x_k)‖²"
    Measure = fun s -> Block.normSquared (f.Gradient s.X)
    Summary = Summary.RunningMean
    Scale = fun s -> f.Value s.X - Block.scalar f.Infimum
    Bound =
        fun k delta ->
            2.0 * delta / (p.Gamma * float (max k 1))
            + 2.0 * p.Gamma * f.Smoothness * p.Sigma ** 2.0
    InExpectation = true
}

let method: Method<IObjective, Parameters, State, Applied> = {
    Name = "Ringmaster ASGD"
    Summary = "apply gradients in the order of arrival, discard those of delay ≥ R: x⁺ = x − γg(x_{k−δ})"
    Rule = parametersFor 1.0 0.25
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(2RL)" (1.0 / (2.0 * float p.Threshold * f.Smoothness))
            Condition.positive "R" (float p.Threshold)
        ]
    Draw = fun f p -> draw (schedule (times p) p.Threshold p.Horizon) (HeavyTails.gaussian f.Dimension p.Sigma).Draw
    Init = fun _ p x0 -> init p x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ _ draw -> [
            Charge.each Counter.Gradients 1.0
            Charge.each Counter.Seconds (draw.Ticks / 100.0)
        ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> [ stationarity f p ]
}

// ---- 1: the rate ---------------------------------------------------------------------------------------------------

/// Delay D always: the worst admissible schedule, with the noise of one gradient a step.
let private constantDelay (f: IObjective) (p: Parameters) (delay: int) : Process<State, Block> = {
    Name = $"SGD with delay {delay}"
    Draw = (HeavyTails.gaussian f.Dimension p.Sigma).Draw
    Step =
        fun noise s ->
            step
                f
                p
                {
                    Delay = delay
                    Ticks = 0.0
                    Arrived = 1
                    Noise = noise
                }
                s
    Cost = fun _ -> []
}

[<NoComparison>]
type DelaySpec = {
    /// "constant": a quadratic with delay R − 1 always; "schedule": the wells on √i computation times.
    Kind: string
    Dimension: int
    Threshold: int
    Sigma: float
    Kappa: float
    Steps: int
}

let private parametersOf (f: IObjective) (spec: DelaySpec) = {
    Gamma = 1.0 / (2.0 * float spec.Threshold * f.Smoothness)
    Threshold = spec.Threshold
    Sigma = spec.Sigma
    Workers = 20
    Horizon = spec.Steps
}

let private quadraticOf (spec: DelaySpec) =
    Quadratic.diagonal (Linear.geometric (1.0 / spec.Kappa) 1.0 spec.Dimension) :> IObjective

/// The bound of the rule along runs with a changed stepsize.
let private rate (change: Parameters -> Parameters) ctx (spec: DelaySpec) =
    match spec.Kind with
    | "constant" ->
        let f = quadraticOf spec
        let p = parametersOf f spec
        let start = init p (Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.0))

        Moments.bound
            (constantDelay f (change p) (spec.Threshold - 1))
            (init p f.Minimiser)
            start
            spec.Steps
            Relation.AtMost
            (stationarity f p)
    | _ ->
        let f = Wells spec.Dimension :> IObjective
        let p = parametersOf f spec
        let start = init p (Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.5))
        let replicates = CheckContext.pick 20 60 400 ctx

        Replicates.bound
            ctx
            (Method.on f (change p) method)
            start
            spec.Steps
            replicates
            [ spec.Steps / 4; spec.Steps ]
            (stationarity f p)

let private constant threshold sigma = {
    Kind = "constant"
    Dimension = 2
    Threshold = threshold
    Sigma = sigma
    Kappa = 10.0
    Steps = 150
}

let private wells threshold = {
    Kind = "schedule"
    Dimension = 8
    Threshold = threshold
    Sigma = 1.0
    Kappa = 1.0
    Steps = 500
}

let private undelayed = {
    constant 8 0.0 with
        Dimension = 1
        Steps = 200
}

let convergence: Claim =
    Claim.create {
        Claim.spec
            "SM-ASGD.1"
            ClaimKind.Mean
            "(1/K) Σ_{k<K} E‖∇f(x_k)‖² ≤ 2Δ/(γK) + 2γLσ² for delays ≤ R − 1 and γ ≤ 1/(2RL)"
            (Instances.generated
                (gen {
                    let! dimension = Gen.choose (1, 2)
                    let! threshold = Gen.choose (1, 6)
                    let! sigma = Gen.elements [ 0.0; 0.5; 2.0 ]
                    let! kappa = Gen.elements [ 1.0; 10.0; 100.0 ]

                    return {
                        constant threshold sigma with
                            Dimension = dimension
                            Kappa = kappa
                    }
                })
                (fun s ->
                    seq {
                        if s.Dimension > 1 then
                            { s with Dimension = s.Dimension - 1 }

                        if s.Threshold > 1 then
                            { s with Threshold = s.Threshold - 1 }

                        if s.Steps > 10 then
                            { s with Steps = s.Steps / 2 }
                    })
             |> Instances.startingWith [ undelayed; constant 1 1.0; constant 4 1.0; wells 1; wells 4; wells 16 ])
            (rate id) with
            Formula = @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x^k)\|^2 \le \frac{2\Delta}{\gamma K} + 2\gamma L\sigma^2"
            Assumptions = "f L-smooth, E‖ξ‖² ≤ σ², all applied delays ≤ R − 1, γ ≤ 1/(2RL)"
            Source = "arXiv 2501.16168; derived from the descent lemma and E‖x_k − x_{k−δ}‖²"
            Statistical = true
            Falsifiers = [
                // γL = 1/2 is beyond the stability limit 2·sin(π/(2(2D+1))) = 0.209 of a constant delay D = 7.
                Falsifier.check "γ = 1/(2L), the rule without R" (fun ctx spec ->
                    rate
                        (fun p -> {
                            p with
                                Gamma = p.Gamma * float p.Threshold
                        })
                        ctx
                        spec)
                |> Falsifier.at [ undelayed ]
            ]
    }

/// The largest modulus of a root of z^{D+1} = z^D − γL, from the companion matrix of the method itself.
let private growth delay gammaL =
    let f = Quadratic.diagonal [| 1.0 |] :> IObjective

    let p = {
        Gamma = gammaL
        Threshold = delay + 1
        Sigma = 0.0
        Workers = 1
        Horizon = 1
    }

    let codec = Codec.ofTemplate (init p f.Minimiser)
    let proc = constantDelay f p delay

    match Affine.map codec (init p f.Minimiser) (proc.Step(Block.zeros 1 1 1)) with
    | Ok t ->
        let size = Array2D.length1 t - 1
        Decompositions.SpectralRadius(Matrix.Create(size, size, (fun i j -> t[i, j])))
    | Error reason -> invalidOp reason

let private stability (limit: int -> float) (delay: int) =
    Evidence.ofRows Rung.Spectral Relation.AtMost [
        Evidence.row
            Relation.AtMost
            delay
            1
            "spectral radius just inside the limit"
            (growth delay (0.999 * limit delay))
            1.0
        Evidence.row
            Relation.AtMost
            delay
            1
            "1/(spectral radius just outside)"
            (1.0 / growth delay (1.001 * limit delay))
            1.0
    ]

/// The exact stability limit of a constant delay, which shows that the rule's order in R is right.
let limit: Claim =
    Claim.create {
        Claim.spec
            "SM-ASGD.1a"
            ClaimKind.Exact
            "with constant delay D on f = (L/2)x² the iteration is stable iff γL < 2 sin(π/(2(2D+1)))"
            (Instances.only [ 0; 1; 2; 3; 7; 15 ])
            (fun _ delay -> stability (fun d -> 2.0 * sin (Math.PI / (2.0 * float (2 * d + 1)))) delay) with
            Formula = @"\gamma L < 2\sin\frac{\pi}{2(2D+1)}"
            Assumptions = "f = (L/2)x², no noise, delay D always"
            Source = "derived: roots of z^{D+1} = z^D − γL on the unit circle"
            Falsifiers = [
                Falsifier.check "the limit π/(2D+1)" (fun _ delay ->
                    stability (fun d -> Math.PI / float (2 * d + 1)) delay)
                Falsifier.check "the rule's 1/(D+1)" (fun _ delay -> stability (fun d -> 1.0 / float (d + 1)) delay)
            ]
    }

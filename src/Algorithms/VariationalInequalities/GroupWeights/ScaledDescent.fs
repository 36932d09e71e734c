/// Gradient descent on θ, scaled coordinate by coordinate, against weights that move a share a towards the best ones: the
/// bound that papers on group weights share, with its derivation's constants.
///
/// ‖π − π*‖₁ ≤ s/2 for the log-ratio span s, so the direction misses ∇Φ by at most Gs/2; the span obeys
/// s⁺ ≤ (1−a)s + (2G/λ)‖θ⁺−θ‖; summing the descent lemma gives the bound for γ ≤ e·min{1/(2L_Φ), aλ/(√2G²)}.
module Theory.Algorithms.VariationalInequalities.ScaledDescent

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// Which weights the descent step uses.
type Order =
    /// π⁺ first at θ, then θ with the new π⁺.
    | NewWeights
    /// θ with the old π, at the same time.
    | OldWeights

/// e·min{1/(2L_Φ), aλ/(√2G²)}, L_Φ = L_1 + G²/λ, for scalings between e and Γ and a bound G of the gradients.
let stepLimit (f: IGroupSaddle) (bound: float) (share: float) (low: float) =
    let smoothness = f.Smoothness + bound ** 2.0 / f.Lambda

    low
    * min (1.0 / (2.0 * smoothness)) (share * f.Lambda / (sqrt 2.0 * bound ** 2.0))

/// The mean (so the least) of ‖∇Φ(θ_t)‖² over t < K is at most 2Γ(Φ(θ_0) − inf Φ)/(γK) + ΓG²s_0²/(4eaK), s_0 the span of
/// the first weights used. `theta` and `used` read θ and the logarithms of the weights that the next descent uses.
let bound
    name
    (f: IGroupSaddle)
    (g: float)
    gamma
    share
    low
    high
    (theta: 'S -> Block)
    (used: 'S -> Block)
    : RunBound<'S> = {
    Name = name
    Measure = fun s -> Block.normSquared (GroupSaddle.gradient f (theta s))
    Summary = Summary.RunningMean
    Scale =
        fun s ->
            let x = theta s
            let first = WeightSteps.span (used s) (GroupSaddle.best f x)

            (2.0 * high / gamma) * (GroupSaddle.value f x - Block.scalar f.Infimum)
            + (high * g ** 2.0 / (4.0 * low * share)) * first.Square()
    Bound = fun k scale -> scale / float (max k 1)
    InExpectation = false
}

// ---- Evidence ----------------------------------------------------------------------------------------------------

/// How a run chooses its scaling D_t.
type Scaling =
    /// D = 1.
    | Unit
    /// √v clipped, v the running mean of squared gradients with this weight of the past.
    | RootMeanSquare of beta2: float
    /// Independent uniform entries.
    | Random
    /// Γ where ∇Φ and the direction agree in sign, e elsewhere.
    | Adversarial

/// One certified run: weights by `Rule` with its share, θ by scaled descent.
[<NoEquality; NoComparison>]
type Run = {
    Rule: WeightSteps.Rule
    Share: float
    Order: Order
    Scaling: Scaling
    /// e.
    Low: float
    /// Γ.
    High: float
    /// Multiples of D and of γ; 1 unless a falsifier says otherwise.
    ScalingFactor: float
    GammaFactor: float
    Steps: int
}

/// θ, log π and the running root mean square of gradients.
type State = {
    /// θ.
    Theta: Block
    /// log π.
    Logs: Block
    /// √v, coordinate by coordinate.
    Root: Block
}

/// The weights that the next descent uses. A search moves logarithms one by one: weights have sum 1 all the same.
let private used (f: IGroupSaddle) (run: Run) (s: State) =
    let logs = GroupSaddle.normalise s.Logs

    match run.Order with
    | NewWeights -> run.Rule (f.Losses s.Theta) logs
    | OldWeights -> logs

let private step (f: IGroupSaddle) (run: Run) gamma (uniform: Block) (s: State) : State =
    let logs = run.Rule (f.Losses s.Theta) (GroupSaddle.normalise s.Logs)
    let g = GroupSaddle.weighted f (used f run s) s.Theta

    let root, scaling =
        match run.Scaling with
        | Unit -> s.Root, s.Root
        | RootMeanSquare beta2 ->
            let root = (Adam.second beta2 (s.Root.Square()) g).SquareRoot()
            root, root
        | Random -> s.Root, ((run.High - run.Low) * uniform).AddConstant run.Low
        | Adversarial ->
            let agreement = (g * GroupSaddle.gradient f s.Theta).Sign()
            s.Root, (0.5 * (run.High - run.Low) * agreement.AddConstant 1.0).AddConstant run.Low

    let d = run.ScalingFactor * scaling.Clamp(run.Low, run.High)

    {
        Theta = s.Theta - gamma * (g / d)
        Logs = logs
        Root = root
    }

/// The process of a run with the bound G of gradients.
let private processOf (f: IGroupSaddle) (g: float) (run: Run) : Process<State, Block> * float =
    let gamma = run.GammaFactor * stepLimit f g run.Share run.Low

    {
        Name = "scaled descent"
        Draw =
            match run.Scaling with
            | Random -> Draw.uniforms 1 f.Dimension
            | _ -> Draw.always (Block.scalar 0.0)
        Step = step f run gamma
        Cost = fun _ -> []
    },
    gamma

let private startsFrom ctx (f: IGroupSaddle) (theta: Block) : State = {
    Theta = theta
    Logs = WeightSteps.randomLogs ctx 4 f.Groups theta.Lanes 1.0
    Root = 0.0 * theta
}

let private along ctx (f: IGroupSaddle) g (run: Run) search (starts: State) =
    let proc, gamma = processOf f g run

    bound "mean ‖∇Φ(θ_t)‖²" f g gamma run.Share run.Low run.High (fun s -> s.Theta) (used f run)
    |> Trajectories.bound ctx proc starts run.Steps Relation.AtMost search

/// The bound along runs of `f`, whose gradients are bounded everywhere, from random starts (weights far from π̂), and along
/// shorter runs from the worst starts that a search finds.
let evidence (ctx: CheckContext) (f: IGroupSaddle) (run: Run) : Evidence =
    let lanes = CheckContext.pick 4 6 16 ctx

    let starts =
        CheckContext.gaussianStarts ctx 1 lanes f.Dimension 2.0 |> startsFrom ctx f

    let given = along ctx f f.GradientBound run 0 starts
    let short = { run with Steps = run.Steps / 10 }

    if given.Violation.IsSome then
        given
    else
        Pieces.all [
            given
            along ctx f f.GradientBound short (CheckContext.pick 2 4 30 ctx) starts
        ]

/// The bound along runs from given starts, with the bound `g` of gradients on what the runs visit, which is checked too.
let evidenceWithin (ctx: CheckContext) (f: IGroupSaddle) (g: float) (theta: Block) (run: Run) : Evidence =
    let starts = startsFrom ctx f theta
    let proc, _ = processOf f g run

    let visited =
        Trajectories.everyStep
            ctx
            proc
            starts
            run.Steps
            Relation.AtMost
            (fun s _ -> GroupSaddle.largest (Block.norm (f.Gradients s.Theta)))
            (fun _ -> Block.scalar g)

    Evidence.all [ along ctx f g run 0 starts; { visited with Tightness = nan } ]

/// Runs with several shares; the orders take turns, beginning with that of the seed's parity. `rule` gives the weight step
/// of a share.
let plainRuns (rule: float -> WeightSteps.Rule) shares seed steps : Run list =
    shares
    |> List.mapi (fun i share -> {
        Rule = rule share
        Share = share
        Order = if (i + seed) % 2 = 0 then NewWeights else OldWeights
        Scaling = Unit
        Low = 1.0
        High = 1.0
        ScalingFactor = 1.0
        GammaFactor = 1.0
        Steps = steps
    })

/// The same with every kind of scaling; kinds and ranges take turns, beginning with those of the seed.
let scaledRuns rule shares seed steps : Run list =
    let turn (values: 'T[]) i = values[(i + seed) % values.Length]

    plainRuns rule shares seed steps
    |> List.mapi (fun i run ->
        let low, high = turn [| 0.3, 1.0; 0.2, 2.0 |] i

        {
            run with
                Scaling = turn [| RootMeanSquare 0.9; Random; Adversarial |] i
                Low = low
                High = high
        })

/// Sines on which bounds along runs are held: fixed ones with moderate and large λ, and generated ones.
let sines: Instances<SineSpec> =
    let fixedOne seed lambda = {
        Groups = 3
        Dimension = 2
        Slope = 1.0
        Opposite = false
        Level = 0.3
        First = 0.0
        Lambda = lambda
        Seed = seed
    }

    Groups.sineInstances 3 2
    |> Instances.startingWith [ fixedOne 1 0.3; fixedOne 2 1.0 ]
    |> Instances.counts 1 1 20

/// Two opposite sines of one variable: minima of Φ lie where the losses meet.
let opposite lambda : SineSpec = {
    Groups = 2
    Dimension = 1
    Slope = 1.0
    Opposite = true
    Level = 0.0
    First = 0.0
    Lambda = lambda
    Seed = 3
}

/// Steps of a run by profile.
let horizon ctx = CheckContext.pick 60 300 300 ctx

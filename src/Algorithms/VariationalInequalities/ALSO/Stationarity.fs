/// Where ALSO comes to rest, and what that says of the worst group.
module Theory.Algorithms.VariationalInequalities.ALSOStationarity

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ALSOMethods

/// Stepsizes with which plain optimistic steps come to rest, and how many: λ_max and λ_min of the Hessian of
/// Φ + (wd/2)‖θ‖² at its minimiser set the pace.
let private plain (problem: QuadraticGroups) decay =
    let least, most = problem.Spectrum decay
    let f = problem :> IGroupSaddle

    {
        parameters with
            Eta = 0.25 / most
            Gamma = 1.0 / f.Lambda
            Decay = decay
            Direction = Plain
    },
    100 + int (130.0 * most / least)

/// The state after so many steps from near the minimiser.
let private rest ctx (proc: Process<'S, unit>) (start: 'S) steps =
    (Run.trajectories ctx proc start {
        Steps = steps
        Every = steps
        Measures = []
        Progress = None
    })
        .Final

/// The ratio of curvatures up to which runs come to rest quickly.
let private benign decay (spec: GroupSpec) =
    let least, most = (Groups.quadratics spec).Spectrum decay
    most <= 10.0 * least

// ---- VI-ALSO.5 -------------------------------------------------------------------------------------------------

let private decay = 0.05

/// Weights are π̂e^{f/λ}/Z, Σπ_g∇f_g + wd·θ = 0 and θ is Newton's minimiser of λ log Σπ̂e^{f/λ} + (wd/2)‖θ‖².
let private stationary (problem: QuadraticGroups) steps (theta: Block) (logs: Block) =
    let f = problem :> IGroupSaddle
    let least, most = problem.Spectrum decay
    let operations = float steps * most / least
    let minimiser = Block.vector (problem.Regularised decay)
    let size = 1.0 + (minimiser.Norm().ToArray())[0]
    let slope = GroupSaddle.weighted f logs theta + decay * theta

    WeightSteps.agree
        "weights against π̂e^{f/λ}/Z"
        operations
        (1.0 + f.GradientBound * size / f.Lambda)
        (logs.Exp())
        ((GroupSaddle.best f theta).Exp())
    @ WeightSteps.agree "Σπ∇f + wd·θ" operations (1.0 + f.GradientBound) slope (0.0 * slope)
    @ WeightSteps.agree "θ against the minimiser" operations size theta minimiser

let private comesToRest ctx (spec: GroupSpec) (weighing: Weighing) =
    let problem = Groups.quadratics spec
    let f = problem :> IGroupSaddle
    let p, steps = plain problem decay

    let theta =
        Block.vector (problem.Regularised decay)
        + CheckContext.gaussianStarts ctx 1 3 f.Dimension 0.03

    let processOf name step : Process<'S, unit> = {
        Name = name
        Draw = Draw.none
        Step = fun () s -> step s
        Cost = fun () -> []
    }

    let ahead: OptimisticState =
        rest ctx (processOf "optimistic" (optimisticWith weighing f p)) (initOptimistic f theta) steps

    let direct: State =
        rest ctx (processOf "descent-ascent" (stepWith weighing f p)) (init f theta) steps

    stationary problem steps ahead.Theta ahead.Logs
    @ stationary problem steps direct.Theta direct.Logs
    |> WeightSteps.ofIdentities

/// Four groups of one residual each: f_g = ½(⟨b_g, θ⟩ − t_g)².
let private four: GroupSpec = {
    Kind = "random"
    Groups = 4
    Dimension = 2
    Rows = 1
    Offset = 1.0
    First = 0.0
    Lambda = 0.3
    Radius = 3.0
    Seed = 4
}

let stationarityClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.5"
            ClaimKind.Sure
            "with plain gradient steps ALSO rests at π = π̂e^{f/λ}/Z, Σπ_g∇f_g + wd·θ = 0: the minimiser of λ log Σπ̂e^{f/λ} + (wd/2)‖θ‖²"
            (Groups.quadraticInstances 4 3
             |> Instances.startingWith [ four ]
             |> Instances.counts 1 2 15)
            (fun ctx spec -> comesToRest ctx spec weigh) with
            Formula = @"\pi=\hat\pi e^{f(\theta)/\lambda}/Z,\quad \sum_g\pi_g\nabla f_g(\theta)+wd\,\theta=0"
            Assumptions = "convex quadratics, both modes, from near the minimiser"
            Source = "derived; the minimiser also by Newton's method"
            Valid = benign decay
            Falsifiers = [
                Falsifier.check "weight step with −ℓ" (fun ctx spec ->
                    comesToRest ctx spec (fun f p losses -> weigh f p (-1.0 * losses)))
            ]
            Tight = Some { Instance = four; AtLeast = 1.0 }
    }

// ---- VI-ALSO.6 -------------------------------------------------------------------------------------------------

/// Where optimistic ALSO without decay comes to rest.
let private restingPoint ctx (problem: QuadraticGroups) : Block =
    let f = problem :> IGroupSaddle
    let p, steps = plain problem 0.0

    let proc: Process<OptimisticState, unit> = {
        Name = "optimistic"
        Draw = Draw.none
        Step = fun () s -> optimisticWith weigh f p s
        Cost = fun () -> []
    }

    let near = f.Saddle.Value + CheckContext.gaussianStarts ctx 1 1 f.Dimension 0.03
    (rest ctx proc (initOptimistic f near) steps).Theta

/// The bounds of the worst group at a point: value within λ log(1/π̂_min) under the worst loss; value at most that at any
/// θ'; worst loss at most that at any θ' plus the slack. θ': the minimiser of Σπ̂f, random points, and those of least
/// worst loss that a search finds.
let private controls ctx (spec: GroupSpec) (point: QuadraticGroups -> Block) slackFactor =
    let problem = Groups.quadratics spec
    let f = problem :> IGroupSaddle
    let theta = point problem
    let slack = -slackFactor * f.Lambda * log (Array.min f.Prior)

    let worst (x: Block) =
        Block.lanes (GroupSaddle.largest (f.Losses x))

    let value (x: Block) = Block.lanes (GroupSaddle.value f x)
    let top, level = (worst theta)[0], (value theta)[0]

    let others =
        Block.ConcatLanes(
            Block.vector problem.PriorMinimiser,
            theta + CheckContext.gaussianStarts ctx 2 5 f.Dimension 1.0
        )

    let least, _ =
        Search.climb ctx (CheckContext.pick 20 60 200 ctx) id (worst >> Array.map (fun v -> -v)) others

    let row label measured bound =
        Evidence.row Relation.AtMost f.Dimension 1 label measured bound

    [
        row "worst loss − slack ≤ value" top (level + slack)
        row "value ≤ worst loss" level top
        for x in [ others; least ] do
            let tops, levels = worst x, value x

            for lane in 0 .. x.Lanes - 1 do
                row $"value ≤ value at θ' {lane}" level levels[lane]
                row $"worst loss ≤ worst loss at θ' {lane} + slack" top (tops[lane] + slack)
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let private parabolas lambda : GroupSpec = {
    Kind = "parabolas"
    Groups = 2
    Dimension = 1
    Rows = 1
    Offset = 3.0
    First = 0.9
    Lambda = lambda
    Radius = 5.0
    Seed = 0
}

let worstGroupClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.6"
            ClaimKind.Sure
            "worst group: max f_g − λ log(1/π̂_min) ≤ value ≤ max f_g at ALSO's point, and its worst loss is at most that of any θ' plus λ log(1/π̂_min)"
            (Groups.quadraticInstances 4 2
             |> Instances.startingWith [ parabolas 0.1; parabolas 0.02 ]
             |> Instances.counts 1 2 15)
            (fun ctx spec -> controls ctx spec (restingPoint ctx) 1.0) with
            Formula =
                @"\max_g f_g(\theta_{\mathrm{ALSO}})\le\max_g f_g(\theta')+\lambda\log(1/\hat\pi_{\min})\quad\forall\theta'"
            Assumptions = "wd = 0, convex f_g; λ ≤ 0.1, since a large λ makes the slack vacuous"
            Source = "derived from the sandwich of VI-PINN.2; θ' includes the minimiser of Σπ̂_g f_g"
            Valid = fun spec -> spec.Lambda <= 0.1 && benign 0.0 spec
            Falsifiers = [
                Falsifier.check "the minimiser of Σπ̂f in ALSO's place" (fun ctx spec ->
                    controls ctx spec (fun problem -> Block.vector problem.PriorMinimiser) 1.0)
                |> Falsifier.at [ parabolas 0.02 ]
                Falsifier.check "slack dropped" (fun ctx spec -> controls ctx spec (restingPoint ctx) 0.0)
            ]
            Tight =
                Some {
                    Instance = parabolas 0.02
                    AtLeast = 0.95
                }
    }

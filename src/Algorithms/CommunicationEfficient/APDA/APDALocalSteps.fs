/// How many local steps meet the stop rule of APDA.
module Theory.Algorithms.CommunicationEfficient.APDALocalSteps

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.APDAMethods

/// Inner quadratics with G's eigenvalues geometric from 1 to κ, and the clients of the runs.
type InnerSpec = {
    /// Eigenvalues.
    Dimension: int
    Seed: int
}

/// A local solver: gradient, smoothness, steps of a phase, start ↦ point.
type private Solver = {
    Name: string
    Solve: (Block -> Block) -> float -> int -> Block -> Block
    /// Steps of a phase that the theory asks for, by κ.
    Steps: float -> int
    Phases: int
    Exponent: float
    /// c(N) with ‖∇Φ(x_N)‖ ≤ c(N)·L_Φ‖x_0 − x*‖.
    Gradient: int -> float
}

let private solvers = [
    {
        Name = "gradient steps"
        Solve = plain
        Steps = plainSteps
        Phases = 1
        Exponent = 1.0 / 2.0
        Gradient = fun n -> 1.0 / float (n + 1)
    }
    {
        Name = "accelerated, then plain"
        Solve = fastThenPlain
        Steps = fastSteps
        Phases = 2
        Exponent = 1.0 / 3.0
        Gradient = fun n -> 2.0 / float (n + 1) ** 1.5
    }
    {
        Name = "accelerated, then OGM-G"
        Solve = fastThenNorm
        Steps = optimalSteps
        Phases = 2
        Exponent = 1.0 / 4.0
        Gradient = fun n -> sqrt 8.0 / float (n + 1) ** 2.0
    }
]

let private conditionNumbers = [ 1e2; 1e3; 1e4; 1e5 ]

/// Φ's eigenvalues for μ = 1 and L = κ, its smoothness and η_x.
let private inner (dimension: int) (kappa: float) =
    let etaX = 1.0 / (8.0 * sqrt (kappa / 8.0))

    let own =
        Linear.geometric 1.0 kappa dimension |> Array.map (fun l -> l + 1.0 / etaX)

    own, kappa + 1.0 / etaX, etaX

/// x_N from the start 1 in every eigendirection of Φ, one a lane: the solvers are linear, so every other start is a
/// combination of these, and sums of squares add up.
let private reached (solver: Solver) dimension kappa steps : (float * float) list =
    let own, l, _ = inner dimension kappa
    let h = Block.Own(Shape.Vector(1, dimension, 1), own)
    let start = Block.Fill(Shape.Vector(1, dimension, 1), 1.0)
    let x = solver.Solve (fun x -> h * x) l steps start
    List.zip (List.ofArray own) (List.ofArray (Block.lanes x))

/// Does η_x‖∇Φ(x_N)‖ ≤ ½‖x_N − x_0‖ hold from every start? One row an eigenvalue.
let private ruleRows (solver: Solver) dimension kappa steps =
    let _, _, etaX = inner dimension kappa

    reached solver dimension kappa steps
    |> List.map (fun (h, x) ->
        Evidence.row
            Relation.AtMost
            1
            (max 1 (solver.Phases * steps))
            $"{solver.Name}, κ = {kappa:G3}, {steps} steps, eigenvalue {h:G4}: η_x‖∇Φ‖ against ½‖x̂−x‖"
            (etaX * h * abs x)
            (0.5 * abs (x - 1.0)))

let private meets solver dimension kappa steps =
    Evidence.ofRows Rung.Spectral Relation.AtMost (ruleRows solver dimension kappa steps)

/// The fewest steps of a phase after which the rule holds from every start.
let private fewest solver dimension kappa =
    Seq.initInfinite ((+) 1)
    |> Seq.find (fun n -> ruleRows solver dimension kappa n |> List.forall (fun r -> r.Holds))

/// ‖∇Φ(x_N)‖ ≤ c(N)L_Φ‖x_0 − x*‖ from every start.
let private gradientBound (solver: Solver) dimension kappa =
    let _, l, _ = inner dimension kappa

    [ 1; 3; 10; 30 ]
    |> List.collect (fun n ->
        reached solver dimension kappa n
        |> List.map (fun (h, x) ->
            Evidence.row
                Relation.AtMost
                1
                (solver.Phases * n)
                $"{solver.Name}, {n} steps, eigenvalue {h:G4}: ‖∇Φ‖"
                (h * abs x)
                (solver.Gradient n * l)))
    |> Evidence.ofRows Rung.Spectral Relation.AtMost

let private exponents (spec: InnerSpec) (solver: Solver) =
    let counts =
        conditionNumbers
        |> List.map (fun kappa -> kappa, float (fewest solver spec.Dimension kappa))

    let fitted = Scaling.exponent counts
    let list = counts |> List.map (fun (_, n) -> string n) |> String.concat ", "

    Evidence.ofRows Rung.Spectral Relation.AtMost [
        Evidence.row Relation.AtMost 1 1 $"{solver.Name}: exponent of the fewest steps" fitted (solver.Exponent + 0.05)
    ]
    |> Evidence.note $"{solver.Name}: fewest {list}, exponent {fitted:F3}"

/// The steps of every client at every step of runs against ⌈3(1+√κ/(2√2))⌉ − 1.
let private alongRuns (ctx: CheckContext) (seed: int) (kappa: float) =
    let f: IClientProx =
        Clients.quadratic {
            Clients = 3
            Dimension = 2
            Kappa = kappa
            KappaLast = kappa
            Aligned = false
            Spread = 3.0
            Seed = seed
        }

    let p = tested.Rule f
    // More are allowed than the claim promises.
    let own = { p with LocalSteps = 2 * p.LocalSteps }

    let steps (s: State) =
        let _, counts = untilRule f own s.X ((extrapolated own s).Materialise())
        counts.SortWorkers().Worker(f.Count - 1)

    let starts = init f (CheckContext.gaussianStarts ctx 1 10 2 3.0)

    Trajectories.everyStep
        ctx
        (Method.on (f :> IStronglyConvexSum) own tested)
        starts
        30
        Relation.AtMost
        (fun s _ -> steps s)
        (fun _ -> Block.scalar (float p.LocalSteps))

let private localSteps (ctx: CheckContext) (spec: InnerSpec) =
    let fits = solvers |> List.map (exponents spec)

    {
        Evidence.all [
            for solver in solvers do
                for kappa in conditionNumbers do
                    meets solver spec.Dimension kappa (solver.Steps kappa)

                gradientBound solver spec.Dimension 1e4
            yield! fits
            for kappa in [ 2.0; 10.0; 100.0 ] do
                alongRuns ctx spec.Seed kappa
        ] with
            Note = fits |> List.map (fun e -> e.Note) |> String.concat "; "
    }

let private spread = { Dimension = 60; Seed = 1 }

let local: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.3"
            ClaimKind.Count
            "the stop rule holds after ⌈3(1+√κ/(2√2))⌉−1 gradient steps, after N accelerated and N plain ones with (N+1)^{3/2} ≥ 6(1+√κ/(2√2)), after N accelerated and N of OGM-G with (N+1)² ≥ 6√2(1+√κ/(2√2)): O(κ^{1/2}), O(κ^{1/3}), O(κ^{1/4}) steps"
            (Instances.generated
                (gen {
                    let! dimension = Gen.choose (40, 80)
                    let! seed = Gen.choose (0, 10000)
                    return { Dimension = dimension; Seed = seed }
                })
                (fun _ -> Seq.empty)
             |> Instances.counts 0 1 4
             |> Instances.startingWith [ spread ])
            localSteps with
            Formula =
                @"\|\nabla\Phi(x_K)\|\le\tfrac{L_\Phi R}{K+1},\quad\tfrac{2L_\Phi R}{(N+1)^{3/2}},\quad\tfrac{2\sqrt2L_\Phi R}{(N+1)^2}"
            Assumptions =
                "the rule holds once η_x‖∇Φ‖ ≤ R/3, R the distance to the minimiser of Φ; quadratics with spread spectra from every start, κ = 1e2 … 1e5, and the runs of CE-APDA.2b"
            Source = "derived; the orders are those of arXiv 2207.03957"
            Falsifiers = [
                Falsifier.check "⌈κ^{1/4}⌉ gradient steps at κ = 1e5" (fun _ spec ->
                    meets solvers.Head spec.Dimension 1e5 (int (ceil (1e5 ** 0.25))))
            ]
    }

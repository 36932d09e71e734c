/// What ALSO's steps reduce to where all losses are equal: Adam.
module Theory.Algorithms.VariationalInequalities.ALSOReductions

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

// ---- VI-ALSO.4 -------------------------------------------------------------------------------------------------

/// Adam as textbooks write it, with the gradient of the latest evaluation for the optimistic variant.
type private Textbook = {
    /// θ.
    X: Block
    /// First moment.
    M: Block
    /// Second moment.
    V: Block
    /// The stored gradient.
    H: Block
    /// Updates of the moments so far.
    Count: int
}

/// m̂/(√v̂ + ε/√(1−β₂ᵗ)) with corrected moments; ε is added to √v in the code, hence its correction.
let private update (p: ALSOMethods.Parameters) (gradient: Block) (s: Textbook) =
    let t = s.Count + 1
    let g = gradient + p.Decay * s.X
    let m = p.Beta1 * s.M + (1.0 - p.Beta1) * g
    let v = p.Beta2 * s.V + (1.0 - p.Beta2) * (g * g)
    let root = 1.0 - p.Beta2 ** float t
    let corrected = m / (1.0 - p.Beta1 ** float t)

    let scaling = ((1.0 / root) * v).SquareRoot().AddConstant(p.Epsilon / sqrt root)

    p.Eta * (corrected / scaling), { s with M = m; V = v; Count = t }

let private adam (p: ALSOMethods.Parameters) (gradient: Block -> Block) : Process<Textbook, unit> = {
    Name = "Adam"
    Draw = Draw.none
    Step =
        fun () s ->
            let move, next = update p (gradient s.X) s
            { next with X = s.X - move }
    Cost = fun () -> []
}

/// The moments advance at the look-ahead with the stored gradient, and again at the step.
let private optimisticAdam (p: ALSOMethods.Parameters) (gradient: Block -> Block) : Process<Textbook, unit> = {
    Name = "optimistic Adam"
    Draw = Draw.none
    Step =
        fun () s ->
            let ahead, s =
                if s.Count = 0 then
                    s.X, s
                else
                    let move, next = update p s.H s
                    s.X - move, next

            let h = gradient ahead
            let move, next = update p h s
            { next with X = s.X - move; H = h }
    Cost = fun () -> []
}

let private settings = {
    ALSOMethods.parameters with
        Eta = 0.03
        Gamma = 0.5
        Decay = 0.01
        Beta2 = 0.99
}

/// The weights of all groups as one vector a lane.
let private weights (logs: Block) =
    Block.ConcatDimension(Array.init logs.Workers (fun m -> (logs.Worker m).Exp()))

/// θ and π of a run against θ of the reference and π̂.
let private follows ctx (f: IGroupSaddle) x proc (start: 'S) (theta: 'S -> Block) (logs: 'S -> Block) reference =
    let textbook = {
        X = x
        M = 0.0 * x
        V = 0.0 * x
        H = 0.0 * x
        Count = 0
    }

    let prior = weights (GroupSaddle.logPrior f)

    Evidence.all [
        Trajectories.same ctx proc start theta reference textbook (fun s -> s.X) 30
        Trajectories.same ctx proc start (logs >> weights) reference textbook (fun _ -> prior) 30
    ]

/// All losses equal: θ follows Adam on the mean loss and π stays at π̂, in both modes; log π_0 = log π̂ + tilt·m.
let private reduces ctx (spec: GroupSpec) (tilt: float) =
    let f = Groups.quadratics spec :> IGroupSaddle
    let x = CheckContext.gaussianStarts ctx 1 4 f.Dimension 2.0
    let gradient (x: Block) = Block.mean (f.Gradients x)

    let tilted logs =
        GroupSaddle.normalise (logs + Block.ofWorkers (Array.init f.Groups (fun m -> [| tilt * float m |])))

    let direct = ALSOMethods.init f x
    let ahead = ALSOMethods.initOptimistic f x

    Evidence.all [
        follows
            ctx
            f
            x
            (Method.on f settings ALSOMethods.method)
            {
                direct with
                    Logs = tilted direct.Logs
            }
            (fun s -> s.Theta)
            (fun s -> s.Logs)
            (adam settings gradient)
        follows
            ctx
            f
            x
            (Method.on f settings ALSOMethods.optimistic)
            { ahead with Logs = tilted ahead.Logs }
            (fun s -> s.Theta)
            (fun s -> s.Logs)
            (optimisticAdam settings gradient)
    ]

let private equal: GroupSpec = {
    Kind = "equal"
    Groups = 3
    Dimension = 2
    Rows = 3
    Offset = 1.0
    First = 0.0
    Lambda = 0.3
    Radius = 3.0
    Seed = 1
}

let private equals =
    let source = Groups.quadraticInstances 4 3

    {
        source with
            Generator =
                source.Generator
                |> Option.map (Gen.map (fun spec -> { spec with Kind = "equal" }))
    }

let adamClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.4"
            ClaimKind.Exact
            "π_0 = π̂ and equal losses: π stays π̂ and θ follows Adam with coupled decay; in the optimistic mode with two updates of its moments an iteration"
            (equals
             |> Instances.startingWith [ equal; { equal with First = 0.8 } ]
             |> Instances.counts 1 3 20)
            (fun ctx spec -> reduces ctx spec 0.0) with
            Formula = @"L_1=\dots=L_M,\ \pi_0=\hat\pi:\quad \pi_t=\hat\pi"
            Assumptions = "full gradients; the textbook's ε is the code's divided by √(1−β₂ᵗ)"
            Source = "derived from the authors' public code"
            Falsifiers = [ Falsifier.check "π_0 ≠ π̂" (fun ctx spec -> reduces ctx spec 0.5) ]
            Tight = Some { Instance = equal; AtLeast = 1.0 }
    }

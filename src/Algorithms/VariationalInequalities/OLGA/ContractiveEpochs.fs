/// The statements on EF-OLGA's epochs: the inner lemma, the error memory at a random stopping time, the outer inequality.
/// With Top-1 an epoch is one weighted sum along a trajectory, from many starts; with the affine contractive Rand-1 its
/// mean is a matrix, and the statements are about all starts.
/// Bylinkin, Beznosikov, arXiv 2412.16414.
module internal Theory.Algorithms.VariationalInequalities.EFOLGAEpochs

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.OLGA
open Theory.Algorithms.VariationalInequalities.EFOLGA

/// An inner loop with its outer state, or with a test point in Y.
type private Epochal = {
    X: Block
    Start: Block
    Errors: Block
    Y: Block
    Z: Block
}

let private innerOf (s: Epochal) : Remembering = {
    X = s.X
    Start = s.Start
    Errors = s.Errors
}

let private fresh (f: IServerSum) x y z : Epochal =
    let s = begun f x

    {
        X = s.X
        Start = s.Start
        Errors = s.Errors
        Y = y
        Z = z
    }

let private epochOf (f: IServerSum) (p: Parameters) : Process<Epochal, CompressorDraw> = {
    Name = "INNER"
    Draw = p.Compressor.Draw f.Count f.Dimension
    Step =
        fun draw s ->
            let next = innerStep f p draw (innerOf s)

            {
                s with
                    X = next.X
                    Errors = next.Errors
            }
    Cost = fun _ -> []
}

/// A statement about one epoch: E measure ≤ E bound, `tie` zero at its starts and the memory empty when `reset`.
let private statement
    reset
    (f: IServerSum)
    (p: Parameters)
    tie
    measure
    bound
    : Spectral.OneStep<Epochal, CompressorDraw> =
    let x = f.Minimiser

    {
        Process = epochOf f p
        Centre = fresh f x x x
        Keeps =
            Some(fun s ->
                Block.ConcatDimension(
                    s.X - s.Start,
                    tie s,
                    (if reset then
                         Block.ConcatDimension(Array.init f.Count (fun m -> s.Errors.Worker m))
                     else
                         0.0 * s.X)
                ))
        Measure = measure
        Bound = bound
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// A claim's evidence for one compressor: all starts when its epochs are affine, else the given starts and a search.
let private judge ctx (p: Parameters) rounds keep statement (starts: unit -> Epochal) =
    if p.Compressor.Name.StartsWith "Top" then
        GeometricStop.fromStarts ctx p.P rounds keep statement (starts ())
    else
        GeometricStop.oneEpoch p.P statement

let private extrapolated w (s: Epochal) = extrapolate w { Y = s.Y; Z = s.Z }

/// Outer states that sampled runs of the method visit, one a lane.
let private visited ctx (f: IServerSum) (p: Parameters) : Outer =
    let runs, steps = 4, CheckContext.pick 3 4 15 ctx
    let draw = method.Draw f p
    let start = init (CheckContext.gaussianStarts ctx 3 runs f.Dimension 1.0)

    let states =
        (start, seq { 0 .. steps - 1 })
        ||> Seq.scan (fun s k -> step f p (draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), runs)) s)
        |> Array.ofSeq

    {
        Y = Block.ConcatLanes(states |> Array.map (fun s -> s.Y.Materialise()))
        Z = Block.ConcatLanes(states |> Array.map (fun s -> s.Z.Materialise()))
    }

/// E[Y⁺ + Z⁺] ≤ limit(y, z).
let theorem ctx rule compressor limit (spec: ServerSpec) =
    let f = ServerSums.quadratic spec :> IServerSum
    let p: Parameters = rule compressor f
    let w = weightsOf p

    let restart (s: Epochal) = fresh f (extrapolated w s) s.Y s.Z

    let claim =
        statement
            true
            f
            p
            (fun s -> s.Start - extrapolated w s)
            (fun s -> lyapunov f w (outerStep f p (innerOf s) s.Z))
            (fun s -> limit f w { Y = s.Y; Z = s.Z })

    judge ctx p 2 restart claim (fun () ->
        let at = visited ctx f p
        fresh f (extrapolate w at) at.Y at.Z)

/// Starts x_0 with test points x* , x_0, x_0 + 3(x_0 − x*) and random ones.
let private testedStarts ctx (f: IServerSum) =
    let x = CheckContext.gaussianStarts ctx 4 4 f.Dimension 1.0
    let other = CheckContext.gaussianStarts ctx 5 4 f.Dimension 1.0
    let solution = Block.stretch 4 f.Minimiser

    let tests = [| solution; x; (4.0 * x - 3.0 * solution).Materialise(); other |]

    let starts = Block.ConcatLanes(Array.create tests.Length x)
    fresh f starts (Block.ConcatLanes tests) (0.0 * starts)

/// The inner lemma; `factor` stands before the inner product, `memory` weighs the memories in x̃_N.
let lemma ctx rounds compressor (factor: float -> float) (memory: float) (spec: ServerSpec) =
    let f = ServerSums.quadratic spec :> IServerSum
    let p = parametersFor compressor f

    let divergence (s: Epochal) =
        0.5
        * Block.dot (gradientH f p.Theta s.X - gradientH f p.Theta s.Start) (s.X - s.Start)

    let claim =
        statement
            true
            f
            p
            (fun s -> s.Z)
            (fun s ->
                Objective.gap f s.X
                + (p.P / 7.0) * divergence s
                + (0.5 * f.StrongConvexity) * Block.normSquared (s.X - s.Y))
            (fun s ->
                Objective.gap f s.Y
                - factor p.P
                  * Block.dot (s.Y - s.Start) (slope f p s.Start s.X (memory * s.Errors)))

    judge ctx p rounds (fun s -> fresh f s.Start s.Y (0.0 * s.Z)) claim (fun () -> testedStarts ctx f)

/// E‖e_N‖² ≤ (24θ²δ²/p²)E‖x_N − x_0‖²; without a reset, epochs follow a first one of 200 steps and keep its memory (with
/// affine epochs: start with any memory).
let memoryBound ctx reset compressor p (spec: ServerSpec) =
    let f = ServerSums.quadratic spec :> IServerSum
    let rule = parametersFor compressor f
    let p = { rule with P = p rule.P }

    let claim =
        statement
            reset
            f
            p
            (fun s -> Block.ConcatDimension(s.Y, s.Z))
            (fun s -> Block.normSquared (Block.mean s.Errors))
            (fun s -> 24.0 * (p.Theta * f.Similarity / p.P) ** 2.0 * Block.normSquared (s.X - s.Start))

    let empty x = fresh f x (0.0 * x) (0.0 * x)

    let afterOneEpoch (s: Epochal) =
        let inner = epochOf f p
        let draw = inner.Draw.Outcomes[0].Outcome

        let step (s: Epochal) =
            let next = inner.Step draw s
            next.X.Materialise() |> ignore
            next.Errors.Materialise() |> ignore
            next

        let ended = Seq.init 200 id |> Seq.fold (fun s _ -> step s) s
        { ended with Start = ended.X }

    judge ctx p 2 (fun s -> empty s.Start) claim (fun () ->
        let first = empty (CheckContext.gaussianStarts ctx 6 4 f.Dimension 1.0)
        if reset then first else afterOneEpoch first)

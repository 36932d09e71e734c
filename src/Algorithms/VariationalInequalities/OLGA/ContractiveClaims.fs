/// EF-OLGA's claims: the inner lemma, the error memory at a random stopping time, the outer theorem and its corollary. With
/// Top-1 an epoch is one weighted sum along a trajectory, from many starts; with the affine contractive Rand-1 its mean is
/// a matrix, and the claims hold from all starts.
/// Bylinkin, Beznosikov, arXiv 2412.16414.
module Theory.Algorithms.VariationalInequalities.EFOLGAClaims

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

// ---- Statements ------------------------------------------------------------------------------------------------

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
let private theorem ctx rule compressor limit (spec: ServerSpec) =
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
let private lemma ctx rounds compressor factor memory (spec: ServerSpec) =
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
let private memoryBound ctx reset compressor p (spec: ServerSpec) =
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

// ---- Claims ----------------------------------------------------------------------------------------------------

let private small: Instances<ServerSpec> =
    ServerSums.instances 3 2
    |> Instances.startingWith [ OLGAClaims.dissimilar ]
    |> Instances.counts 1 2 30

let private large: Instances<ServerSpec> =
    ServerSums.instances 3 4
    |> Instances.startingWith [
        OLGAClaims.dissimilar
        {
            OLGAClaims.dissimilar with
                Workers = 3
                Dimension = 4
                Mu = 0.1
                Delta = 1.0
        }
    ]
    |> Instances.counts 1 2 30

let private random = contractiveRandK 1
let private greedy = topK 1
let private theoremRule = parametersOf (1.0 / 6.0) 28.0

let private faster power (f: IObjective) (w: Weights) (s: Outer) =
    (1.0 - float power * w.Tau) * valuePart f w s
    + (1.0 + f.StrongConvexity * w.Alpha) ** -(float power) * distancePart f w s

/// A falsifier of both forms of a claim.
let private change (name: string) (check: CheckContext -> Compressor -> ServerSpec -> Evidence) = name, check

/// The claim with Top-1 under its own key and with contractive Rand-1 under the key with a letter.
let private pair id letter check falsifiers (shape: ClaimSpec<ServerSpec> -> ClaimSpec<ServerSpec>) =
    let one id compressor suffix instances =
        let spec =
            Claim.spec id ClaimKind.Mean "" instances (fun ctx spec -> check ctx compressor spec)
            |> shape

        Claim.create {
            spec with
                Statement = $"{spec.Statement}; {suffix}"
                Falsifiers =
                    falsifiers
                    |> List.map (fun (name, changed) ->
                        Falsifier.check name (fun ctx spec -> changed ctx compressor spec))
        }

    [
        one id greedy "Top-1, from many starts" large
        one (id + letter) random "contractive Rand-1, from all starts" small
    ]

let outerTheorem: Claim list =
    pair
        "VI-OLGA.3"
        "b"
        (fun ctx c spec -> theorem ctx theoremRule c bound spec)
        [
            change "(1−4τ)Y + (1+μα)⁻⁴Z" (fun ctx c spec -> theorem ctx theoremRule c (faster 4) spec)
        ]
        (fun spec -> {
            spec with
                Statement = "EF-OLGA: E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)Y_k + Z_k/(1+μα)"
                Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)Y_k+\frac{Z_k}{1+\mu\alpha}"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), τ = min{√(μθ/p), 1}/6, α = θ/(28pτ)"
                Source = "arXiv 2412.16414, Theorem 2"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })

let innerLemma: Claim list =
    pair
        "VI-OLGA.7"
        "b"
        (fun ctx c spec -> lemma ctx 2 c id 1.0 spec)
        [
            change "p left out before the inner product" (fun ctx c spec -> lemma ctx 0 c (fun _ -> 1.0) 1.0 spec)
            change "memories left out of x̃_N" (fun ctx c spec -> lemma ctx 30 c id 0.0 spec)
        ]
        (fun spec -> {
            spec with
                Statement =
                    "E[f(x_N) − f(x)] ≤ E[p⟨x − x_0, ∇(f_1−f)(x_N) − ∇(f_1−f)(x_0) + (x̃_N − x_0)/θ⟩ − (p/7)D_h(x_0, x_N) − (μ/2)‖x_N − x‖²], x̃_N = x_N − e_N"
                Formula =
                    @"\mathbb E[f(x_N)-f(x)] \le \mathbb E\big[p\langle x-x_0,\nabla(f_1-f)(x_N)-\nabla(f_1-f)(x_0)+\tfrac{\tilde x_N-x_0}{\theta}\rangle-\tfrac p7D_h(x_0,x_N)-\tfrac\mu2\|x_N-x\|^2\big]"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), memories empty at the start of an epoch"
                Source = "arXiv 2412.16414, Lemma 5"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })

/// An instance whose first epoch all but reaches the solution, with a memory left.
let private quick: ServerSpec = {
    OLGAClaims.dissimilar with
        Mu = 1.0
        Delta = 0.3
}

let memory: Claim list =
    pair
        "VI-OLGA.8"
        "b"
        (fun ctx c spec ->
            // p need not be 1/β.
            [ id; (fun p -> p / 3.0) ]
            |> List.map (fun p -> memoryBound ctx true c p spec)
            |> Pieces.all)
        [
            change "memory not reset" (fun ctx c spec -> memoryBound ctx false c id spec)
        ]
        (fun spec -> {
            spec with
                Statement = "E‖e_N‖² ≤ (24θ²δ²/p²) E‖x_N − x_0‖², e_N the mean memory"
                Formula = @"\mathbb E\|e_N\|^2 \le \frac{24\theta^2\delta^2}{p^2}\mathbb E\|x_N-x_0\|^2"
                Assumptions = "any contractive compressor, memories empty at the start of an epoch, any p"
                Source = "arXiv 2412.16414, eq. (29); re-derived"
                Instances = spec.Instances |> Instances.startingWith [ quick ]
        })

let contraction: Claim list =
    pair
        "VI-OLGA.9"
        "b"
        (fun ctx c spec -> theorem ctx parametersFor c contractedBound spec)
        [
            change "(1−4τ) for (1−τ)" (fun ctx c spec ->
                theorem ctx parametersFor c (fun f w s -> (1.0 - 4.0 * w.Tau) * lyapunov f w s) spec)
        ]
        (fun spec -> {
            spec with
                Statement = "EF-OLGA: E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)(Y_k + Z_k) by the corrected corollary"
                Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)(Y_k+Z_k)"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), τ = min{√(μθ/p), 1}/18, α = θ/(36pτ)"
                Source = "arXiv 2412.16414, Corollary 2 corrected; derived"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })

/// Exact statements on AEG with sampled clients: the estimator, its floor's scaling in 1/B, rounds and messages.
module Theory.Algorithms.VariationalInequalities.ASEGExact

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ASEGClaims

// ---- VI-ASEG.3: the estimator ----------------------------------------------------------------------------------

type private Point = {
    X: Block
    /// Estimates of ∇f(x) from two independent samples.
    First: Block
    Second: Block
}

/// E[estimate] = ∇f(x), E‖estimate − ∇f(x)‖² = (1/B)(1/M)Σ‖∇f_m(x) − ∇f(x)‖² + σ²/B, and the two samples' errors are
/// uncorrelated: equalities at every x.
let private estimator (spec: Sampling) (draw: IClientSplit -> ASEG.Parameters -> Draw<ASEG.Sample * ASEG.Sample>) =
    let f, p = build spec
    let zero = 0.0 * f.Minimiser

    let proc: Process<Point, ASEG.Sample * ASEG.Sample> = {
        Name = "estimates"
        Draw = draw f p
        Step =
            fun (first, second) s -> {
                s with
                    First = ASEG.estimate f p first s.X
                    Second = ASEG.estimate f p second s.X
            }
        Cost = fun _ -> []
    }

    let centre = {
        X = f.Minimiser
        First = zero
        Second = zero
    }

    let error (s: Point) estimate : Block = estimate - f.Gradient s.X

    let equal measure bound =
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = measure
            Bound = bound
            Relation = Relation.Equal
            MatchMoments = true
        }

    let spread (s: Point) =
        let each = f.Gradients s.X - f.Gradient s.X

        (Block.meanNormSquared each + Block.scalar (p.Sigma ** 2.0)) / float p.Clients

    [
        AffineIdentity.mean proc centre None (fun s -> s.First) (fun s -> f.Gradient s.X)
        equal (fun s -> Block.normSquared (error s s.First)) spread
        equal (fun s -> Block.dot (error s s.First) (error s s.Second)) (fun s -> 0.0 * Block.normSquared s.X)
    ]
    |> Evidence.all

/// Every client once, without noise: the step is AEG's, from every state.
let private everyClient (spec: Sampling) =
    let f, p = build spec
    let m = (f :> IFiniteSum).Count
    let p = { p with Clients = m; Sigma = 0.0 }

    let noise = Block.zeros 1 1 (f :> IProblem).Dimension

    let one = Draw.subset m m |> Draw.map (fun all -> all, noise)

    let proc = {
        Method.on f p ASEG.method with
            Draw = Draw.both one one
    }

    let aeg s = AEG.step (f :> ISplit) (ASEG.outer p) s

    let both (s: AEG.State) = Block.ConcatDimension(s.X, s.Fast)
    AffineIdentity.everyOutcome proc (AEG.init f.Minimiser) None both (aeg >> both)

let private standardDraw f p = ASEG.method.Draw f p

let private three: Sampling = {
    Problem = problem 3 2 0.1 1.0 0.3
    Asked = 2
    Sigma = 0.0
}

let estimatorClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ASEG.3"
            ClaimKind.Exact
            "the mean of B clients has expectation ∇f and variance ((1/M)Σ‖∇f_m−∇f‖² + σ²)/B, independent in the two rounds; every client once without noise is AEG"
            (instances 4 [ 0.0; 0.3 ]
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ three; similar; { similar with Asked = 2; Sigma = 0.0 } ])
            (fun _ spec -> Evidence.all [ estimator spec standardDraw; everyClient spec ]) with
            Formula =
                @"\mathbb E t=\nabla f(x),\quad \mathbb E\|t-\nabla f(x)\|^2=\tfrac1B\Bigl(\tfrac1M\sum_m\|\nabla f_m(x)-\nabla f(x)\|^2+\sigma^2\Bigr)"
            Assumptions = "clients drawn uniformly with replacement, independent noise; every x"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "the same sample in both rounds" (fun _ spec -> estimator spec once)
            ]
            Tight = Some { Instance = three; AtLeast = 1.0 }
    }

// ---- VI-ASEG.2: the floor is proportional to 1/B ---------------------------------------------------------------

/// E Ψ_k at k = 0 … steps from a start.
let private means (f: IClientSplit) (p: ASEG.Parameters) draw (start: Block) steps =
    let proc = {
        Method.on f p ASEG.method with
            Draw = draw f p
    }

    Moments.series proc (AEG.init f.Minimiser) (AEG.init start) steps [ AEG.lyapunov f (ASEG.outer p) ]
    |> Result.map Array.head

let private judge result rows =
    match result with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok values -> rows values

/// B·E Ψ_k is the same for every B at every k, from the solution (so that nothing but noise is left), and at the end under
/// the floor of VI-ASEG.1.
let private scaling (spec: Sampling) draw =
    let f, p = build spec
    let d = (f :> IProblem).Dimension
    let steps = 80
    let at b = { p with Clients = b }

    let one b =
        means f (at b) draw f.Minimiser steps |> Result.map (Array.map ((*) (float b)))

    judge (one 1) (fun base' ->
        (if spec.Problem.Clients = 2 then [ 2; 4 ] else [ 2 ])
        |> List.map (fun b ->
            judge (one b) (fun values ->
                let same =
                    [ 1; 2; 5; 20; steps ]
                    |> List.map (fun k ->
                        Evidence.row Relation.Equal d k $"B = {b}, k = {k}: B·E Ψ_k" values[k] base'[k])
                    |> Evidence.ofRows Rung.Moments Relation.Equal

                let under =
                    Evidence.row
                        Relation.AtMost
                        d
                        steps
                        $"B = {b}: B·E Ψ_{steps} under the floor"
                        values[steps]
                        (float b * ASEG.floor f (at b))

                Evidence.all [ same; Evidence.ofRows Rung.Moments Relation.AtMost [ under ] ]))
        |> Evidence.all)

/// B different clients instead of B draws with replacement.
let private withoutReplacement (f: IClientSplit) (p: ASEG.Parameters) : Draw<ASEG.Sample * ASEG.Sample> =
    let m = (f :> IFiniteSum).Count
    let noise = Block.zeros 1 1 (f :> IProblem).Dimension

    let one = Draw.subset (min m p.Clients) m |> Draw.map (fun some -> some, noise)

    Draw.both one one

let private small clients : Sampling = {
    Problem = problem clients 2 0.1 1.0 0.0
    Asked = 1
    Sigma = 0.0
}

let scalingClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ASEG.2"
            ClaimKind.Mean
            "common Hessians: B·E Ψ_k is the same for every B at every k, and steady below 5ζ²/μ"
            (Instances.only [
                small 2
                small 3
                {
                    small 2 with
                        Problem = {
                            (small 2).Problem with
                                Delta = 0.3
                                Seed = 7
                        }
                }
            ])
            (fun _ spec -> scaling spec standardDraw) with
            Formula = @"B\,\mathbb E\Psi_\infty=\text{const},\qquad B\,\mathbb E\Psi_\infty\le 5\zeta^2/\mu"
            Assumptions = "f_m = ½xᵀHx − b_mᵀx, a proxy's Hessian on the server, start at x*, no added noise"
            Source = "derived: the second moment obeys an affine recursion with noise of covariance C/B"
            Valid = muAtMostDelta
            Falsifiers = [
                Falsifier.check "without replacement" (fun _ spec -> scaling spec withoutReplacement)
            ]
            Tight = Some { Instance = small 3; AtLeast = 1.0 }
    }

// ---- VI-ASEG.4: rounds and messages ----------------------------------------------------------------------------

/// B = ⌈10(ζ²+σ²)/(με)⌉ and K = ⌈2√(δ/μ) ln(2Ψ_0/ε)⌉.
let private plan (f: IClientSplit) (p: ASEG.Parameters) psi0 epsilon =
    let mu, delta = (f :> IObjective).StrongConvexity, f.SmoothnessP

    int (ceil (10.0 * (f.GradientSpread + p.Sigma ** 2.0) / (mu * epsilon))),
    int (ceil (2.0 * sqrt (delta / mu) * log (2.0 * psi0 / epsilon)))

/// What K steps with B clients charge, by the method's own account.
let private charged (f: IClientSplit) (p: ASEG.Parameters) steps counter =
    let proc = Method.on f p ASEG.method
    let outcome = proc.Draw.Sample(DrawAddress(1UL, 0u, 0, 0, 0), 1)

    proc.Cost outcome
    |> List.filter (fun c -> c.Counter = counter)
    |> List.sumBy (Charge.forLane 0)
    |> (*) (float steps)

/// E Ψ_K ≤ ε with `share` of the B clients. (One sample for both rounds is no falsifier here: its correlation lowers E Ψ_K on
/// most instances; VI-ASEG.1 and VI-ASEG.3 tell it apart.) The second moment is affine in 1/B (VI-ASEG.2), so that it is found from one
/// client a round and from none of the noise.
let private reaches (spec: Sampling) epsilon share steps =
    let f, p = build spec
    let p = { p with Clients = 1 }
    let d = (f :> IProblem).Dimension
    let start = f.Minimiser + Block.vector (Array.create d 1.0)
    let psi0 = (Block.lanes (AEG.lyapunov f (ASEG.outer p) (AEG.init start)))[0]
    let clients, planned = plan f p psi0 epsilon
    let count = steps planned

    judge (means f p standardDraw start count) (fun noisy ->
        let quiet =
            Seq.init count id
            |> Seq.fold (fun s _ -> AEG.step (f :> ISplit) (ASEG.outer p) s) (AEG.init start)
            |> AEG.lyapunov f (ASEG.outer p)
            |> Block.lanes
            |> Array.head

        let asked = max 1 (int (share * float clients))
        let own = { p with Clients = asked }
        let expected = quiet + (noisy[count] - quiet) / float asked

        let row relation label measured bound =
            Evidence.row relation d count label measured bound

        Evidence.all [
            Evidence.ofRows Rung.Moments Relation.AtMost [ row Relation.AtMost "E Ψ_K" expected epsilon ]
            // Counted by the method: fewer messages than from all M clients exactly when B < M.
            Evidence.ofRows Rung.Moments Relation.Equal [
                row Relation.Equal "rounds" (charged f own count Counter.Rounds) (float (2 * count))
                row Relation.Equal "messages" (charged f own count Counter.Messages) (float (2 * asked * count))
            ]
        ]
        |> fun all -> {
            all with
                Tightness = expected / epsilon
        })

let private counted mu delta : Sampling = {
    Problem = problem 3 2 mu delta 0.0
    Asked = 1
    Sigma = 0.0
}

/// Sampling with its accuracy.
[<NoComparison>]
type Target = { Sampling: Sampling; Epsilon: float }

let private targets =
    [
        {
            Sampling = counted 0.01 0.2
            Epsilon = 0.1
        }
        {
            Sampling = counted 0.1 0.1
            Epsilon = 0.01
        }
        {
            Sampling = { counted 0.05 0.5 with Sigma = 1.0 }
            Epsilon = 0.1
        }
    ]
    |> Instances.only

let countClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ASEG.4"
            ClaimKind.Count
            "B = ⌈10(ζ²+σ²)/(με)⌉, K = ⌈2√(δ/μ) ln(2Ψ_0/ε)⌉: E Ψ_K ≤ ε in 2K rounds and 2BK messages"
            targets
            (fun _ target -> reaches target.Sampling target.Epsilon 1.0 id) with
            Formula =
                @"B=\lceil10(\zeta^2+\sigma^2)/(\mu\varepsilon)\rceil,\ K=\lceil2\sqrt{\delta/\mu}\ln(2\Psi_0/\varepsilon)\rceil\Rightarrow\mathbb E\Psi_K\le\varepsilon"
            Assumptions =
                "μ ≤ δ, common Hessians, a proxy's Hessian on the server; fewer messages than with all M clients exactly when B < M"
            Source = "derived from VI-ASEG.1: (1−½√(μ/δ))^K Ψ_0 ≤ ε/2 and the floor is at most ε/2"
            Valid = fun target -> muAtMostDelta target.Sampling
            Falsifiers = [
                Falsifier.check "a hundredth of the clients" (fun _ target ->
                    reaches target.Sampling target.Epsilon 0.01 id)
                Falsifier.check "a tenth of the steps" (fun _ target ->
                    reaches target.Sampling target.Epsilon 1.0 (fun k -> k / 10))
            ]
    }

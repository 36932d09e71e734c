/// OLGA's claims on unbiased compression: the inner lemma as printed and corrected, the outer theorem and its corollary.
/// Bylinkin, Beznosikov, arXiv 2412.16414.
module Theory.Algorithms.VariationalInequalities.OLGAClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.OLGA

/// What a claim runs: the method's inner step, or a changed one.
type private InnerStep = IServerSum -> Parameters -> CompressorDraw -> Inner -> Inner

/// The message compresses ∇f_m − ∇f_1 at x alone; the estimate stays unbiased.
let private withoutReference (f: IServerSum) (p: Parameters) draw (s: Inner) : Inner =
    let t =
        Block.mean (p.Compressor.Apply draw (f.Gradients s.X - f.ServerGradient s.X))

    {
        s with
            X = f.ServerStep p.Theta t s.X
    }

/// The message leaves out the reference and the server does not notice.
let private withoutCorrection (f: IServerSum) (p: Parameters) draw (s: Inner) : Inner =
    let g =
        Block.mean (p.Compressor.Apply draw (f.Gradients s.X - f.ServerGradient s.X))

    { s with X = serverStep f p.Theta g s }

/// Both of the paper's p and p = ½, with Rand-1.
let private each (spec: ServerSpec) (scale: float) (step: InnerStep) check : Evidence =
    let f = ServerSums.quadratic spec :> IServerSum

    [ 1.0 / float f.Dimension; 0.5 ]
    |> List.distinct
    |> List.map (fun p ->
        let p = parametersAt f (randK 1) p
        let run = { p with Theta = scale * p.Theta }
        check f p { inner f run with Step = step f run } (gradientH f run.Theta))
    |> Pieces.all

/// M = 1, f = x²/2: no compression error at all.
let private oneDevice: ServerSpec = {
    Workers = 1
    Dimension = 1
    Mu = 1.0
    Smoothness = 1.0
    Delta = 0.0
    Spread = 0.0
    Seed = 1
}

let internal dissimilar: ServerSpec = {
    Workers = 2
    Dimension = 2
    Mu = 0.01
    Smoothness = 1.0
    Delta = 3.0
    Spread = 1.0
    Seed = 1
}

let private instances: Instances<ServerSpec> =
    ServerSums.instances 3 3
    |> Instances.startingWith [ dissimilar; oneDevice ]
    |> Instances.counts 2 5 40

// ---- VI-OLGA.1 -------------------------------------------------------------------------------------------------

/// The inner lemma with the factor p^power before the inner product.
let private lemma power scale step (spec: ServerSpec) =
    each spec scale step (fun f p inner h -> innerInequality f p.P (p.P ** power) h inner)

let private lemmaSpec id statement power = {
    Claim.spec id ClaimKind.Mean statement instances (fun _ spec -> lemma power 1.0 innerStep spec) with
        Assumptions =
            "f μ-strongly convex, f_m − f δ-smooth, θ ≤ min{√(pM)/(8δ√ω), 1/(2δ)}, N ~ Geom(p), h = f_1 − f + ‖·‖²/(2θ)"
}

let innerLemma: Claim =
    Claim.create {
        lemmaSpec
            "VI-OLGA.1"
            "E[f(x_N) − f(x)] ≤ E[p⟨x − x_0, ∇h(x_N) − ∇h(x_0)⟩ − (p/2)D_h(x_0, x_N) − (μ/2)‖x_N − x‖²] for every x and x_0"
            1.0 with
            Formula =
                @"\mathbb E[f(x_N)-f(x)] \le \mathbb E\big[p\langle x-x_0,\nabla h(x_N)-\nabla h(x_0)\rangle-\tfrac p2 D_h(x_0,x_N)-\tfrac\mu2\|x_N-x\|^2\big]"
            Source = "arXiv 2412.16414, Lemma 1 with the factor p that its proof has"
            Falsifiers = [
                Falsifier.check "the factor p left out, as printed" (fun _ spec -> lemma 0.0 1.0 innerStep spec)
                Falsifier.check "no control variate" (fun _ spec -> lemma 1.0 1.0 withoutReference spec)
                Falsifier.check "reference left out of the message only" (fun _ spec ->
                    lemma 1.0 1.0 withoutCorrection spec)
                Falsifier.check "θ × 10" (fun _ spec -> lemma 1.0 10.0 innerStep spec)
            ]
            // Attained at x_0 = x*, x − x* along the flattest direction.
            Tight =
                Some {
                    Instance = dissimilar
                    AtLeast = 0.999
                }
    }

let printedLemma: Claim =
    Claim.create {
        lemmaSpec
            "VI-OLGA.1-printed"
            "E[f(x_N) − f(x)] ≤ E[⟨x − x_0, ∇h(x_N) − ∇h(x_0)⟩ − (p/2)D_h(x_0, x_N) − (μ/2)‖x_N − x‖²], as printed"
            0.0 with
            Instances = instances |> Instances.startingWith [ oneDevice ]
            Formula =
                @"\mathbb E[f(x_N)-f(x)] \le \mathbb E\big[\langle x-x_0,\nabla h(x_N)-\nabla h(x_0)\rangle-\tfrac p2 D_h(x_0,x_N)-\tfrac\mu2\|x_N-x\|^2\big]"
            Source = "arXiv 2412.16414, Lemma 1"
            Erratum =
                Some
                    "The inner product lacks the factor p that the proof has until its last line; with M = 1, f = x²/2, θ = 1, p = ½, x_0 = 1, x = 2 the left side is −27/14, the printed right side −179/84, the corrected one −151/84."
    }

// ---- VI-OLGA.2, VI-OLGA.6 --------------------------------------------------------------------------------------

let private theorem scale step limit (spec: ServerSpec) =
    each spec scale step (fun f p inner h -> outerInequality f (weightsOf p) h inner (limit f (weightsOf p)))

let private outerFalsifiers limit = [
    Falsifier.check "no control variate" (fun _ spec -> theorem 1.0 withoutReference limit spec)
    Falsifier.check "reference left out of the message only" (fun _ spec -> theorem 1.0 withoutCorrection limit spec)
]

let outerTheorem: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.2"
            ClaimKind.Mean
            "E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)Y_k + Z_k/(1+μα), Y = (α/τ)(f(y)−f*), Z = ((1+μα)/2)‖z−x*‖², from every (y, z)"
            instances
            (fun _ spec -> theorem 1.0 innerStep bound spec) with
            Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)Y_k+\frac{Z_k}{1+\mu\alpha}"
            Assumptions = "as VI-OLGA.1; τ = ¼min{√(μθ/p), 1}, α = θ/(8pτ), so that 4αpτ ≤ θ"
            Source = "arXiv 2412.16414, Theorem 1 and Corollary 1"
            Falsifiers = outerFalsifiers bound
            Tight =
                Some {
                    Instance = dissimilar
                    AtLeast = 0.99
                }
    }

/// E[Y_K + Z_K] ≤ ε after K = ⌈ln((Y_0+Z_0)/ε)/(−ln(1−τ))⌉ exact epochs.
let private reaches (epsilon: float) (share: float) (spec: ServerSpec) =
    each spec 1.0 innerStep (fun f p inner h ->
        let w = weightsOf p

        let start =
            begun w {
                Y = 0.0 * f.Minimiser
                Z = 0.0 * f.Minimiser
            }

        let measure = outerOf >> lyapunov f w
        let initial = (Block.lanes (measure start))[0]
        let goal = epsilon * initial
        let count = int (ceil (share * log (initial / goal) / -(log (1.0 - w.Tau))))

        match
            GeometricStop.series
                w.P
                (wholeProcess inner)
                (begun w { Y = f.Minimiser; Z = f.Minimiser })
                (ended f w h >> begun w)
                measure
                start
        with
        | Error reason -> Evidence.undecided Rung.Moments reason
        | Ok values ->
            [
                Evidence.row Relation.AtMost f.Dimension count $"K = {count}" (Seq.item count values) goal
            ]
            |> Evidence.ofRows Rung.Moments Relation.AtMost)

/// (1+μα)⁻¹ ≤ 1−τ at the corollary's parameters.
let private cornerInequality (spec: ServerSpec) =
    let f = ServerSums.quadratic spec :> IServerSum
    let p = parametersFor (randK 1) f

    Evidence.ofRows Rung.Spectral Relation.AtMost [
        Evidence.row
            Relation.AtMost
            1
            1
            "1/(1+μα) against 1−τ"
            (1.0 / (1.0 + f.StrongConvexity * p.Alpha))
            (1.0 - p.Tau)
    ]

let corollary: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.6"
            ClaimKind.Mean
            "(1+μα)⁻¹ ≤ 1−τ, so E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)(Y_k + Z_k) from every (y, z)"
            instances
            (fun _ spec -> Pieces.all [ cornerInequality spec; theorem 1.0 innerStep contractedBound spec ]) with
            Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)(Y_k+Z_k)"
            Assumptions = "as VI-OLGA.2: τ < ¼ gives μα = 2τ, τ = ¼ gives μα ≥ ½"
            Source = "arXiv 2412.16414, Appendix D; re-derived"
            Falsifiers = outerFalsifiers contractedBound
            Tight =
                Some {
                    Instance = dissimilar
                    AtLeast = 0.99
                }
    }

let outerIterations: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.6b"
            ClaimKind.Mean
            "E[Y_K + Z_K] ≤ ε for K = ⌈ln((Y_0+Z_0)/ε)/(−ln(1−τ))⌉, by exact means of every epoch"
            (instances |> Instances.counts 1 2 20)
            (fun _ spec -> reaches 1e-2 1.0 spec) with
            Formula = @"K=\Big\lceil\frac{\ln((Y_0+Z_0)/\varepsilon)}{-\ln(1-\tau)}\Big\rceil"
            Assumptions = "as VI-OLGA.6, ε = (Y_0 + Z_0)/100"
            Source = "arXiv 2412.16414, Appendix D; re-derived"
            Valid = fun spec -> spec.Workers > 1
            Falsifiers = [ Falsifier.check "K / 8" (fun _ spec -> reaches 1e-2 0.125 spec) ]
    }

/// OLGA's exact and count claims: the geometric identity, the printed lemma's counterexample in numbers, messages of an
/// outer iteration, and the rounds of EF-OLGA's corollary as printed and corrected.
/// Bylinkin, Beznosikov, arXiv 2412.16414.
module Theory.Algorithms.VariationalInequalities.OLGACounts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.OLGA

// ---- VI-OLGA.1b ------------------------------------------------------------------------------------------------

/// The sides of the inner lemma with M = 1, f = f_1 = (curvature/2)x², θ = 1, p = ½, x_0 = 1, x = 2; the law of N starts at
/// `first`.
let private counterexample first (curvature: float) =
    let f =
        ServerSums.quadratic {
            Workers = 1
            Dimension = 1
            Mu = curvature
            Smoothness = curvature
            Delta = 0.0
            Spread = 0.0
            Seed = 1
        }
        :> IServerSum

    let p = {
        parametersAt f identity 0.5 with
            Theta = 1.0
    }

    let process' = inner f p
    let h = gradientH f p.Theta
    let x0, x = Block.scalar 1.0, Block.scalar 2.0
    let product (s: Inner) = Block.dot (x - x0) (h s.X - h x0)

    let negative (s: Inner) =
        (0.5 * p.P) * 0.5 * Block.dot (h s.X - h x0) (s.X - x0)
        + (0.5 * f.StrongConvexity) * Block.normSquared (s.X - x)

    let start: Inner = { X = x0; Start = x0 }
    let measures = [ (fun (s: Inner) -> f.Value s.X - f.Value x); product; negative ]

    let means =
        GeometricStop.expectations 0.5 (process'.Step process'.Draw.Outcomes[0].Outcome) measures start
        |> List.map Array.head
        |> List.map2
            (fun (m: Inner -> Block) mean ->
                if first = 1 then
                    mean
                else
                    p.P * (Block.lanes (m start))[0] + (1.0 - p.P) * mean)
            measures

    match means with
    | [ left; product; negative ] ->
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            Evidence.row Relation.Equal 1 60 "E[f(x_N) − f(x)]" left (-27.0 / 14.0)
            Evidence.row Relation.Equal 1 60 "right side as printed" (product - negative) (-179.0 / 84.0)
            Evidence.row Relation.Equal 1 60 "right side corrected" (p.P * product - negative) (-151.0 / 84.0)
        ]
    | _ -> invalidOp "three measures have three means"

let counterexampleClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.1b"
            ClaimKind.Exact
            "f = f_1 = x²/2, θ = 1, p = ½, x_0 = 1, x = 2: the inner lemma's left side is −27/14, its printed right side −179/84, its corrected one −151/84"
            (Instances.only [ 1.0 ])
            (fun _ curvature -> counterexample 1 curvature) with
            Formula = @"-\tfrac{27}{14} > -\tfrac{179}{84},\qquad -\tfrac{27}{14}\le-\tfrac{151}{84}"
            Source = "derived: x_k = 2^{−k}"
            Falsifiers = [
                Falsifier.check "N from 0 on" (fun _ curvature -> counterexample 0 curvature)
            ]
            Tight = Some { Instance = 1.0; AtLeast = 1.0 }
    }

// ---- VI-OLGA.4 -------------------------------------------------------------------------------------------------

/// A stopping probability and a length of sequences.
type StoppingSpec = { P: float; Length: int }

/// E D_{N−1} = pD_0 + (1−p)E D_N for all sequences D_0, …, D_{n−1}, 0, 0, …, the law of N on {first, first + 1, …}.
let private geometricIdentity first (spec: StoppingSpec) =
    /// Σ P(N = k) D_{k − back}.
    let mean back (d: Block) =
        let weights =
            Array.init spec.Length (fun j ->
                GeometricStop.meanOverLengths spec.P (fun n -> if n - 1 + first - back = j then 1.0 else 0.0))

        Block.dot d (Block.vector weights)

    AffineIdentity.forEveryState (Block.zeros 1 1 spec.Length) None (mean 1) (fun d ->
        spec.P * d.SliceDimension(0, 1) + (1.0 - spec.P) * mean 0 d)

let private stopping: Instances<StoppingSpec> =
    Instances.only [
        for p in [ 0.05; 0.3; 0.9 ] do
            for n in [ 1; 7; 30 ] -> { P = p; Length = n }
    ]

let identityClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.4"
            ClaimKind.Exact
            "E D_{N−1} = pD_0 + (1−p)E D_N for every sequence, N ~ Geom(p) on {1, 2, …}"
            stopping
            (fun _ spec -> geometricIdentity 1 spec) with
            Formula = @"\mathbb E D_{N-1} = pD_0+(1-p)\,\mathbb E D_N"
            Source = "arXiv 2412.16414, appendix; derived"
            Falsifiers = [ Falsifier.check "N on {0, 1, …}" (fun _ spec -> geometricIdentity 0 spec) ]
            Tight =
                Some {
                    Instance = { P = 0.3; Length = 7 }
                    AtLeast = 1.0
                }
    }

// ---- VI-OLGA.5 -------------------------------------------------------------------------------------------------

/// Mean charges of an outer iteration over the law of N.
let private expected (p: float) (account: Epoch<CompressorDraw> -> Charge list) counter =
    GeometricStop.meanOverLengths p (fun n ->
        account { Steps = [||]; Lengths = [| n |] }
        |> List.filter (fun c -> c.Counter = counter)
        |> List.sumBy (Charge.forLane 0))

/// Rounds, floats and prox steps of an outer iteration with p = share/γ_ω.
let private accounts share (spec: ServerSpec) =
    let f = ServerSums.quadratic spec :> IServerSum
    let p = parametersFor (randK 1) f
    let p = { p with P = share * p.P }
    let mean = expected p.P (method.Cost f p)
    let gamma = ratio f p.Compressor

    let row name measured value =
        Evidence.row Relation.Equal 1 1000 name measured value

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        row "inner steps" (mean Counter.ProxCalls) gamma
        row "rounds" (mean Counter.Rounds) (2.0 + gamma)
        row "uplink, in full vectors" (mean Counter.UplinkFloats / float f.Dimension) 3.0
    ]

let accountClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.5"
            ClaimKind.Count
            "p = 1/γ_ω: an outer iteration has E N = γ_ω compressed exchanges and 2 full ones, the time of 3 full vectors"
            (ServerSums.instances 4 8 |> Instances.startingWith [ OLGAClaims.dissimilar ])
            (fun _ spec -> accounts 1.0 spec) with
            Formula = @"2 + \tfrac1p\cdot\tfrac1{\gamma_\omega} = 3"
            Source = "arXiv 2412.16414"
            Falsifiers = [ Falsifier.check "p = 1/(2γ_ω)" (fun _ spec -> accounts 0.5 spec) ]
            Tight =
                Some {
                    Instance = OLGAClaims.dissimilar
                    AtLeast = 1.0
                }
    }

/// What certified times depend on: devices, compression ratio, δ/μ.
type TimeSpec = {
    Devices: float
    Ratio: float
    Dissimilarity: float
}

/// Certified times over ln(1/ε), in full vectors: OLGA against its order and against AEG.
let private certifiedTimes (spec: TimeSpec) =
    let p, omega = 1.0 / spec.Ratio, spec.Ratio - 1.0
    // In units of δ = 1.
    let mu = 1.0 / spec.Dissimilarity
    let theta = min (sqrt (p * spec.Devices) / (8.0 * sqrt omega)) 0.5
    let w = weights 0.25 8.0 mu (min theta (1.0 / mu)) p
    let olga = 3.0 / -(log (1.0 - w.Tau))

    let order =
        1.0
        + (sqrt 8.0 * spec.Devices ** -0.25 + sqrt 2.0 / sqrt spec.Ratio)
          * sqrt spec.Dissimilarity

    let aeg = 2.0 / -(log (1.0 - 0.5 * min 1.0 (sqrt mu)))

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        Evidence.row Relation.AtMost 1 1 "OLGA against 12(1 + (√8 M^{−1/4} + √2 γ^{−1/2})√(δ/μ))" olga (12.0 * order)
        Evidence.row Relation.AtMost 1 1 "OLGA against AEG" olga aeg
    ]

let private times: Instances<TimeSpec> =
    Instances.only [
        for devices in [ 1e4; 1e6; 1e8 ] do
            for ratio in [ 25.0; 1e3; 1e5 ] do
                for dissimilarity in [ 1e3; 1e6 ] ->
                    {
                        Devices = devices
                        Ratio = ratio
                        Dissimilarity = dissimilarity
                    }
    ]

let timeClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-OLGA.5b"
            ClaimKind.Count
            "certified time ≤ 12(1 + (√8 M^{−1/4} + √2 γ_ω^{−1/2})√(δ/μ)) ln(1/ε) full vectors, and less than AEG's from M = 10⁴, γ_ω = 25 on"
            times
            (fun _ spec -> certifiedTimes spec) with
            Formula = @"\tilde O\big(1+(M^{-1/4}+\gamma_\omega^{-1/2})\sqrt{\delta/\mu}\big)"
            Assumptions = "Rand-K, ω = γ_ω − 1, p = 1/γ_ω, δ/μ ≥ 10³"
            Source = "arXiv 2412.16414, Corollary 1; the constants from its parameters"
            Falsifiers = [
                Falsifier.check "M = 1" (fun _ spec -> certifiedTimes { spec with Devices = 1.0 })
            ]
    }

// ---- VI-OLGA.9, rounds -----------------------------------------------------------------------------------------

/// τ = min{√(θ/p), 1}/18 and α = θ/(36pτ) as printed, θ = p = 1.
let private printedRule (_: float) : Weights = weights (1.0 / 18.0) 36.0 1.0 1.0 1.0
/// τ = min{√(μθ/p), 1}/18 and α = θ/(36pτ), θ = p = 1.
let private correctedRule (mu: float) : Weights = weights (1.0 / 18.0) 36.0 mu 1.0 1.0

/// Y + Z falls below Y_0 + Z_0 by 100 within ⌈18max{1, √(p/(μθ))}ln 100⌉ outer iterations of EF-OLGA, with f = f_1 =
/// (μ/2)x², where nothing is compressed (β = 1) and every epoch has one step.
let private reaches (rule: float -> Weights) (mu: float) =
    let f =
        ServerSums.quadratic {
            Workers = 1
            Dimension = 1
            Mu = mu
            Smoothness = mu
            Delta = 0.0
            Spread = 0.0
            Seed = 1
        }
        :> IServerSum

    let w = rule mu

    let p: Parameters = {
        Theta = w.Theta
        P = w.P
        Tau = w.Tau
        Alpha = w.Alpha
        Compressor = topK 1
    }

    let epoch = (EFOLGA.method.Draw f p).Sample(DrawAddress.Of 1UL, 1)

    let proc = {
        Method.on f p EFOLGA.method with
            Draw = Draw.always epoch
    }

    let count = int (ceil (18.0 * max 1.0 (sqrt (w.P / (mu * w.Theta))) * log 100.0))

    AllStarts.bound proc (init f.Minimiser) init f.Minimiser None [ count ] Relation.AtMost {
        Bounds.linear "Y + Z" false (lyapunov f w) 1.0 with
            Bound = fun _ start -> start / 100.0
    }

let private curvatures: Instances<float> = Instances.only [ 1.0; 1e-1; 1e-2; 1e-3 ]

let private rounds id statement rule = {
    Claim.spec id ClaimKind.Count statement curvatures (fun _ mu -> reaches rule mu) with
        Formula = @"K = 18\max\{1,\sqrt{p/(\mu\theta)}\}\,\ln\tfrac{Y_0+Z_0}{\varepsilon}"
        Assumptions = "f = f_1 = (μ/2)x², θ = p = 1, ε = (Y_0 + Z_0)/100"
}

let printedRounds: Claim =
    Claim.create {
        rounds
            "VI-OLGA.9-printed"
            "EF-OLGA with the printed τ = min{√(θ/p), 1}/18, α = θ/(36pτ) needs ≤ 18max{1, √(p/(μθ))}ln((Y_0+Z_0)/ε) outer iterations, as its stated rounds say"
            printedRule with
            Source = "arXiv 2412.16414, Corollary 2"
            Erratum =
                Some
                    "Corollary 2 leaves √μ out of τ, so μα = ½μ√(θ/p) and the rounds grow as 1/μ, not 1/√μ (and θ ≤ p^{3/2}/(12δ) is twice what Theorem 2 allows). With τ = min{√(μθ/p), 1}/18 and θ ≤ p^{3/2}/(24δ) the stated rounds hold."
    }

let correctedRounds: Claim =
    Claim.create {
        rounds
            "VI-OLGA.9c"
            "EF-OLGA with τ = min{√(μθ/p), 1}/18, α = θ/(36pτ) needs ≤ 18max{1, √(p/(μθ))}ln((Y_0+Z_0)/ε) outer iterations"
            correctedRule with
            Source = "arXiv 2412.16414, Corollary 2 corrected; derived"
            Falsifiers = [
                Falsifier.check "√μ left out of τ, as printed" (fun _ mu -> reaches printedRule mu)
            ]
    }

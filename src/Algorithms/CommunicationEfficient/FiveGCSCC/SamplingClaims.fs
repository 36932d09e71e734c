/// Rates and reductions of 5GCS-AB.
module Theory.Algorithms.CommunicationEfficient.SampledFiveGCSClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.SampledFiveGCS

/// Three clients of unequal smoothness, their probabilities and the proportions of their τ's.
type SampledSpec = {
    Kappa: float
    KappaLast: float
    P0: float
    P1: float
    P2: float
    Tau0: float
    Tau1: float
    Tau2: float
    /// Weights t_m = p_m instead of 1.
    Matched: bool
    Seed: int
}

let private clients kappa last seed : IClientProx =
    Clients.quadratic {
        Clients = 3
        Dimension = 2
        Kappa = kappa
        KappaLast = last
        Aligned = false
        Spread = 3.0
        Seed = seed
    }

// ---- CE-5GCSCC.2 -----------------------------------------------------------------------------------------------

/// The longest γ that the condition allows, `longer` times.
let private contracts (longer: float) change (spec: SampledSpec) =
    let f = clients spec.Kappa spec.KappaLast spec.Seed

    let p = {
        Gamma = 1.0
        Mu = convexity f
        Taus = [| spec.Tau0; spec.Tau1; spec.Tau2 |]
        P = [| spec.P0; spec.P1; spec.P2 |]
        DualSmoothnesses = dualSmoothnesses f
    }

    let weights = if spec.Matched then p.P else [| 1.0; 1.0; 1.0 |]

    let p = {
        p with
            Gamma = longer / condition p weights
    }

    Spectral.contraction
        {
            Method.on f p method with
                Step = fun taking s -> method.Step f (change p) taking s
        }
        (fixedPoint f p.Mu)
        None
        (psi f p)
        (contraction p)
        0.0

let private skewed = {
    Kappa = 50.0
    KappaLast = 2.0
    P0 = 0.8
    P1 = 0.15
    P2 = 0.05
    Tau0 = 1.0
    Tau1 = 1.0
    Tau2 = 1.0
    Matched = false
    Seed = 1
}

let private starting = [
    for p in [ 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0; 0.8, 0.15, 0.05; 0.6, 0.3, 0.3 ] do
        for taus in [ 1.0, 1.0, 1.0; 4.0, 2.0, 1.0 ] do
            let p0, p1, p2 = p
            let t0, t1, t2 = taus

            {
                skewed with
                    P0 = p0
                    P1 = p1
                    P2 = p2
                    Tau0 = t0
                    Tau1 = t1
                    Tau2 = t2
            }
]

let rate: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCSCC.2"
            ClaimKind.Mean
            "5GCS-AB, independent sampling, γτ_m(T/t_m+1/p_m−1) ≤ 1 with T = Σt_m: E Ψ⁺ ≤ max{1/(1+2γμ), max_m(1−p_m·2τ_m/(L_{F,m}+2τ_m))}Ψ, Ψ = (1/γ)‖x−x*‖²+Σ(1/p_m)(1/τ_m+2/L_{F,m})‖u_m−u_m*‖²"
            (Instances.generated
                (gen {
                    let! kappa = Gen.elements [ 10.0; 50.0; 300.0 ]
                    let! last = Gen.elements [ 2.0; 10.0; 100.0 ]
                    let probability = Gen.elements [ 0.05; 0.3; 0.6; 1.0 ]
                    let tau = Gen.elements [ 0.3; 1.0; 4.0 ]
                    let! p0 = probability
                    let! p1 = probability
                    let! p2 = probability
                    let! t0 = tau
                    let! t1 = tau
                    let! t2 = tau
                    let! matched = Gen.elements [ true; false ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Kappa = kappa
                        KappaLast = last
                        P0 = p0
                        P1 = p1
                        P2 = p2
                        Tau0 = t0
                        Tau1 = t1
                        Tau2 = t2
                        Matched = matched
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Matched then
                            { spec with Matched = false }

                        if spec.Seed > 0 then
                            { spec with Seed = spec.Seed / 2 }
                    })
             |> Instances.startingWith starting)
            (fun _ -> contracts 1.0 id) with
            Formula =
                @"\mathbb E\Psi^+\le\max\Bigl\{\tfrac1{1+2\gamma\mu},\,\max_m\Bigl(1-p_m\tfrac{2\tau_m}{L_{F,m}+2\tau_m}\Bigr)\Bigr\}\Psi"
            Assumptions = "f_m μ-strongly convex and L_m-smooth, L_{F,m} = (L_m−μ)/M > 0, exact prox"
            Source = "arXiv 2306.03240; derived: ‖Σd_m‖² ≤ TΣ‖d_m‖²/t_m, variance Σ(1/p_m−1)‖d_m‖²"
            Falsifiers = [
                Falsifier.check "γ × 4" (fun _ -> contracts 4.0 id) |> Falsifier.at [ skewed ]
                Falsifier.check "x⁺ without 1/p_m" (fun _ ->
                    contracts 1.0 (fun p -> { p with P = [| 1.0; 1.0; 1.0 |] }))
                |> Falsifier.at [ skewed ]
            ]
            Tight = Some { Instance = skewed; AtLeast = 0.99 }
    }

// ---- CE-5GCSCC.4 -----------------------------------------------------------------------------------------------

/// Three clients, C of them a round.
type ReductionSpec = {
    Kappa: float
    Cohort: int
    LocalSteps: int
    Seed: int
}

let private both (s: State) = Block.ConcatWorkers(s.X, s.U)

/// The same round from every state, whatever the outcome.
let private sameRounds centre (draw: Draw<'D>) (first: 'D -> State -> State) (second: 'D -> State -> State) =
    draw.Outcomes
    |> Array.map (fun o ->
        AffineIdentity.forEveryState centre None (fun s -> both (first o.Outcome s)) (fun s ->
            both (second o.Outcome s)))
    |> List.ofArray
    |> Evidence.all

/// 5GCS-CC without compression, and 5GCS-AB with p_m = tilt_m·C/M on cohorts of fixed size, against 5GCS.
let private reduces (tilt: float[]) (spec: ReductionSpec) =
    let f = clients spec.Kappa spec.Kappa spec.Seed
    let tau = FiveGCSMethods.paperTau f spec.Cohort
    let plain = FiveGCSMethods.exactly f spec.Cohort tau
    let local = FiveGCSMethods.inexactly f spec.Cohort tau spec.LocalSteps
    let compressed = CompressedFiveGCS.exactly f identity spec.Cohort tau

    let compressedLocal =
        CompressedFiveGCS.inexactly f identity spec.Cohort tau spec.LocalSteps

    let sampled = {
        Gamma = plain.Gamma
        Mu = plain.Mu
        Taus = Array.create 3 tau
        P = tilt |> Array.map (fun t -> t * float spec.Cohort / 3.0)
        DualSmoothnesses = dualSmoothnesses f
    }

    let centre = fixedPoint f plain.Mu
    let draw = cohort f.Count spec.Cohort
    let whole chosen = chosen, CompressorDraw.Nothing
    let same = sameRounds centre draw
    let exact = FiveGCSMethods.exact.Step f plain

    Evidence.all [
        same exact (fun o -> CompressedFiveGCS.exact.Step f compressed (whole o))
        same exact (fun o -> method.Step f sampled o)
        same (FiveGCSMethods.inexact.Step f local) (fun o -> CompressedFiveGCS.inexact.Step f compressedLocal (whole o))
    ]

let private even = [| 1.0; 1.0; 1.0 |]

let private plainSpec = {
    Kappa = 10.0
    Cohort = 1
    LocalSteps = 3
    Seed = 1
}

let reductions: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCSCC.4"
            ClaimKind.Exact
            "5GCS-CC with ω = 0 is 5GCS, with exact and with K local steps; 5GCS-AB with p_m = C/M on cohorts of fixed size is 5GCS: the same round from every state"
            (Instances.generated
                (gen {
                    let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
                    let! cohort = Gen.choose (1, 3)
                    let! steps = Gen.choose (0, 5)
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Kappa = kappa
                        Cohort = cohort
                        LocalSteps = steps
                        Seed = seed
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ for c in 1..3 -> { plainSpec with Cohort = c } ])
            (fun _ -> reduces even) with
            Formula = @"\omega=0\ \text{or}\ p_m=C/M:\quad\text{5GCS}"
            Assumptions = "the same cohorts; quadratics"
            Source = "by substitution"
            Falsifiers = [
                Falsifier.check "cohorts of fixed size, p_m ≠ C/M" (fun _ -> reduces [| 1.2; 1.0; 0.8 |])
            ]
            Tight = Some { Instance = plainSpec; AtLeast = 1.0 }
    }

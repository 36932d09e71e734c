/// Rates of 5GCS-CC with exact and inexact local solvers.
module Theory.Algorithms.CommunicationEfficient.CompressedFiveGCSClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.InexactSolves
open Theory.Algorithms.CommunicationEfficient.CompressedFiveGCS

/// A cohort's specification and Rand-k.
type CompressedSpec = {
    Clients: int
    Dimension: int
    Kappa: float
    /// C.
    Cohort: int
    /// As of 5GCS.
    TauRule: string
    TauFactor: float
    /// k of Rand-k.
    Kept: int
    Seed: int
}

let private uncompressed (spec: CompressedSpec) : FiveGCSRates.CohortSpec = {
    Clients = spec.Clients
    Dimension = spec.Dimension
    Kappa = spec.Kappa
    Cohort = spec.Cohort
    TauRule = spec.TauRule
    TauFactor = spec.TauFactor
    Aligned = false
    Seed = spec.Seed
}

let private compressed kept (spec: FiveGCSRates.CohortSpec) : CompressedSpec = {
    Clients = spec.Clients
    Dimension = spec.Dimension
    Kappa = spec.Kappa
    Cohort = spec.Cohort
    TauRule = spec.TauRule
    TauFactor = spec.TauFactor
    Kept = kept
    Seed = spec.Seed
}

let private usual = compressed 1 FiveGCSRates.usual

let private instances kappas taus =
    Instances.generated
        (gen {
            let! clients = Gen.choose (2, 3)
            let! cohort = Gen.choose (1, clients)
            let! dimension = Gen.choose (2, 3)
            let! kept = Gen.choose (1, dimension)
            let! kappa = Gen.elements kappas
            let! rule, factor = Gen.elements taus
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Kappa = kappa
                Cohort = cohort
                TauRule = rule
                TauFactor = factor
                Kept = kept
                Seed = seed
            }
        })
        (fun spec -> FiveGCSRates.shrink (uncompressed spec) |> Seq.map (compressed 1))

let private setting (spec: CompressedSpec) =
    let f = FiveGCSRates.problem (uncompressed spec)
    f, FiveGCSRates.tauOf f (uncompressed spec), randK spec.Kept

// ---- CE-5GCSCC.1 -----------------------------------------------------------------------------------------------

/// The method with a changed step against Ψ and its factor.
let private contractsExactly (spec: CompressedSpec) change =
    let f, tau, compressor = setting spec
    let p = exactly f compressor spec.Cohort tau
    let proc = Method.on f p exact

    Spectral.contraction
        {
            proc with
                Step = fun outcome s -> change f p s (proc.Step outcome s)
        }
        (fixedPoint f p.Mu)
        None
        (psi f p 2.0)
        (exactContraction f p)
        0.0

let private asIs _ _ _ next = next

let private growth (f: IFiniteSum) (p: Parameters) =
    1.0 + CompressorCombinations.omegaOf p.Compressor f.Dimension

/// u_m⁺ = u_m + Q_m(ū_m − u_m).
let private unscaledDual f p (s: State) (next: State) = {
    next with
        U = s.U + growth f p * (next.U - s.U)
}

/// x⁺ = x̂ − γ(M/C)(v⁺ − v).
let private unscaledPrimal f p (s: State) (next: State) =
    let xHat = serverProx p.Mu p.Gamma s

    {
        next with
            X = xHat + (1.0 / growth f p) * (next.X - xHat)
    }

/// ω = 4.
let private sparse = {
    usual with
        Clients = 2
        Dimension = 5
}

let exactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCSCC.1"
            ClaimKind.Mean
            "5GCS-CC, exact prox, γτM(1+ω/C) ≤ 1: E Ψ⁺ ≤ max{1/(1+2γμ), 1−(C/(M(1+ω)))·2τ/(L_F+2τ)}Ψ, Ψ = (1/γ)‖x−x*‖²+(M(1+ω)/C)(1/τ+2/L_F)Σ‖u_m−u_m*‖²"
            (instances [ 2.0; 10.0; 100.0 ] [ "paper", 1.0; "dual", 1.0; "dual", 0.1 ]
             |> Instances.startingWith [
                 for kappa in [ 10.0; 100.0 ] do
                     for cohort in 1..3 do
                         for rule, factor in [ "paper", 1.0; "dual", 1.0; "dual", 0.1 ] ->
                             {
                                 usual with
                                     Kappa = kappa
                                     Cohort = cohort
                                     TauRule = rule
                                     TauFactor = factor
                             }
             ])
            (fun _ spec -> contractsExactly spec asIs) with
            Formula =
                @"\mathbb E\Psi^+\le\max\Bigl\{\tfrac1{1+2\gamma\mu},\,1-\tfrac{C}{M(1+\omega)}\tfrac{2\tau}{L_F+2\tau}\Bigr\}\Psi"
            Assumptions = "as CE-5GCS.1; independent Q_m ∈ U(ω), γτM(1+ω/C) ≤ 1"
            Source = "arXiv 2306.03240; derived from CE-5GCS.1 with the variance γ²(M/C)ωΣ‖d_m‖² of compression"
            Falsifiers = [
                Falsifier.check "u updated without 1/(1+ω)" (fun _ spec -> contractsExactly spec unscaledDual)
                |> Falsifier.at [ sparse ]
                Falsifier.check "x updated without (1+ω)" (fun _ spec -> contractsExactly spec unscaledPrimal)
                |> Falsifier.at [ sparse ]
            ]
            Tight =
                Some {
                    Instance = {
                        usual with
                            TauRule = "dual"
                            TauFactor = 0.1
                    }
                    AtLeast = 1.0 - 1e-6
                }
    }

// ---- CE-5GCSCC.5 -----------------------------------------------------------------------------------------------

let private rounds (spec: CompressedSpec) =
    let f, tau, compressor = setting spec
    let p = inexactly f compressor spec.Cohort tau 0

    {
        Problem = f
        Mu = p.Mu
        Gamma = p.Gamma
        Tau = p.Tau
        DualSmoothness = p.DualSmoothness
        Draw = inexact.Draw f p
        Advance = advance f p
        Psi = psi f p 1.0
        Factor = inexactContraction f p
    }

let private ruled (spec: CompressedSpec) =
    let r = rounds spec
    let summed = fewestSteps r (Rule.Summed 1.0)
    let tested = enoughSteps r.DualSmoothness r.Tau
    let rate = contractsAfter r tested

    let pieces = [
        meets r (Rule.Tested 1.0) tested
        everyResidual r (Rule.Tested 1.0)
        // The paper's rule asks for τ ≥ 8μ/(3M).
        if r.Tau * float spec.Clients >= 8.0 / 3.0 * r.Mu * (1.0 - Rounding.parameter) then
            contractsAfter r summed
            everyResidual r (Rule.Summed 1.0)
        if spec.TauRule = "paper" && spec.TauFactor = 1.0 then
            contractsAfter r (FiveGCSMethods.paperSteps r.Problem spec.Cohort)
    ]

    {
        Evidence.all (rate :: pieces) with
            Tightness = rate.Tightness
            Note = rate.Note
    }

let private taus = [ "least", 1.0; "least", 0.3; "paper", 1.0; "paper", 10.0 ]

let inexactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCSCC.5"
            ClaimKind.Mean
            "5GCS-CC with any local solver that meets a rule of CE-5GCS.5 or .5b, γ = 1/(2τM(1+ω/C)): E Ψ⁺ ≤ (1−ρ)Ψ, ρ = min{γμ/(1+γμ), (C/(M(1+ω)))·τ/(L_F+τ)}; every residual, and gradient steps"
            (instances [ 10.0; 100.0 ] taus
             |> Instances.counts 0 1 20
             |> Instances.startingWith [
                 { usual with TauFactor = 1.0 }
                 {
                     usual with
                         Cohort = 2
                         TauRule = "least"
                 }
                 {
                     usual with
                         Cohort = 3
                         Kappa = 100.0
                         TauFactor = 10.0
                 }
                 {
                     usual with
                         Cohort = 1
                         Kappa = 1000.0
                 }
                 {
                     usual with
                         Clients = 2
                         Dimension = 3
                         Kappa = 100.0
                 }
             ])
            (fun _ spec -> ruled spec) with
            Formula =
                @"\mathbb E\Psi^+\le(1-\rho)\Psi,\quad\rho=\min\Bigl\{\tfrac{\gamma\mu}{1+\gamma\mu},\,\tfrac{C}{M(1+\omega)}\tfrac{\tau}{L_F+\tau}\Bigr\}"
            Assumptions = "as CE-5GCS.5; independent Q_m ∈ U(ω)"
            Source =
                "derived: CE-5GCS.5 with γ²(M+ωM/C)Σ‖d_m‖² from sampling and compression; residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "no local step" (fun _ spec -> contractsAfter (rounds spec) 0)
                |> Falsifier.at [ { usual with Kappa = 100.0 } ]
            ]
    }

/// Rates of 5GCS with exact proximal steps and with the paper's number of local gradient steps.
module Theory.Algorithms.CommunicationEfficient.FiveGCSRates

open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.FiveGCSMethods

/// Clients with spectra 1 … κ, a cohort and a τ.
type CohortSpec = {
    Clients: int
    Dimension: int
    Kappa: float
    /// C.
    Cohort: int
    /// "paper": (8/3)√(Lμ/(MC)); "dual": L_F; "least": 8μ/(3M).
    TauRule: string
    /// τ is this many times the rule.
    TauFactor: float
    /// All Hessians equal and diagonal.
    Aligned: bool
    Seed: int
}

let problem (spec: CohortSpec) : IClientProx =
    Clients.quadratic {
        Clients = spec.Clients
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        KappaLast = spec.Kappa
        Aligned = spec.Aligned
        Spread = 3.0
        Seed = spec.Seed
    }

/// τ of a specification.
let tauOf (f: IStronglyConvexSum) (spec: CohortSpec) =
    match spec.TauRule with
    | "paper" -> spec.TauFactor * paperTau f spec.Cohort
    | "dual" -> spec.TauFactor * dualSmoothness f
    | "least" -> spec.TauFactor * 8.0 * convexity f / (3.0 * float f.Count)
    | other -> invalidArg "TauRule" $"TauRule is paper, dual or least; got '{other}'."

let usual: CohortSpec = {
    Clients = 3
    Dimension = 2
    Kappa = 10.0
    Cohort = 1
    TauRule = "paper"
    TauFactor = 1.0
    Aligned = false
    Seed = 1
}

let shrink (spec: CohortSpec) : CohortSpec seq =
    seq {
        if spec.Clients > max 2 spec.Cohort then
            { spec with Clients = spec.Clients - 1 }

        if spec.Cohort > 1 then
            { spec with Cohort = spec.Cohort - 1 }

        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.TauRule <> "paper" || spec.TauFactor <> 1.0 then
            {
                spec with
                    TauRule = "paper"
                    TauFactor = 1.0
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications with the given dimensions, κ's and τ's.
let instances (dimensions: int list) (kappas: float list) (taus: (string * float) list) =
    Instances.generated
        (gen {
            let! clients = Gen.choose (2, 4)
            let! cohort = Gen.choose (1, clients)
            let! dimension = Gen.elements dimensions
            let! kappa = Gen.elements kappas
            let! rule, factor = Gen.elements taus
            let! aligned = Gen.elements [ false; false; true ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Kappa = kappa
                Cohort = cohort
                TauRule = rule
                TauFactor = factor
                Aligned = aligned
                Seed = seed
            }
        })
        shrink

// ---- CE-5GCS.1 -------------------------------------------------------------------------------------------------

/// The method with parameters `run` and a changed step against Ψ and its factor at the theorem's parameters.
let private contracts (spec: CohortSpec) (run: Parameters -> Parameters) change =
    let f = problem spec
    let p = exactly f spec.Cohort (tauOf f spec)
    let proc = Method.on f (run p) exact

    Spectral.contraction
        {
            proc with
                Step = fun chosen s -> change f p s (proc.Step chosen s)
        }
        (fixedPoint f p.Mu)
        None
        (psi f p 2.0)
        (exactContraction f p)
        0.0

let private asIs _ _ _ next = next

/// x⁺ without M/C.
let private unscaled (f: IFiniteSum) (p: Parameters) (s: State) (next: State) =
    let xHat = serverProx p.Mu p.Gamma s

    {
        next with
            X = xHat + (float p.Cohort / float f.Count) * (next.X - xHat)
    }

let private taus = [ "paper", 1.0; "dual", 1.0; "dual", 0.1 ]

let exactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.1"
            ClaimKind.Mean
            "exact prox, γτM ≤ 1: E Ψ⁺ ≤ max{1/(1+2γμ), 1−(C/M)·2τ/(L_F+2τ)}Ψ, Ψ = (1/γ)‖x−x*‖²+(M/C)(1/τ+2/L_F)Σ‖u_m−u_m*‖²"
            (instances [ 2; 3 ] [ 2.0; 10.0; 100.0 ] taus
             |> Instances.startingWith [
                 for kappa in [ 10.0; 100.0 ] do
                     for cohort in 1..3 do
                         for rule, factor in taus ->
                             {
                                 usual with
                                     Kappa = kappa
                                     Cohort = cohort
                                     TauRule = rule
                                     TauFactor = factor
                             }
             ])
            (fun _ spec -> contracts spec id asIs) with
            Formula =
                @"\mathbb E\Psi^+\le\max\Bigl\{\tfrac1{1+2\gamma\mu},\,1-\tfrac CM\tfrac{2\tau}{L_F+2\tau}\Bigr\}\Psi"
            Assumptions = "f_m μ-strongly convex and L-smooth, L_F = (L−μ)/M, uniform cohorts of size C, γτM ≤ 1"
            Source =
                "arXiv 2212.14370; derived: E‖x⁺−x*‖² ≤ ‖x̂−x*‖² − 2γ⟨x̂−x*, Σd_m⟩ + γ²MΣ‖d_m‖² for sampling without replacement"
            Falsifiers = [
                Falsifier.check "x⁺ without M/C" (fun _ spec -> contracts spec id unscaled)
                |> Falsifier.at [ usual ]
                Falsifier.check "γτM = 2" (fun _ spec ->
                    contracts spec (fun p -> { p with Gamma = 2.0 * p.Gamma }) asIs)
                |> Falsifier.at [
                    {
                        usual with
                            Cohort = 3
                            Aligned = true
                    }
                ]
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

// ---- CE-5GCS.2 -------------------------------------------------------------------------------------------------

/// T/ln(Ψ_0/ε) of the theorem, in M, C and κ.
let iterations (clients: float) (cohort: float) (kappa: float) =
    let root = sqrt (clients / cohort * kappa)
    max (1.0 + 16.0 / 3.0 * root) (clients / cohort + 0.375 * root)

let private inexactContracts (spec: CohortSpec) (steps: IStronglyConvexSum -> int) =
    let f = problem spec
    let p = inexactly f spec.Cohort (paperTau f spec.Cohort) (steps f)
    let rho = 1.0 - inexactContraction f p

    let times =
        Evidence.row
            Relation.AtMost
            1
            1
            "1/ρ against T/ln(Ψ_0/ε)"
            (1.0 / rho)
            (iterations (float spec.Clients) (float spec.Cohort) spec.Kappa)

    Spectral.contraction
        (Method.on (f :> IStronglyConvexSum) p inexact)
        (fixedPoint f p.Mu)
        None
        (psi f p 1.0)
        (1.0 - rho)
        0.0,
    Evidence.ofRows Rung.Spectral Relation.AtMost [ times ]

let private paperRate (spec: CohortSpec) =
    let rate, times = inexactContracts spec (fun f -> paperSteps f spec.Cohort)
    // The tightness told is that of the rate.
    {
        Evidence.all [ rate; times ] with
            Tightness = rate.Tightness
    }

let private few = [
    for clients in 2..4 do
        for cohort in 1..clients do
            for kappa in [ 10.0; 50.0; 100.0 ] ->
                {
                    usual with
                        Clients = clients
                        Cohort = cohort
                        Kappa = kappa
                }
]

let inexactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.2"
            ClaimKind.Mean
            "τ = (8/3)√(Lμ/(MC)), γ = 1/(2τM), K ≥ ((3/4)√(CL/(Mμ))+2)ln(4L/μ): E Ψ_T ≤ (1−ρ)^T Ψ_0, ρ = min{γμ/(1+γμ), (C/M)τ/(L_F+τ)}; 1/ρ ≤ max{1+(16/3)√(Mκ/C), M/C+(3/8)√(Mκ/C)}"
            (instances [ 2 ] [ 10.0; 50.0; 100.0; 1000.0 ] [ ("paper", 1.0) ]
             |> Instances.startingWith (
                 few
                 @ [
                     {
                         usual with
                             Clients = 4
                             Cohort = 4
                             Kappa = 1000.0
                     }
                 ]
             ))
            (fun _ spec -> paperRate spec) with
            Formula =
                @"\mathbb E\Psi_T\le(1-\rho)^T\Psi_0,\quad\rho=\min\Bigl\{\tfrac{\gamma\mu}{1+\gamma\mu},\,\tfrac CM\tfrac{\tau}{L_F+\tau}\Bigr\}"
            Assumptions = "as CE-5GCS.1, K gradient steps of stepsize 1/(L_F+τ) on each local problem, from x̂"
            Source = "arXiv 2212.14370; full proof through CE-5GCS.5"
            Falsifiers = [
                Falsifier.check "K = 0" (fun _ spec -> fst (inexactContracts spec (fun _ -> 0)))
                |> Falsifier.at [ { usual with Cohort = 2 } ]
                Falsifier.check "K = 0, κ = 100, one client a round" (fun _ spec ->
                    fst (
                        inexactContracts
                            {
                                spec with
                                    Kappa = 100.0
                                    Clients = 3
                                    Cohort = 1
                            }
                            (fun _ -> 0)
                    ))
            ]
    }

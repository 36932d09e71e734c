/// 5GCS with any local solver that meets a rule.
module Theory.Algorithms.CommunicationEfficient.FiveGCSInexact

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.InexactSolves
open Theory.Algorithms.CommunicationEfficient.FiveGCSMethods
open Theory.Algorithms.CommunicationEfficient.FiveGCSRates

let private rounds (spec: CohortSpec) : Rounds<Mask> * Parameters =
    let f = problem spec
    let p = inexactly f spec.Cohort (tauOf f spec) 0

    {
        Problem = f
        Mu = p.Mu
        Gamma = p.Gamma
        Tau = p.Tau
        DualSmoothness = p.DualSmoothness
        Draw = cohort f.Count p.Cohort
        Advance = advance f.Count p
        Psi = psi f p 1.0
        Factor = inexactContraction f p
    },
    p

/// Several pieces; the tightness told is that of the first.
let private ledBy (first: Evidence) (others: Evidence list) = {
    Evidence.all (first :: others) with
        Tightness = first.Tightness
        Note = first.Note
}

// ---- CE-5GCS.5: the paper's rule --------------------------------------------------------------------------------

let private taus = [ "least", 1.0; "paper", 1.0; "paper", 3.0; "paper", 10.0 ]

let private starting cases rules = [
    for kappa, cohort in cases do
        for rule, factor in rules ->
            {
                usual with
                    Kappa = kappa
                    Cohort = cohort
                    TauRule = rule
                    TauFactor = factor
            }
]

/// Without local steps this one is far from its factor.
let private demanding = { usual with Kappa = 100.0; Cohort = 3 }

let private summed (spec: CohortSpec) =
    let r, _ = rounds spec
    let rule = Rule.Summed 1.0
    let steps = fewestSteps r rule
    ledBy (contractsAfter r steps) [ meets r rule steps; everyResidual r rule ]

let summedRule: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.5"
            ClaimKind.Mean
            "any solver with Σ[(4μL_F²/(3Mτ²))‖y_m−y_m*‖²+(L_F/τ²)‖∇ψ_m(y_m)‖²] ≤ Σ(μ/(6M))‖x̂−y_m*‖², τ ≥ 8μ/(3M), γ = 1/(2τM): E Ψ⁺ ≤ (1−ρ)Ψ as in CE-5GCS.2; every residual, and the fewest gradient steps that meet the rule"
            (instances [ 2 ] [ 10.0; 100.0 ] taus
             |> Instances.counts 1 2 20
             |> Instances.startingWith (
                 starting [ 10.0, 1; 100.0, 2 ] taus
                 @ starting [ (1000.0, 3) ] [ ("paper", 1.0) ]
             ))
            (fun _ spec -> summed spec) with
            Formula =
                @"\sum_m\Bigl[\tfrac{4\mu L_F^2}{3M\tau^2}\|y_m-y_m^*\|^2+\tfrac{L_F}{\tau^2}\|\nabla\psi_m(y_m)\|^2\Bigr]\le\tfrac{\mu}{6M}\sum_m\|\hat x-y_m^*\|^2\Rightarrow\mathbb E\Psi^+\le(1-\rho)\Psi"
            Assumptions = "as CE-5GCS.2 with any τ ≥ 8μ/(3M)"
            Source =
                "the paper's requirement on local solvers; proof derived, residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "no local step" (fun _ spec -> contractsAfter (fst (rounds spec)) 0)
                |> Falsifier.at [ demanding ]
                Falsifier.check "right side 1000 times as large" (fun _ spec ->
                    everyResidual (fst (rounds spec)) (Rule.Summed 1000.0))
                |> Falsifier.at [ demanding ]
            ]
    }

// ---- CE-5GCS.5b: the test of one client -------------------------------------------------------------------------

let private free = [ "least", 0.3; "paper", 1.0; "paper", 10.0 ]

let private tested (spec: CohortSpec) =
    let r, p = rounds spec
    let rule = Rule.Tested 1.0
    let enough = enoughSteps p.DualSmoothness p.Tau
    ledBy (contractsAfter r enough) [ meets r rule enough; everyResidual r rule ]

/// Here r = L_F/τ = 6.8, and the bound on the steps is attained.
let private stiff = { usual with Kappa = 1000.0 }

let testedRule: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.5b"
            ClaimKind.Mean
            "any solver whose clients test L_F‖∇ψ_m(y_m)‖² ≤ (τ/2)‖∇F_m(y_m)−u_m‖², any τ > 0, γ = 1/(2τM): E Ψ⁺ ≤ (1−ρ)Ψ as in CE-5GCS.2; every residual, also when only the sum over the clients meets the test"
            (instances [ 2 ] [ 10.0; 100.0; 1000.0 ] (free @ taus)
             |> Instances.counts 1 2 20
             |> Instances.startingWith (starting [ 10.0, 1; 100.0, 3 ] free @ [ stiff ]))
            (fun _ spec -> tested spec) with
            Formula =
                @"L_F\|\nabla\psi_m(y_m)\|^2\le\tfrac\tau2\|\nabla F_m(y_m)-u_m\|^2\Rightarrow\mathbb E\Psi^+\le(1-\rho)\Psi"
            Assumptions =
                "as CE-5GCS.2 with any τ; max{r, ln√(2r)/ln(1+1/r)} gradient steps, r = L_F/τ, meet the test on quadratics"
            Source = "derived; residuals through the S-lemma's multiplier"
            Falsifiers = [
                Falsifier.check "50τ in place of τ/2" (fun _ spec ->
                    everyResidual (fst (rounds spec)) (Rule.Tested 100.0))
                Falsifier.check "no local step" (fun _ spec -> contractsAfter (fst (rounds spec)) 0)
                |> Falsifier.at [ demanding ]
                Falsifier.check "one step fewer" (fun _ spec ->
                    let r, p = rounds spec
                    meets r (Rule.Tested 1.0) (enoughSteps p.DualSmoothness p.Tau - 1))
                |> Falsifier.at [ stiff ]
            ]
    }

/// Runs from random states, gradient steps until each client's test holds or `limit` is reached: E Ψ⁺ over all cohorts, and
/// the steps against those that are always enough.
let private runs (limit: int -> int) (ctx: CheckContext) (spec: CohortSpec) =
    let r, p = rounds spec
    let f = r.Problem
    let ideal = fixedPoint f p.Mu
    let enough = enoughSteps p.DualSmoothness p.Tau

    let u =
        Array.init spec.Clients (fun m -> CheckContext.gaussianStarts ctx (2 + m) 40 spec.Dimension p.DualSmoothness)

    let states: State = {
        X = ideal.X + CheckContext.gaussianStarts ctx 1 40 spec.Dimension 1.0
        U = ideal.U + Block.ConcatWorkers u
    }

    let xHat = (serverProx p.Mu p.Gamma states).Materialise()

    let _, counts =
        descendUntil f p.Mu p.DualSmoothness p.Tau (limit (enough + 1)) xHat states.U

    let most = counts.ToArray() |> Array.max

    let decrease =
        Enumerated.oneStep ctx {
            Process =
                Method.on
                    (f :> IStronglyConvexSum)
                    {
                        p with
                            LocalSteps = limit (enough + 1)
                    }
                    FiveGCSMethods.tested
            States = states
            Measure = fun _ next -> r.Psi next
            Bound = fun s -> r.Factor * r.Psi s
            Relation = Relation.AtMost
            Keep = id
            Search = 0
        }

    ledBy decrease [
        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            Evidence.row Relation.AtMost 1 1 "local steps until the test holds" most (float enough)
        ]
    ]

/// Nothing spectral applies to the runs: how many steps a client makes depends on the state.
let testedRuns: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.5c"
            ClaimKind.Mean
            "gradient steps until the test of CE-5GCS.5b: E Ψ⁺ ≤ (1−ρ)Ψ over all cohorts, and no client needs more than max{r, ln√(2r)/ln(1+1/r)} steps, r = L_F/τ"
            (instances [ 2; 3 ] [ 10.0; 100.0; 1000.0 ] (free @ taus)
             |> Instances.counts 1 3 20
             |> Instances.startingWith (starting [ 10.0, 1; 100.0, 2; 1000.0, 3 ] [ ("paper", 1.0) ] @ [ demanding ]))
            (runs id) with
            Formula = @"\mathbb E\Psi^+\le(1-\rho)\Psi"
            Assumptions = "as CE-5GCS.5b; quadratics, 40 random states"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "no local step" (runs (fun _ -> 0))
                |> Falsifier.at [ demanding ]
            ]
    }

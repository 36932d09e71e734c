/// How fast regularised participation converges and to what (CE-RCP.1, .2 and .4).
module Theory.Algorithms.CommunicationEfficient.RcpRates

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.RcpCohorts
open Theory.Algorithms.CommunicationEfficient.RcpReference

// ---- CE-RCP.1 --------------------------------------------------------------------------------------------------

/// E‖x⁺−x*‖² ≤ ρ‖x−x*‖² + 2γ²σ²(1−ρ)/μ for every x, ρ = (1−γμ)^{NR}: iterated, the claim for every T.
let private contracts (f: IWeightedClients) (p: Parameters) (run: Parameters) draw (radius: float) =
    let rho = contraction f p

    let proc = {
        Method.on f run regularised with
            Draw = draw
    }

    Spectral.contraction
        proc
        { State.X = f.Minimiser }
        None
        (distance f)
        rho
        (2.0 * p.Gamma ** 2.0 * radius * (1.0 - rho) / f.SampleConvexity)

let private uniform (stretch: float) (noise: float) (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec
    let run = { p with Gamma = stretch * p.Gamma }
    contracts f { p with Gamma = run.Gamma } run (regularised.Draw f p) (noise * uniformRadius f p)

/// Independent cohorts against the bound of regularised ones, in exact expectation from x*.
let private independentCohorts (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec
    let start: State = { X = f.Minimiser }
    let claim = bound f p (uniformRadius f p)
    let perRound = 1.0 / float (rounds f p)

    let steps =
        int (min 4000.0 (3.0 / (p.Gamma * f.SampleConvexity * float spec.Samples)))

    Moments.bound (Method.on f p independent) start start steps Relation.AtMost {
        claim with
            Bound = fun k scale -> contraction f p ** (float k * perRound) * scale + claim.Bound 0 0.0
    }

let private shapes = [ 4, 2, 2; 4, 2, 1; 2, 3, 1; 3, 2, 1; 2, 2, 2; 4, 1, 2; 3, 1, 3; 1, 3, 1 ]

let private starts = [ for gammaL in [ 1.0; 0.1; 0.02 ] -> { usual with GammaL = gammaL } ]

/// A stepsize so small that a meta-epoch is a straight step.
let private tiny = {
    usual with
        Kappa = 1.0
        Spread = 0.0
        Scatter = 0.0
        GammaL = 1e-4
}

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.1"
            ClaimKind.Mean
            "γ ≤ 1/L: E‖x_T−x*‖² ≤ (1−γμ)^{NRT}‖x_0−x*‖² + 2γ²σ_RCP²/μ over T meta-epochs"
            (instances shapes 2 |> Instances.startingWith (tiny :: starts))
            (fun _ -> uniform 1.0 1.0) with
            Formula =
                @"\mathbb E\|x_T-x_*\|^2\le(1-\gamma\mu)^{NRT}\|x_0-x_*\|^2+\tfrac{2\gamma^2\sigma_{\rm RCP}^2}\mu"
            Assumptions =
                "f_m^i μ-strongly convex and L-smooth, a uniform ordered partition into cohorts, uniform orders, σ_RCP² the largest E(1/C)Σ D(reference point, x*)/γ²"
            Source =
                "derived: a local step contracts the distance from the reference point up to 2γD; checked as one meta-epoch from every x"
            Falsifiers = [
                Falsifier.check "independent cohorts" (fun _ -> independentCohorts)
                |> Falsifier.at [ { usual with GammaL = 0.02 } ]
                Falsifier.check "no noise" (fun _ -> uniform 1.0 0.0)
                Falsifier.check "γ = 3/L" (fun _ spec -> uniform 3.0 1.0 { spec with GammaL = 1.0 })
                |> Falsifier.at [ usual ]
            ]
            Tight = Some { Instance = tiny; AtLeast = 0.999 }
    }

/// Each outcome as a law of its own: σ² of those cohorts and orders.
let private everyOutcome (noise: float) (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec

    [
        for o in (regularised.Draw f p).Outcomes ->
            let partition, orders = o.Outcome

            let listOf (indices: Indices) : ListLaw = [ (1.0, (indices.At(0, 0)).ToArray()) ]

            let own = radius f p (listOf partition) (fun m -> listOf orders[m].[0])
            contracts f p p (Draw.always o.Outcome) (noise * own)
    ]
    |> Evidence.all
    |> Evidence.note "one meta-epoch from every x, in every order"

let everyOrderClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.1b"
            ClaimKind.Sure
            "for every fixed order of cohorts and samples: ‖x_T−x*‖² ≤ (1−γμ)^{NRT}‖x_0−x*‖² + 2γ²σ²/μ with that order's own σ²"
            (instances [ 4, 2, 2; 2, 3, 1; 3, 2, 1; 4, 1, 2 ] 2
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ { usual with Samples = 1 }; { usual with Clients = 2; Cohort = 1 } ])
            (fun _ -> everyOutcome 1.0) with
            Formula = @"\|x_T-x_*\|^2\le(1-\gamma\mu)^{NRT}\|x_0-x_*\|^2+\tfrac{2\gamma^2\sigma_\pi^2}\mu"
            Assumptions = "every client available once per meta-epoch, in any order; γ ≤ 1/L"
            Source = "derived, as CE-RCP.1"
            Falsifiers = [ Falsifier.check "no noise" (fun _ -> everyOutcome 0.0) ]
    }

// ---- CE-RCP.2 --------------------------------------------------------------------------------------------------

/// Stationary E‖x−x*‖² at each stepsize.
let private floors (f: IWeightedClients) (spec: RcpSpec) (gammas: float[]) (method: Method<_, _, State, _>) =
    gammas
    |> Array.map (fun gamma ->
        let p = {
            parametersOf f spec with
                Gamma = gamma
        }

        match StationaryMoments.expectation (Method.on f p method) { State.X = f.Minimiser } (distance f) with
        | Ok value -> value
        | Error reason -> invalidOp reason)

/// Local slopes of the stationary error over halved stepsizes.
let private slopes (spec: RcpSpec) swapped =
    let f = problem spec
    let gammas = Array.init 4 (fun j -> 0.01 / largest f * 0.5 ** float j)

    let first, second =
        floors f spec gammas regularised, floors f spec gammas independent

    let rcp, cs = if swapped then second, first else first, second
    let slope (e: float[]) j = Math.Log2(e[j] / e[j + 1])

    let row relation label measured bound =
        Evidence.row relation 16 100 label measured bound

    Evidence.all [
        Evidence.ofRows Rung.Moments Relation.AtLeast [
            for j in 0..2 do
                row Relation.AtLeast $"slope of RCP between γ_{j} and γ_{j + 1}" (slope rcp j) 1.9
                row Relation.AtLeast $"slope of independent cohorts between γ_{j} and γ_{j + 1}" (slope cs j) 0.9
        ]
        Evidence.ofRows Rung.Moments Relation.AtMost [
            for j in 0..2 do
                row Relation.AtMost $"slope of independent cohorts between γ_{j} and γ_{j + 1}" (slope cs j) 1.1
        ]
    ]

let private small = { usual with Spread = 3.0 }

let slopeClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.2"
            ClaimKind.Scaling
            "stationary E‖x−x*‖²: slope in γ at least 1.9 for RCP, within [0.9, 1.1] for independent cohorts"
            (instances [ 4, 2, 2; 4, 2, 1; 2, 3, 1; 3, 2, 1 ] 2
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ small ])
            (fun _ spec -> slopes spec false) with
            Formula =
                @"\mathbb E\|x_\infty-x_*\|^2=O(\gamma^2)\ \text{(RCP)},\qquad\Theta(\gamma)\ \text{(independent)}"
            Assumptions = "heterogeneous clients, C < M, γ = 0.01·2^{−j}/L, j = 0, …, 3"
            Source =
                "derived from CE-RCP.1; independent cohorts add noise of order γ² a round over a contraction of order γ"
            Valid = fun spec -> spec.Spread > 0.0
            Falsifiers = [ Falsifier.check "the two exchanged" (fun _ spec -> slopes spec true) ]
    }

// ---- CE-RCP.4 --------------------------------------------------------------------------------------------------

let private radiusAtMost (bound: IWeightedClients -> Parameters -> float) (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec

    Evidence.ofRows Rung.Enumerated Relation.AtMost [
        Evidence.row
            Relation.AtMost
            spec.Dimension
            (spec.Clients * spec.Samples)
            "σ_RCP²"
            (uniformRadius f p)
            (bound f p)
    ]

/// A quarter of the bound without the drift inside a pass.
let private withoutDrift (f: IWeightedClients) (p: Parameters) =
    let _, n = sizes f
    let struct (zeta, _) = heterogeneity f
    0.25 * (radiusBound f p - largest f * float (n - 1) ** 2.0 * zeta)

/// One round of three clients: nothing but the drift inside a pass.
let private drifting = {
    usual with
        Clients = 3
        Samples = 3
        Cohort = 3
        Kappa = 1.0
        Scatter = 0.0
}

let radiusClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.4"
            ClaimKind.Mean
            "uniform cohorts and orders, M, N ≥ 2: σ_RCP² ≤ L[(N²R²/(4(M−1))+(N−1)²)ζ²+(N²/(4(N−1)))σ²], ζ and σ the clients' and samples' spread at x*"
            (instances [ 4, 2, 2; 4, 2, 1; 4, 3, 2; 3, 3, 1; 3, 3, 3; 2, 4, 1 ] 2
             |> Instances.counts 4 20 100
             |> Instances.startingWith [ drifting; usual ])
            (fun _ -> radiusAtMost radiusBound) with
            Formula =
                @"\sigma_{\rm RCP}^2\le L\Bigl[\Bigl(\tfrac{N^2R^2}{4(M-1)}+(N-1)^2\Bigr)\zeta_*^2+\tfrac{N^2}{4(N-1)}\sigma_*^2\Bigr]"
            Assumptions = "f_m^i L-smooth; every order of cohorts and samples equally likely"
            Source = "derived: means without replacement have variance at most R²ζ²/(4(M−1)) after any round"
            Falsifiers = [
                Falsifier.check "no (N−1)²ζ², a quarter of the rest" (fun _ -> radiusAtMost withoutDrift)
            ]
    }

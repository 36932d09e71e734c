/// CE-PSVR.5: communications at price 1, gradients of samples at price δ.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRCounts

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators

/// A federation and the price of a gradient.
[<NoComparison>]
type CostSpec = {
    Clients: int
    Samples: int
    Kappa: float
    Tau: int
    /// δ of the formula.
    Delta: float
    Seed: int
}

let private setting (spec: CostSpec) =
    ClientSamples.quadratic {
        Clients = spec.Clients
        Samples = spec.Samples
        Dimension = 2
        Kappa = spec.Kappa
        Hessians = "scaled"
        Seed = spec.Seed
    }
    :> IClientSamples

/// Communications and sample gradients of a step in expectation.
[<NoComparison>]
type private Spent = { Rounds: float; Gradients: float }

/// What a step of ProxSkip is charged; each of its gradients is over m samples.
let private skipStep (f: IClientSamples) (p: ProxSkip.Parameters) : Spent =
    let account = ProxSkip.method.Cost f p

    {
        Rounds = Costs.overCoin Counter.Rounds p.P account
        Gradients = float f.Samples * Costs.overCoin Counter.Gradients p.P account
    }

/// What a step of a variance-reduced method is charged: `account` of θ and of the coin of y; which samples are drawn
/// changes nothing.
let private reducedStep p q (account: Mask -> Mask -> Charge list) : Spent =
    let tails = Mask.Constant false

    {
        Rounds = Costs.overCoin Counter.Rounds p (fun theta -> account theta tails)
        Gradients = Costs.overCoin Counter.ComponentGradients q (account tails)
    }

let private hubStepCost (f: IClientSamples) (p: HubParameters) =
    let sample = (hubDraw f p).Sample(DrawAddress(1UL, 0u, 0, 0, 0), 1)
    reducedStep p.P p.Q (fun theta coin -> hub.Cost f p (theta, (sample, coin)))

let private lsvrgStepCost (f: IClientSamples) (p: LsvrgParameters) =
    let j = Indices.Constant(f.Samples, [| 0 |])
    reducedStep p.P p.Q (fun theta coin -> lsvrg.Cost f p (theta, (j, coin)))

let private price delta (spent: Spent) = spent.Rounds + delta * spent.Gradients

// ---- The ratio as the paper computes it ---------------------------------------------------------------------------

/// ProxSkip with γ = 1/L against minibatches with γ = 1/L_τ (constants left out), q = 2γμ, p = √(γμ): cost of a step
/// over γμ, which is what a factor e costs.
let private ratio (swapped: bool) (f: IClientSamples) (spec: CostSpec) =
    let mu, l = ProxSkip.smallestConvexity f, Array.max f.Smoothnesses
    let lTau = minibatchSmoothness spec.Samples spec.Tau f.SampleSmoothness l
    let m, tau = float spec.Samples, float spec.Tau
    let m, tau = if swapped then tau, m else m, tau

    let plain =
        let p: ProxSkip.Parameters = { Gamma = 1.0 / l; P = sqrt (mu / l) }
        let step = skipStep f p

        fun delta -> price delta step / (p.Gamma * mu)

    let reduced =
        let gamma = 1.0 / lTau

        let step =
            hubStepCost f {
                Gamma = gamma
                P = sqrt (gamma * mu)
                Q = 2.0 * gamma * mu
                Tau = spec.Tau
                Compressor = identity
            }

        fun delta -> price delta step / (gamma * mu)

    let slope = 2.0 * m * mu + (2.0 * lTau - 2.0 * mu) * tau

    let formula delta =
        (sqrt (mu * l) + m * l * delta) / (sqrt (lTau * mu) + slope * delta)

    let equal label measured expected =
        Evidence.row Relation.Equal 1 8 label measured expected

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        equal "Cost(δ)" (plain spec.Delta / reduced spec.Delta) (formula spec.Delta)
        equal "Cost(0) = √(L/L_τ)" (plain 0.0 / reduced 0.0) (sqrt (l / lTau))
        equal "Cost(∞) = mL/(2mμ+(2L_τ−2μ)τ)" ((plain 1.0 - plain 0.0) / (reduced 1.0 - reduced 0.0)) (m * l / slope)
    ]

// ---- What the runs need ---------------------------------------------------------------------------------------------

let private accuracy = 1e-4

/// Steps until E Σ‖x_i − x*‖² is at most 1e-4 of its start, in exact expectation.
let private steps proc centre start (measure: 'S -> Block) =
    let first = (Block.lanes (measure start))[0]
    Costs.firstBelow proc centre start 20000 measure (accuracy * first)

/// Total costs of ProxSkip and of ProxSkip-LSVRG by their theorems' own parameters. For each price δ: whether
/// ProxSkip-LSVRG must be the cheaper one.
let private compare (expected: (float * bool) list) (spec: CostSpec) =
    let f = setting spec
    let x0 = Block.zeros 1 1 f.Dimension
    let skip = ProxSkip.parameters f
    let reduced = lsvrgParameters f

    let plainSteps =
        steps (Method.on (f :> IFiniteSum) skip ProxSkip.method) (ProxSkip.fixedPoint f) (ProxSkip.init f x0) (fun s ->
            Block.totalNormSquared (s.X - f.Minimiser))

    let reducedSteps =
        steps (Method.on f reduced lsvrg) (fixedPoint f) (init f x0) (fun s ->
            Block.totalNormSquared (s.X - f.Minimiser))

    match plainSteps, reducedSteps with
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason
    | Ok a, Ok b ->
        Evidence.ofRows Rung.Moments Relation.AtMost [
            for delta, reducedCheaper in expected do
                let plain = float a * price delta (skipStep f skip)
                let other = float b * price delta (lsvrgStepCost f reduced)
                let less, more = if reducedCheaper then other, plain else plain, other
                let label = $"δ = {delta}: {a} steps of ProxSkip, {b} of ProxSkip-LSVRG"
                Evidence.row Relation.AtMost 8 (a + b) label less more
        ]

let private federation = {
    Clients = 2
    Samples = 50
    Kappa = 20.0
    Tau = 1
    Delta = 1.0
    Seed = 1
}

let private instances =
    Instances.generated
        (gen {
            let! clients = Gen.choose (1, 4)
            let! samples = Gen.choose (2, 30)
            let! kappa = Gen.elements [ 10.0; 50.0; 300.0 ]
            let! tau = Gen.choose (1, samples)
            let! delta = Gen.elements [ 0.0; 0.01; 1.0; 100.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Samples = samples
                Kappa = kappa
                Tau = tau
                Delta = delta
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Clients > 1 then
                    { spec with Clients = spec.Clients - 1 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

let ratioClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.5"
            ClaimKind.Count
            "a step costs p + δm for ProxSkip, p + δ(qm+(1−q)τ+τ) for ProxSkip-VR; γ = 1/L against 1/L_τ, q = 2γμ: Cost(δ) = (√(μL)+mLδ)/(√(L_τμ)+(2mμ+(2L_τ−2μ)τ)δ)"
            (instances
             |> Instances.startingWith [ federation; { federation with Delta = 0.0 } ])
            (fun _ spec -> ratio false (setting spec) spec) with
            Formula =
                @"\frac{\sqrt{\mu L}+mL\delta}{\sqrt{L_\tau\mu}+(2m\mu+(2L_\tau-2\mu)\tau)\delta}\ \to\ \sqrt{L/L_\tau}\ (\delta=0),\ \frac{mL}{2m\mu+(2L_\tau-2\mu)\tau}\ (\delta\to\infty)"
            Assumptions =
                "costs of a factor e of the rates, constants in γ left out; per step from the methods' own counters"
            Source = "arXiv 2207.04338"
            Valid = fun spec -> spec.Tau <= spec.Samples
            Falsifiers = [
                Falsifier.check "m and τ swapped" (fun _ spec -> ratio true (setting spec) spec)
            ]
            Tight =
                Some {
                    Instance = federation
                    AtLeast = 1.0 - 1e-9
                }
    }

let runs: Claim =
    Claim.create {
        Claim.spec
            "CE-PSVR.5b"
            ClaimKind.Count
            "m = 50, τ = 1, q = 1/m, theorems' parameters, to 1e-4 of the start: at δ = 1 ProxSkip-LSVRG costs less than ProxSkip, at δ = 0 it does not"
            (Instances.only [
                federation
                {
                    federation with
                        Seed = 7
                        Kappa = 12.0
                }
            ])
            (fun _ spec -> compare [ 1.0, true; 0.0, false ] spec) with
            Formula = @"pT+\delta\,T(qm+(1-q)\tau+\tau)\ \text{against}\ pT'+\delta mT'"
            Assumptions = "two clients, Hessians diag(1, κ) of sizes between ½ and 1½"
            Source = "counted: steps in exact expectation, costs of a step from the methods' counters"
            Falsifiers = [
                Falsifier.check "cheaper in communications" (fun _ -> compare [ (0.0, true) ])
                Falsifier.check "dearer at δ = 1" (fun _ -> compare [ (1.0, false) ])
            ]
    }

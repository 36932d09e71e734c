/// Identities of 5GCS: one client is Chambolle–Pock, and what sampling without replacement does to a sum.
module Theory.Algorithms.CommunicationEfficient.FiveGCSExact

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.FiveGCSMethods

/// Vectors d_1 … d_M of which C are drawn; κ and γτ of the single client.
type SampleSpec = {
    Clients: int
    Cohort: int
    Dimension: int
    Kappa: float
    /// γτM.
    Product: float
    Seed: int
}

// ---- One client ------------------------------------------------------------------------------------------------

/// The state of the method of Chambolle and Pock on min (μ/2)‖x‖² + F(x).
type private Pock = {
    /// The primal point of the last step.
    Primal: Block
    Dual: Block
    /// The dual point before.
    Before: Block
}

/// Primal step from the extrapolated dual point 2u − u⁻, then u⁺ = prox_{τF*}(u + τx), by Moreau's identity.
let private chambollePock (f: IClientProx) (p: Parameters) (s: Pock) : Pock =
    let primal =
        (1.0 / (1.0 + p.Gamma * p.Mu))
        * (s.Primal - p.Gamma * (2.0 * s.Dual - s.Before))

    let w = (s.Dual + p.Tau * primal).Materialise()
    // argmin F(y) + (τ/2)‖y − w/τ‖².
    let inner = f.Prox [| p.Tau - p.Mu |] w

    {
        Primal = primal
        Dual = w - p.Tau * inner
        Before = s.Dual
    }

/// The server's x that belongs to a state of Chambolle–Pock.
let private server (p: Parameters) (s: Pock) : State = {
    X = s.Primal - p.Gamma * (s.Dual - s.Before)
    U = s.Dual
}

/// From every state the round of 5GCS and the step of Chambolle–Pock lead to the same x and u.
let private oneClient (spec: SampleSpec) =
    let f: IClientProx =
        Clients.quadratic {
            Clients = 1
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            KappaLast = spec.Kappa
            Aligned = false
            Spread = 3.0
            Seed = spec.Seed
        }

    let tau = paperTau f 1

    let p = {
        exactly f 1 tau with
            Gamma = spec.Product / tau
    }

    let everyone = Mask.Constant true
    let both (s: State) = Block.ConcatWorkers(s.X, s.U)
    let solution = fixedPoint f p.Mu

    AffineIdentity.forEveryState
        {
            Primal = solution.X
            Dual = solution.U
            Before = solution.U
        }
        None
        (fun s -> both (exact.Step f p everyone (server p s)))
        (fun s -> both (server p (chambollePock f p s)))

// ---- Sampling --------------------------------------------------------------------------------------------------

type private Sample = { All: Block; Estimate: Block }

let private sampled (spec: SampleSpec) : Process<Sample, Mask> = {
    Name = "(M/C) Σ over the cohort"
    Draw = cohort spec.Clients spec.Cohort
    Step =
        fun chosen s -> {
            s with
                Estimate =
                    (float spec.Clients / float spec.Cohort)
                    * Block.sum (Block.choose chosen s.All (0.0 * s.All))
        }
    Cost = fun _ -> []
}

/// E‖(M/C)Σ_S d_m − Σd_m‖² = factor·(Σ‖d_m‖² − ‖Σd_m‖²/M).
let private variance (factor: float) (spec: SampleSpec) =
    let centre = {
        All = Block.zeros spec.Clients 1 spec.Dimension
        Estimate = Block.zeros 1 1 spec.Dimension
    }

    let unbiased =
        AffineIdentity.mean (sampled spec) centre None (fun s -> s.Estimate) (fun s -> Block.sum s.All)

    let spread =
        Spectral.oneStep {
            Process = sampled spec
            Centre = centre
            Keeps = None
            Measure = fun s -> Block.normSquared (s.Estimate - Block.sum s.All)
            Bound =
                fun s ->
                    factor
                    * (Block.totalNormSquared s.All
                       - (1.0 / float spec.Clients) * Block.normSquared (Block.sum s.All))
            Relation = Relation.Equal
            MatchMoments = false
        }

    Evidence.all [ unbiased; spread ]

let private withoutReplacement (spec: SampleSpec) =
    let m, c = float spec.Clients, float spec.Cohort
    m * (m - c) / (c * (m - 1.0))

let private usual = {
    Clients = 4
    Cohort = 2
    Dimension = 2
    Kappa = 10.0
    Product = 1.0
    Seed = 1
}

let identities: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCS.3"
            ClaimKind.Exact
            "M = 1, exact prox: 5GCS is Chambolle–Pock; E[(M/C)Σ_S d_m] = Σd_m with variance M(M−C)/(C(M−1))·(Σ‖d_m‖²−‖Σd_m‖²/M)"
            (Instances.generated
                (gen {
                    let! clients = Gen.choose (2, 5)
                    let! cohort = Gen.choose (1, clients)
                    let! dimension = Gen.choose (2, 3)
                    let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
                    let! product = Gen.elements [ 0.3; 1.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Clients = clients
                        Cohort = cohort
                        Dimension = dimension
                        Kappa = kappa
                        Product = product
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.Clients > max 2 spec.Cohort then
                            { spec with Clients = spec.Clients - 1 }

                        if spec.Cohort > 1 then
                            { spec with Cohort = spec.Cohort - 1 }
                    })
             |> Instances.startingWith [ for c in 1..4 -> { usual with Cohort = c } ])
            (fun _ spec -> Evidence.all [ oneClient spec; variance (withoutReplacement spec) spec ]) with
            Formula =
                @"\mathbb E\Bigl\|\tfrac MC\sum_{m\in S}d_m-\sum_md_m\Bigr\|^2=\tfrac{M(M-C)}{C(M-1)}\Bigl(\sum_m\|d_m\|^2-\tfrac1M\bigl\|\sum_md_m\bigr\|^2\Bigr)"
            Assumptions = "uniform cohorts of size C; quadratics for the first part"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "M/C, as with replacement" (fun _ spec ->
                    variance (float spec.Clients / float spec.Cohort) spec)
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

/// DASHA-PP and its PAGE variant on nonconvex clients (CE-DASHAPP.1 and .5).
module Theory.Algorithms.CommunicationEfficient.DashaNonconvexClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DashaParticipants

/// Indefinite clients with a convex mean (L = 1), participation and compression.
type DashaSpec = {
    /// n.
    Clients: int
    /// s of s-nice participation.
    Participants: int
    /// Every client decides for itself, with probability s/n, instead.
    Independent: bool
    Dimension: int
    /// k of Rand-k; k = d is no compression.
    K: int
    /// Samples of a client, probability of full gradients, batch: only the PAGE variant has them.
    Samples: int
    Q: float
    Batch: int
    Seed: int
}

/// Who takes part and what is sent.
let sendingOf (spec: DashaSpec) : Sending = {
    Compressor = if spec.K = spec.Dimension then identity else randK spec.K
    Participation =
        if spec.Independent then
            Participation.independent (Array.create spec.Clients (float spec.Participants / float spec.Clients))
        else
            Participation.nice spec.Participants spec.Clients
}

/// The clients of a specification, each with one function.
let clientsOf (spec: DashaSpec) =
    Quadratic.indefinite spec.Clients spec.Dimension spec.Seed :> IFiniteSum

/// The clients of a specification, each with its samples.
let sampledClientsOf (spec: DashaSpec) =
    WeightedClientSpec.indefinite (
        WeightedClientSpec.equal spec.Clients spec.Samples {
            Sizes = ""
            Dimension = spec.Dimension
            Kappa = 1.0
            Spread = 1.0
            Scatter = 1.0
            Seed = spec.Seed
        }
    )
    :> IWeightedClients

/// A typical specification: one of three clients, Rand-1 in the plane.
let usual = {
    Clients = 3
    Participants = 1
    Independent = false
    Dimension = 2
    K = 1
    Samples = 2
    Q = 0.5
    Batch = 1
    Seed = 1
}

let private shrink (spec: DashaSpec) =
    seq {
        if spec.Clients > 1 && spec.Clients > spec.Participants then
            { spec with Clients = spec.Clients - 1 }

        if spec.Participants > 1 then
            {
                spec with
                    Participants = spec.Participants - 1
            }

        if spec.Samples > 1 then
            { spec with Samples = spec.Samples - 1 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Specifications of at most the given numbers of clients, samples and dimensions.
let generator maxClients maxSamples maxDimension =
    gen {
        let! clients = Gen.choose (1, maxClients)
        let! participants = Gen.choose (1, clients)
        let! independent = Gen.elements [ false; false; true ]
        let! dimension = Gen.choose (1, maxDimension)
        let! k = Gen.choose (1, dimension)
        let! samples = Gen.choose (1, maxSamples)
        let! q = Gen.elements [ 1.0; 0.5; 1.0 / 3.0; 0.1 ]
        let! batch = Gen.choose (1, 2)
        let! seed = Gen.choose (0, 10000)

        return {
            Clients = clients
            Participants = participants
            Independent = independent
            Dimension = dimension
            K = k
            Samples = samples
            Q = q
            Batch = batch
            Seed = seed
        }
    }

/// Specifications as a claim's instances.
let instances maxClients maxSamples maxDimension =
    Instances.generated (generator maxClients maxSamples maxDimension) shrink

/// E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖² for every state; with Φ_0 = f(x_0) − f* it sums to the claim for every T.
let private descends (f: IObjective) proc (centre: State) (gamma: float) (potential: State -> Block) =
    Spectral.oneStep {
        Process = proc
        Centre = centre
        Keeps = None
        Measure = potential
        Bound = fun s -> potential s - (gamma / 2.0) * Block.normSquared (f.Gradient s.X)
        Relation = Relation.AtMost
        MatchMoments = false
    }

let private far (spec: DashaSpec) =
    Block.Fill(Shape.Vector(1, 1, spec.Dimension), 2.0)

// ---- CE-DASHAPP.1 ----------------------------------------------------------------------------------------------

/// Parameters with `factor` in the place of the 48 of R.
let private parametersWith factor (f: IFiniteSum) (spec: DashaSpec) =
    let sending = sendingOf spec

    {
        DashaFullGradients.parametersFor sending f with
            Gamma = stepsizeWith factor (DashaFullGradients.constants f) sending 1.0 1
    }

let private fullDescends factor (spec: DashaSpec) =
    let f = clientsOf spec
    let p = parametersWith factor f spec

    descends
        f
        (Method.on f p DashaFullGradients.method)
        (DashaFullGradients.fixedPoint f)
        p.Gamma
        (DashaFullGradients.potentialOf f p)

/// A longer step against the theorem's bound, in exact expectation along the trajectory.
let private fullAverages factor stretch (spec: DashaSpec) =
    let f = clientsOf spec
    let p = parametersWith factor f spec

    Moments.bound
        (Method.on f { p with Gamma = stretch * p.Gamma } DashaFullGradients.method)
        (DashaFullGradients.fixedPoint f)
        (DashaFullGradients.init f (far spec))
        300
        Relation.AtMost
        (DashaFullGradients.bound f p)

let private starts = [
    usual
    { usual with Participants = 2 }
    { usual with Participants = 3 }
    { usual with K = 2 }
    { usual with K = 2; Participants = 3 }
    { usual with Independent = true }
]

let private formula =
    @"\frac1T\sum_{t<T}\mathbb E\|\nabla f(x_t)\|^2\le\frac{2(f(x_0)-f_*)}{\gamma T}"

let private assumptions =
    "f L-smooth, f_i L_i-smooth, L̂² = (1/n) Σ L_i², P(i takes part) = p_a, P(i and j) = p_aa ≤ p_a², C_i ∈ U(ω) independent, a = p_a/(2ω+1), b = p_a/(2−p_a), g_i = h_i = ∇f_i(x_0)"

/// CE-DASHAPP.1 as the paper has it.
let nonconvex: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.1"
            ClaimKind.Mean
            "γ ≤ 1/(L+L̂√(48ω(2ω+1)/(np_a²) + (16/(np_a²))(1−p_aa/p_a))): (1/T)Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0)−f*)/(γT)"
            (instances 3 1 2 |> Instances.startingWith starts)
            (fun _ -> fullDescends 48.0) with
            Formula = formula
            Assumptions = assumptions
            Source =
                "arXiv 2205.15580; checked as E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖² for every state, Φ = f−f*+κ‖g−h‖²+η·mean‖g_i−h_i‖²+ν‖h−∇f‖²+ρ·mean‖h_i−∇f_i‖²"
            Falsifiers = [
                Falsifier.check "γ × 20" (fun _ -> fullAverages 48.0 20.0)
                Falsifier.check "γ × 5 without compression" (fun _ spec ->
                    fullAverages 48.0 5.0 { spec with K = spec.Dimension })
            ]
            Tight =
                Some {
                    Instance = { usual with K = 2; Participants = 3 }
                    AtLeast = 1.0 - 1e-9
                }
    }

/// The same potential allows 32 for 48.
let sharper: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.1b"
            ClaimKind.Mean
            "the bound of CE-DASHAPP.1 with γ = 1/(L+L̂√(32ω(2ω+1)/(np_a²) + (16/(np_a²))(1−p_aa/p_a)))"
            (instances 3 1 2 |> Instances.counts 1 4 30 |> Instances.startingWith starts)
            (fun _ -> fullDescends 32.0) with
            Formula = formula
            Assumptions = assumptions
            Source =
                "derived: κ = γ/a, η = γ((2ω+1)p_a−p_aa)/(np_a²), ν = γ/b, ρ = 2b(ν(p_a−p_aa)/(np_a²)+(2ω/p_a)(κ/n+η))"
            Falsifiers = [ Falsifier.check "γ × 20" (fun _ -> fullAverages 32.0 20.0) ]
            Tight =
                Some {
                    Instance = { usual with K = 2; Participants = 3 }
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- CE-DASHAPP.5 ----------------------------------------------------------------------------------------------

let private pageParameters (f: IWeightedClients) (spec: DashaSpec) =
    DashaSampledGradients.pageParametersFor (sendingOf spec) spec.Q spec.Batch f

let private pageDescends (spec: DashaSpec) =
    let f = sampledClientsOf spec
    let p = pageParameters f spec

    descends
        f
        (Method.on f p DashaSampledGradients.page)
        (DashaSampledGradients.init f f.Minimiser)
        p.Gamma
        (DashaSampledGradients.pagePotential f p)

let private pageAverages stretch (spec: DashaSpec) =
    let f = sampledClientsOf spec
    let p = pageParameters f spec

    Moments.bound
        (Method.on f { p with Gamma = stretch * p.Gamma } DashaSampledGradients.page)
        (DashaSampledGradients.init f f.Minimiser)
        (DashaSampledGradients.init f (far spec))
        100
        Relation.AtMost
        (DashaSampledGradients.pageBound f p)

/// Outcomes of the PAGE variant: a coin, samples, participants and masks.
let private outcomes (spec: DashaSpec) =
    let f = sampledClientsOf spec
    (Method.on f (pageParameters f spec) DashaSampledGradients.page).Draw.Count

/// CE-DASHAPP.5.
let page: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.5"
            ClaimKind.Mean
            "PAGE variant: γ ≤ 1/(L+√R), R = (48ω(2ω+1)/(np_a²))(L̂²+S) + (16/(np_a²q))((1−p_aa/p_a)L̂²+S), S = (1−q)L_max²/B: (1/T)Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0)−f*)/(γT)"
            (instances 3 2 2
             |> Instances.counts 1 3 30
             |> Instances.startingWith [
                 { usual with Clients = 2 }
                 {
                     usual with
                         Clients = 2
                         Participants = 2
                         Q = 1.0 / 3.0
                 }
                 { usual with K = 2 }
                 { usual with K = 2; Participants = 2 }
             ])
            (fun _ -> pageDescends) with
            Formula = formula
            Assumptions =
                assumptions
                + "; one coin of probability q for all, B samples a participant with replacement, L_max the largest smoothness constant of the f_ij"
            Source = "arXiv 2205.15580; re-derived with the potential of CE-DASHAPP.1, 1/(qb) in the place of 1/b"
            Valid = fun spec -> outcomes spec <= 400.0
            Falsifiers = [ Falsifier.check "γ × 20" (fun _ -> pageAverages 20.0) ]
            Tight =
                Some {
                    Instance = {
                        usual with
                            Clients = 2
                            Participants = 2
                            Q = 1.0 / 3.0
                    }
                    AtLeast = 0.999
                }
    }

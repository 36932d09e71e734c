/// What DASHA-PP does on average, what it becomes, and what partial participation costs (CE-DASHAPP.2 to .4).
module Theory.Algorithms.CommunicationEfficient.DashaIdentityClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DashaParticipants
open Theory.Algorithms.CommunicationEfficient.DashaNonconvexClaims

// ---- CE-DASHAPP.2 ----------------------------------------------------------------------------------------------

/// E[h_i⁺ − ∇f_i(x⁺)] = (1 − rate)(h_i − ∇f_i(x)) and E[g_i⁺ − h_i⁺] = (1 − a)(g_i − h_i).
let private means (proc: Process<State, 'D>) (centre: State) (gradients: Block -> Block) (rate: float) (a: float) =
    let lag (s: State) = s.H - gradients s.X
    let apart (s: State) = s.G - s.H

    Evidence.all [
        AffineIdentity.mean proc centre None lag (fun s -> (1.0 - rate) * lag s)
        AffineIdentity.mean proc centre None apart (fun s -> (1.0 - a) * apart s)
    ]

/// The update of DASHA-PP or a changed one.
type private Update = Sending -> float -> Mask * CompressorDraw -> Block -> Block -> State -> State

let private fullMeans (change: Update) (spec: DashaSpec) =
    let f = clientsOf spec
    let p = DashaFullGradients.parametersFor (sendingOf spec) f

    let proc = {
        Method.on f p DashaFullGradients.method with
            Step =
                fun outcome s ->
                    let x = s.X - p.Gamma * Block.mean s.G
                    change p.Sending p.A outcome x (DashaFullGradients.increments f p.B x s) s
    }

    means proc (DashaFullGradients.fixedPoint f) f.Gradients p.B p.A

/// k_i not divided by p_a where it enters h_i.
let private withoutShare: Update =
    fun sending a (takesPart, draw) x k s ->
        let correct = update sending a (takesPart, draw) x k s

        {
            correct with
                H = Block.choose takesPart (s.H + k) s.H
        }

/// m_i is made of the new h_i.
let private withNewH: Update =
    fun sending a (takesPart, draw) x k s ->
        let correct = update sending a (takesPart, draw) x k s
        let share = shareOf sending.Participation

        let m = sending.Compressor.Apply draw (k / share - (a / share) * (s.G - correct.H))

        {
            correct with
                G = Block.choose takesPart (s.G + m) s.G
        }

let private part = { usual with Participants = 2 }

let meansClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.2"
            ClaimKind.Exact
            "E[h_i⁺−∇f_i(x⁺)] = (1−b)(h_i−∇f_i(x)) and E[g_i⁺−h_i⁺] = (1−a)(g_i−h_i) from every state"
            (instances 3 1 3 |> Instances.startingWith [ usual; part ])
            (fun _ -> fullMeans update) with
            Formula =
                @"\mathbb E[h_i^+-\nabla f_i(x^+)]=(1-b)(h_i-\nabla f_i(x)),\quad \mathbb E[g_i^+-h_i^+]=(1-a)(g_i-h_i)"
            Assumptions = "P(i takes part) = p_a, C_i unbiased, both independent"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "m_i of the new h_i" (fun _ -> fullMeans withNewH)
                Falsifier.check "k_i not divided by p_a" (fun _ -> fullMeans withoutShare)
                |> Falsifier.at [ part ]
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

let private sampledMeans (rate: float -> float -> float) (spec: DashaSpec) =
    let f = sampledClientsOf spec
    let centre = DashaSampledGradients.init f f.Minimiser
    let sending = sendingOf spec

    let page = DashaSampledGradients.pageParametersFor sending spec.Q spec.Batch f

    let mvr = DashaSampledGradients.mvrParametersFor sending spec.Batch f
    let gradients = DashaSampledGradients.gradients f

    Evidence.all [
        means (Method.on f page DashaSampledGradients.page) centre gradients (rate spec.Q page.B) page.A
        means (Method.on f mvr DashaSampledGradients.mvr) centre gradients mvr.B mvr.A
    ]
    |> Evidence.note "equal for every state"

let sampledMeansClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.2b"
            ClaimKind.Exact
            "the same with samples: E[h_i⁺−∇f_i(x⁺)] = (1−qb)(h_i−∇f_i(x)) for the PAGE variant, (1−b)(h_i−∇f_i(x)) for the MVR variant"
            (instances 2 2 2
             |> Instances.counts 1 4 30
             |> Instances.startingWith [ { usual with Clients = 2 } ])
            (fun _ -> sampledMeans (fun q b -> q * b)) with
            Formula = @"\mathbb E[h_i^+-\nabla f_i(x^+)]=(1-qb)(h_i-\nabla f_i(x))"
            Assumptions = "samples uniform, one coin of probability q for all"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "rate b for the PAGE variant" (fun _ -> sampledMeans (fun _ b -> b))
            ]
            Tight =
                Some {
                    Instance = { usual with Clients = 2 }
                    AtLeast = 1.0
                }
    }

// ---- CE-DASHAPP.3 ----------------------------------------------------------------------------------------------

/// The whole state as one block.
let private everything (s: State) = Block.ConcatWorkers [| s.X; s.G; s.H |]

/// Two choices of parameters make the same step, for every outcome of the first and every state.
let private sameStep (f: IFiniteSum) (p: DashaFullGradients.Parameters) (other: DashaFullGradients.Parameters) =
    let proc = Method.on f p DashaFullGradients.method

    [
        for o in proc.Draw.Outcomes ->
            AffineIdentity.forEveryState
                (DashaFullGradients.fixedPoint f)
                None
                (fun s -> everything (DashaFullGradients.step f p o.Outcome s))
                (fun s -> everything (DashaFullGradients.step f other o.Outcome s))
    ]
    |> Evidence.all

/// Without compression and with all clients g_i⁺ = ∇f_i(x⁺) whatever g_i and h_i were: from the second step on it is GD.
let private isGradientDescent (f: IFiniteSum) (spec: DashaSpec) =
    let sending = {
        sendingOf {
            spec with
                Participants = spec.Clients
        } with
            Compressor = identity
    }

    let p = DashaFullGradients.parametersFor sending f
    let proc = Method.on f p DashaFullGradients.method

    AffineIdentity.everyOutcome proc (DashaFullGradients.fixedPoint f) None (fun s -> s.G) (fun s ->
        f.Gradients(s.X - p.Gamma * Block.mean s.G))

/// From h_i = ∇f_i(x), every outcome of DASHA-PP is a step of DASHA on the same masks and leaves h_i⁺ = ∇f_i(x⁺).
let private isDasha (f: IFiniteSum) (spec: DashaSpec) =
    let p = DashaFullGradients.parametersFor (sendingOf spec) f
    let proc = Method.on f p DashaFullGradients.method

    let expected draw (s: State) =
        let next = DashaFullGradients.dashaStep f p draw { X = s.X; G = s.G }
        Block.ConcatWorkers [| next.X; next.G; f.Gradients next.X |]

    [
        for o in proc.Draw.Outcomes ->
            AffineIdentity.forEveryState
                (DashaFullGradients.fixedPoint f)
                (Some(fun s -> s.H - f.Gradients s.X))
                (fun s -> everything (proc.Step o.Outcome s))
                (expected (snd o.Outcome))
    ]
    |> Evidence.all

/// The messages of every outcome of a round.
let private participants (f: IFiniteSum) (spec: DashaSpec) (expected: int) =
    let p = DashaFullGradients.parametersFor (sendingOf spec) f
    let proc = Method.on f p DashaFullGradients.method

    [
        for o in proc.Draw.Outcomes ->
            Evidence.row
                Relation.Equal
                1
                1
                "messages of a round"
                (Costs.total Counter.Messages (proc.Cost o.Outcome))
                (float expected)
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

let private withPlainB (spec: DashaSpec) =
    let f = clientsOf spec
    let p = DashaFullGradients.parametersFor (sendingOf spec) f

    sameStep f p {
        p with
            B = shareOf p.Sending.Participation
    }

let private reductions (spec: DashaSpec) =
    let spec = { spec with Independent = false }
    let f = clientsOf spec

    let all = {
        spec with
            Participants = spec.Clients
    }

    Evidence.all [
        isGradientDescent f spec
        isDasha f all
        withPlainB all
        participants f spec spec.Participants
    ]
    |> Evidence.note "equal for every outcome and state"

let reductionsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.3"
            ClaimKind.Exact
            "p_a = 1: b = 1 and DASHA-PP is DASHA, without compression GD; s of n clients: every round has s messages"
            (instances 3 1 3
             |> Instances.counts 1 4 30
             |> Instances.startingWith [ usual; part ])
            (fun _ -> reductions) with
            Formula = @"p_a=1:\ h_i=\nabla f_i(x);\qquad \omega=0,\ p_a=1:\ g^+=\nabla f(x^+)"
            Assumptions = "the same masks for both methods"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "b = p_a with s < n" (fun _ -> withPlainB)
                |> Falsifier.at [ part ]
                Falsifier.check "DASHA with s < n" (fun _ spec -> isDasha (clientsOf spec) spec)
                |> Falsifier.at [ part ]
                Falsifier.check "all clients counted in a round of s < n" (fun _ spec ->
                    participants (clientsOf spec) spec spec.Clients)
                |> Falsifier.at [ part ]
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

// ---- CE-DASHAPP.4 ----------------------------------------------------------------------------------------------

/// Scalar clients with a given smoothness L of the mean and root mean square L̂.
type UploadSpec = {
    /// n, even.
    Clients: int
    Smoothness: float
    /// L̂ ≥ L.
    MeanSquare: float
}

/// Half of the curvatures above L, half below.
let private scalars (spec: UploadSpec) =
    let apart = sqrt (spec.MeanSquare ** 2.0 - spec.Smoothness ** 2.0)

    Quadratic(
        $"{spec.Clients} scalar clients",
        Array.init spec.Clients (fun i ->
            LinearAlgebra.Diagonal [| spec.Smoothness + (if i % 2 = 0 then apart else -apart) |]),
        Array.init spec.Clients (fun _ -> [| 1.0 |])
    )
    :> IFiniteSum

/// Uploads for one unit of 2(f(x_0)−f*)/ε: a step's messages over its γ.
let private uploads (f: IFiniteSum) (s: int) =
    let sending = {
        Compressor = identity
        Participation = Participation.nice s f.Count
    }

    let p = DashaFullGradients.parametersFor sending f
    let proc = Method.on f p DashaFullGradients.method
    let outcome = proc.Draw.Sample(DrawAddress(1UL, 0u, 0, 0, 0), 1)
    Costs.total Counter.Messages (proc.Cost outcome) / p.Gamma

let private table (spec: UploadSpec) (constant: float) =
    let f = scalars spec
    let n = float spec.Clients

    let closed s =
        float s * spec.Smoothness
        + 4.0 * spec.MeanSquare * sqrt n * sqrt ((n - float s) / (n - 1.0))

    let few = [ 1 .. int (sqrt n) ]
    let counted = few |> List.map (uploads f)
    let exact relation label = Evidence.row relation 4 1 label

    Evidence.all [
        Evidence.ofRows
            Rung.Enumerated
            Relation.AtMost
            (List.map2
                (fun s v ->
                    exact
                        Relation.AtMost
                        $"uploads with s = {s}"
                        v
                        (constant * sqrt n * max spec.Smoothness spec.MeanSquare))
                few
                counted)
        Evidence.ofRows
            Rung.Enumerated
            Relation.Equal
            (exact Relation.Equal "all clients" (uploads f spec.Clients) (n * spec.Smoothness)
             :: List.map2 (fun s v -> exact Relation.Equal $"closed form at s = {s}" v (closed s)) few counted)
    ]

let private hundred = {
    Clients = 100
    Smoothness = 1.0
    MeanSquare = 1.0
}

let uploadsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.4"
            ClaimKind.Count
            "s-nice, no compression: uploads to a fixed accuracy ∝ s/γ = sL+4L̂√n·√((n−s)/(n−1)) ≤ 5√n·max{L, L̂} for every s ≤ √n, against nL with all clients"
            (Instances.generated
                (gen {
                    let! half = Gen.elements [ 1; 2; 5; 8; 32; 72 ]
                    let! smoothness = Gen.elements [ 0.1; 1.0; 5.0 ]
                    let! ratio = Gen.elements [ 1.0; 1.3; 4.0 ]

                    return {
                        Clients = 2 * half
                        Smoothness = smoothness
                        MeanSquare = ratio * smoothness
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.startingWith [ hundred ])
            (fun _ spec -> table spec 5.0) with
            Formula = @"\tfrac s\gamma=sL+4\hat L\sqrt n\sqrt{\tfrac{n-s}{n-1}}\le 5\sqrt n\max\{L,\hat L\}"
            Assumptions =
                "γ of CE-DASHAPP.1 with ω = 0, p_a = s/n, p_aa = s(s−1)/(n(n−1)); messages of the method's own counter"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "4√n" (fun _ spec -> table spec 4.0) |> Falsifier.at [ hundred ]
            ]
            Tight = Some { Instance = hundred; AtLeast = 0.96 }
    }

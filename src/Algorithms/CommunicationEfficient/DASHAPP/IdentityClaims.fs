/// What DASHA-PP does on average and what it becomes when all take part (CE-DASHAPP.2 and .3).
module Theory.Algorithms.CommunicationEfficient.DashaIdentityClaims

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

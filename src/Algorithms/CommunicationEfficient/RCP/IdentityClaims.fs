/// What regularised participation is for one and for all clients a round, and who takes part when (CE-RCP.3).
module Theory.Algorithms.CommunicationEfficient.RcpIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.RcpCohorts
open Theory.Algorithms.CommunicationEfficient.RcpReference

/// y − γ∇f_m^i(y).
let private sampleStep (f: IWeightedClients) (p: Parameters) (m: int) (i: int) (y: Block) =
    y - p.Gamma * f.SampleGradient m (Indices.Constant(f.Sizes[m], i)) y

let private listOf (indices: Indices) = (indices.At(0, 0)).ToArray()

/// All clients pass over their samples from x; the mean.
let private reshuffledRound (f: IWeightedClients) (p: Parameters) (orders: Indices[][]) (x: Block) =
    let passed m =
        listOf orders[m].[0] |> Array.fold (fun y i -> sampleStep f p m i y) x

    Block.mean (Block.ConcatWorkers(Array.init f.Sizes.Length passed))

/// One sequence of steps through all samples, client after client.
let private blockByBlock (f: IWeightedClients) (p: Parameters) (partition: Indices) (orders: Indices[][]) (x: Block) =
    seq {
        for m in listOf partition do
            for i in listOf orders[m].[0] -> m, i
    }
    |> Seq.fold (fun y (m, i) -> sampleStep f p m i y) x

/// For every outcome and every x a meta-epoch is `other`.
let private isAlways (f: IWeightedClients) (p: Parameters) other =
    [
        for o in (regularised.Draw f p).Outcomes ->
            let partition, orders = o.Outcome

            AffineIdentity.forEveryState
                { State.X = f.Minimiser }
                None
                (fun s -> (metaEpoch f p o.Outcome s).X)
                (fun s -> other partition orders s.X)
    ]
    |> Evidence.all

/// Sample gradients that a run asks for: client × sample.
let private counted (f: IWeightedClients) : IWeightedClients * float[][] =
    let counts = f.Sizes |> Array.map Array.zeroCreate

    {
        new IWeightedClients with
            member _.Sizes = f.Sizes
            member _.Weights = f.Weights
            member _.ClientGradients x = f.ClientGradients x

            member _.SampleGradient client samples x =
                for i in samples.Values do
                    counts[client].[i] <- counts[client].[i] + 1.0

                f.SampleGradient client samples x

            member _.ClientSmoothnesses = f.ClientSmoothnesses
            member _.SampleSmoothnesses = f.SampleSmoothnesses
            member _.SampleConvexity = f.SampleConvexity
        interface IObjective with
            member _.Value x = f.Value x
            member _.Gradient x = f.Gradient x
            member _.Minimiser = f.Minimiser
            member _.Infimum = f.Infimum
            member _.Smoothness = f.Smoothness
            member _.StrongConvexity = f.StrongConvexity
        interface IProblem with
            member _.Name = f.Name
            member _.Dimension = f.Dimension
            member _.Constants = f.Constants
    },
    counts

/// Every sample of every client was asked for `times` times.
let private onceEach (counts: float[][]) times =
    [
        for client in counts do
            for count in client -> Evidence.row Relation.Equal 1 1 "gradients of a sample" count times
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

/// A run of meta-epochs with drawn outcomes, its samples counted.
let private coverage (f: IWeightedClients) (p: Parameters) (outcomes: (Indices * Indices[][]) list) =
    let recording, counts = counted f

    for outcome in outcomes do
        (metaEpoch recording p outcome { X = f.Minimiser }).X.Materialise() |> ignore

    onceEach counts (float outcomes.Length)

let private covers (f: IWeightedClients) (p: Parameters) (seed: int) =
    let draw = regularised.Draw f p

    let twenty = [ for k in 0..19 -> draw.Sample(DrawAddress(uint64 seed, 3u, k, 0, 0), 1) ]

    Evidence.all [
        coverage f p twenty
        for o in draw.Outcomes do
            coverage f p [ o.Outcome ]
    ]

/// R rounds of every choice of independent cohorts.
let private coversIndependently (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec
    let m = f.Sizes.Length

    let cohorts =
        Draws.each (Array.replicate (rounds f p) (Participation.nice p.Cohort m).Draw)

    let orders = (SamplePasses.draw f.Sizes 1).Sample(DrawAddress(1UL, 3u, 0, 0, 0), 1)

    [
        for o in cohorts.Outcomes ->
            let recording, counts = counted f

            (o.Outcome
             |> Array.fold (fun x cohort -> round recording p orders cohort x) f.Minimiser)
                .Materialise()
            |> ignore

            onceEach counts 1.0
    ]
    |> Evidence.all

let private reductions (spec: RcpSpec) (together: int) (alone: int) =
    let f = problem spec
    let p = parametersOf f spec

    Evidence.all [
        isAlways f { p with Cohort = together } (fun _ orders -> reshuffledRound f p orders)
        isAlways f { p with Cohort = alone } (blockByBlock f p)
        covers f p spec.Seed
    ]
    |> Evidence.note "equal for every outcome and every x"

let private three = { usual with Clients = 3; Cohort = 1 }

let reductionClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.3"
            ClaimKind.Exact
            "C = M: FedRR, the mean of all clients' passes; C = 1: one sequence of MN gradient steps, client after client; every meta-epoch asks for each sample of each client exactly once"
            (instances [ 3, 2, 1; 2, 3, 1; 2, 2, 2; 4, 1, 2; 3, 1, 3 ] 2
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ three; { usual with Samples = 1 } ])
            (fun _ spec -> reductions spec spec.Clients 1) with
            Formula = @"x^+=\tfrac1M\sum_m y_m^N\ (C=M);\qquad\#\{\text{gradients of }f_m^i\}=1"
            Assumptions = "the same orders in both methods; calls counted in the run"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "independent cohorts" (fun _ -> coversIndependently)
                |> Falsifier.at [ three ]
                Falsifier.check "C = 1 taken for FedRR" (fun _ spec -> reductions spec 1 1)
                |> Falsifier.at [ three ]
            ]
            Tight = Some { Instance = three; AtLeast = 1.0 }
    }

// ---- CE-RCP.1c -------------------------------------------------------------------------------------------------

let private returning (change: int[] -> int[]) (spec: RcpSpec) =
    let f = problem spec
    let p = parametersOf f spec

    lawOf (Draws.cohorts p.Cohort f.Sizes.Length)
    |> List.map (fun (_, order) -> change order)
    |> returns f p

/// The first cohort again in the place of the last.
let private firstTwice size (order: int[]) =
    Array.append order[.. order.Length - size - 1] order[.. size - 1]

let returnClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-RCP.1c"
            ClaimKind.Exact
            "the reference points of CE-RCP.1 start at x* and return to it after the meta-epoch, in every order of the cohorts"
            (instances [ 4, 2, 2; 4, 3, 1; 2, 3, 1; 3, 2, 1; 4, 1, 2; 3, 1, 3 ] 3
             |> Instances.startingWith [ three ])
            (fun _ -> returning id) with
            Formula = @"\gamma N\sum_{r}\tfrac1C\sum_{m\in S_r}\nabla f_m(x_*)=\gamma NR\,\nabla f(x_*)=0"
            Assumptions = "every client once in a meta-epoch"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "the first cohort twice, the last never" (fun _ spec ->
                    returning (firstTwice spec.Cohort) spec)
                |> Falsifier.at [ three ]
            ]
            Tight = Some { Instance = three; AtLeast = 1.0 }
    }

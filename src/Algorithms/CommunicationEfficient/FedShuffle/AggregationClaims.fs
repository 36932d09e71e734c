/// What the server's weights do on average, and when the methods coincide (CE-FEDSHUFFLE.2).
module Theory.Algorithms.CommunicationEfficient.FedShuffleAggregation

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// Clients with random sizes, and a participation law.
type AggregationSpec = {
    Clients: int
    Dimension: int
    /// s of "nice", Σp_i of "proportional"; "random" has probabilities of its own.
    Participants: int
    /// nice, proportional or random.
    Law: string
    Seed: int
}

let private sizesOf (spec: AggregationSpec) =
    Linear.gaussians spec.Seed 7 spec.Clients
    |> Array.map (fun v -> 1 + int (3.0 * abs v))

/// The participation law of a name.
let private lawOf (spec: AggregationSpec) : Participation =
    match spec.Law with
    | "nice" -> Participation.nice spec.Participants spec.Clients
    | "proportional" -> Participation.independent (Participation.proportional (float spec.Participants) (sizesOf spec))
    | _ ->
        Linear.gaussians spec.Seed 8 spec.Clients
        |> Array.map (fun v -> 0.1 + 0.9 / (1.0 + exp v))
        |> Participation.independent

let private problem (spec: AggregationSpec) =
    WeightedClientSpec.convex {
        Sizes = WeightedClientSpec.text (sizesOf spec)
        Dimension = spec.Dimension
        Kappa = 4.0
        Spread = 1.0
        Scatter = 1.0
        Seed = spec.Seed
    }
    :> IWeightedClients

let private parameters (spec: AggregationSpec) epochs : Parameters = {
    LocalStep = 0.1
    ServerStep = 1.0
    Epochs = epochs
    MostSteps = 0
    Participation = lawOf spec
}

/// Var of Σ_{i∈S} (w_i/p_i)Δ_i in closed form.
let private variance (independent: bool) (f: IWeightedClients) (participation: Participation) (deltas: Block) =
    let weighted = perClient f.Weights * deltas

    if independent then
        let factors = participation.Probabilities |> Array.map (fun p -> 1.0 / p - 1.0)
        Block.sum (perClient factors * Block.normSquared weighted)
    else
        let n = float f.Sizes.Length
        let s = Array.sum participation.Probabilities

        if n = 1.0 then
            0.0 * Block.sum (Block.normSquared weighted)
        else
            n * (n - s) / (s * (n - 1.0))
            * Block.totalNormSquared (weighted - Block.mean weighted)

/// Mean and variance of the aggregate over all outcomes, for every Δ_1 … Δ_n.
let private moments weights (independent: AggregationSpec -> bool) (spec: AggregationSpec) =
    let f = problem spec
    let p = parameters spec 1
    let centre = Block.zeros spec.Clients 1 spec.Dimension

    let target (deltas: Block) =
        Block.sum (perClient f.Weights * deltas)

    let over (value: Block -> Block) (deltas: Block) =
        p.Participation.Draw.Outcomes
        |> Array.map (fun o -> o.Probability * value (aggregate (weights f p o.Outcome) o.Outcome deltas))
        |> Array.reduce (fun a b -> a + b)

    Evidence.all [
        AffineIdentity.forEveryState centre None (over id) target
        Spectral.oneStep {
            Process = {
                Name = "given Δ"
                Draw = Draw.none
                Step = fun () (deltas: Block) -> deltas
                Cost = fun () -> []
            }
            Centre = centre
            Keeps = None
            Measure = fun deltas -> over (fun v -> Block.normSquared (v - target deltas)) deltas
            Bound = variance (independent spec) f p.Participation
            Relation = Relation.Equal
            MatchMoments = false
        }
    ]
    |> Evidence.note "equal for every Δ"

let private isIndependent (spec: AggregationSpec) = spec.Law <> "nice"

let private usual = {
    Clients = 4
    Dimension = 2
    Participants = 2
    Law = "random"
    Seed = 1
}

let private instances =
    let generator =
        gen {
            let! clients = Gen.choose (1, 5)
            let! participants = Gen.choose (1, clients)
            let! dimension = Gen.choose (1, 2)
            let! law = Gen.elements [ "nice"; "proportional"; "random" ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Participants = participants
                Law = law
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Clients > spec.Participants then
                { spec with Clients = spec.Clients - 1 }

            if spec.Dimension > 1 then
                { spec with Dimension = 1 }
        })
    |> Instances.startingWith [ usual; { usual with Law = "nice" }; { usual with Law = "proportional" } ]

let aggregationClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.2"
            ClaimKind.Exact
            "E_S Σ_{i∈S}(w_i/p_i)Δ_i = Σw_iΔ_i; its variance is Σ(1/p_i−1)w_i²‖Δ_i‖² for independent clients, (n(n−s)/(s(n−1)))Σ‖w_iΔ_i−mean‖² for s of n"
            instances
            (fun _ -> moments unbiased isIndependent) with
            Formula =
                @"\mathbb E_S\sum_{i\in S}\tfrac{w_i}{p_i}\Delta_i=\sum w_i\Delta_i,\quad \operatorname{Var}=\sum(\tfrac1{p_i}-1)w_i^2\|\Delta_i\|^2"
            Assumptions = "p_i = P(i ∈ S); independent clients or a uniform subset"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "weights that sum to one" (fun _ -> moments sumOne isIndependent)
                Falsifier.check "the variance of independent clients for s of n" (fun _ spec ->
                    moments unbiased (fun _ -> true) { spec with Law = "nice" })
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

// ---- Coincidences ----------------------------------------------------------------------------------------------

/// Two methods move x alike in every outcome, from every x.
let private alike (f: IWeightedClients) (p: Parameters) first second =
    let draw = FedShuffleMethods.drawRound f p
    let x (s: State) = s.X

    [
        for o in draw.Outcomes ->
            AffineIdentity.forEveryState { State.X = f.Minimiser } None (fun s -> x (first f p o.Outcome s)) (fun s ->
                x (second f p o.Outcome s))
    ]
    |> Evidence.all

let private withMomentum (a: float) (f: IWeightedClients) (p: Parameters) outcome (s: State) : State =
    // A momentum of its own, that a = 0 must not see.
    let start: FedShuffleMomentum.State = { X = s.X; M = s.X + Block.scalar 1.0 }

    {
        X = (FedShuffleMomentum.step f (FedShuffleMomentum.withMomentum a p) outcome start).X
    }

let private coincide (momentum: float) (sizes: string) (spec: AggregationSpec) =
    let built sizes =
        WeightedClientSpec.convex {
            Sizes = sizes
            Dimension = spec.Dimension
            Kappa = 4.0
            Spread = 1.0
            Scatter = 1.0
            Seed = spec.Seed
        }
        :> IWeightedClients

    let unequal, equal = built "1,3", built sizes

    let all f = {
        parameters
            {
                spec with
                    Clients = 2
                    Participants = 1
            }
            1 with
            Participation = f
    }

    let one = all (Participation.nice 1 2)
    let shuffle = FedShuffleMethods.fedShuffle.Step
    let avg, nova = FedShuffleMethods.fedAvg.Step, FedShuffleMethods.fedNova.Step
    let sampled = FedShuffleMethods.fedNovaSampled.Step

    Evidence.all [
        alike unequal one (withMomentum momentum) shuffle
        alike equal (all (Participation.full 2)) nova avg
        alike equal one nova sampled
    ]
    |> Evidence.note "equal for every outcome and state"

let coincidenceClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.2b"
            ClaimKind.Exact
            "momentum with a = 0 is FedShuffle; with equal N_i FedNova does not depend on where K̄ is taken, and is FedAvg-RR when all take part"
            (instances |> Instances.counts 1 2 10)
            (fun _ -> coincide 0.0 "2,2") with
            Formula = @"a=0:\ x^+_{\text{momentum}}=x^+_{\text{FedShuffle}};\quad N_i=N:\ \bar K=\bar K_S"
            Assumptions = "the same orders and clients in both methods"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "a = 1/2" (fun _ -> coincide 0.5 "2,2")
                Falsifier.check "unequal N_i" (fun _ -> coincide 0.0 "1,3")
            ]
            Tight = Some { Instance = usual; AtLeast = 1.0 }
    }

/// The descent of one round over the participation (CE-FEDSHUFFLE.5).
module Theory.Algorithms.CommunicationEfficient.FedShuffleDescent

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedShuffleRounds

/// Clients, a round's steps, and probabilities.
type DescentSpec = {
    Sizes: string
    Dimension: int
    Kappa: float
    /// Indefinite samples instead of convex ones.
    Indefinite: bool
    Epochs: int
    LocalStep: float
    ServerStep: float
    /// all, half (every other client likelier), few, or nice (half of the clients).
    Law: string
    Seed: int
}

let private problem (spec: DescentSpec) =
    let plain: WeightedClientSpec = {
        Sizes = spec.Sizes
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Scatter = 1.0
        Seed = spec.Seed
    }

    (if spec.Indefinite then
         WeightedClientSpec.indefinite plain
     else
         WeightedClientSpec.convex plain)
    :> IWeightedClients

let private lawOf (spec: DescentSpec) n : Participation =
    match spec.Law with
    | "nice" -> Participation.nice ((n + 1) / 2) n
    | "half" -> Participation.independent (Array.init n (fun i -> if i % 3 = 2 then 0.9 else 0.5))
    | "few" -> Participation.independent (Array.init n (fun i -> 0.2 * float (1 + i % 3)))
    | _ -> Participation.full n

let private parameters (f: IWeightedClients) (spec: DescentSpec) : Parameters = {
    LocalStep = spec.LocalStep
    ServerStep = spec.ServerStep
    Epochs = spec.Epochs
    MostSteps = 0
    Participation = lawOf spec f.Sizes.Length
}

/// The local passes of a round: y_{i,0} … y_{i,K} of every client.
let private paths (f: IWeightedClients) (p: Parameters) (orders: Indices[][]) (x: Block) =
    let steps, sizes = localSteps f p, balancedStepsize f p

    Array.init f.Sizes.Length (fun i -> SamplePasses.path (f.SampleGradient i) sizes[i] orders[i] steps[i] x)

/// D_i = (1/K_i) Σ_k ‖y_{i,k} − x‖² over k < K_i.
let private spreadOf (x: Block) (path: Block list) =
    let before = path |> List.take (path.Length - 1)

    (before
     |> List.map (fun y -> Block.normSquared (y - x))
     |> List.reduce (fun a b -> a + b))
    / float before.Length

/// f(x) − (H/2)‖∇f(x)‖² − (H/2)(1−LH)‖ḡ‖² + (H/2)L²Σw_iD_i + noise·(LH²/2)·(sampling variance of Σ_S (w_i/p_i)ĝ_i).
let private descentBound (noise: float) (f: IWeightedClients) (p: Parameters) (orders: Indices[][]) (s: State) =
    let l = Array.max f.SampleSmoothnesses
    let h = p.ServerStep * totalStep p
    let all = paths f p orders s.X
    let ends = all |> Array.map List.last
    let g = (-1.0 / totalStep p) * (Block.ConcatWorkers ends - s.X)
    let weighted = perClient f.Weights * g
    let total = Block.sum weighted

    let drift =
        Array.map2 (fun (w: float) path -> w * spreadOf s.X path) f.Weights all
        |> Array.reduce (fun a b -> a + b)

    let variance =
        p.Participation.Draw.Outcomes
        |> Array.map (fun o ->
            o.Probability
            * Block.normSquared (aggregate (unbiased f p o.Outcome) o.Outcome g - total))
        |> Array.reduce (fun a b -> a + b)

    f.Value s.X
    - (h / 2.0) * Block.normSquared (f.Gradient s.X)
    - (h / 2.0 * (1.0 - l * h)) * Block.normSquared total
    + (h / 2.0 * l * l) * drift
    + (noise * l * h * h / 2.0) * variance

/// E_S f(x⁺) against the bound for every x, for several drawn orders of the samples.
let private descends weights noise (spec: DescentSpec) =
    let f = problem spec
    let p = parameters f spec
    let orders = SamplePasses.draw f.Sizes p.Epochs

    [
        for k in 0..2 ->
            let drawn = orders.Sample(DrawAddress(uint64 spec.Seed, 2u, k, 0, 0), 1)

            Spectral.oneStep {
                Process = {
                    Name = "one round"
                    Draw = p.Participation.Draw
                    Step = fun takesPart s -> round balancedStepsize weights f p (drawn, takesPart) s
                    Cost = fun _ -> []
                }
                Centre = { State.X = f.Minimiser }
                Keeps = None
                Measure = fun s -> f.Value s.X
                Bound = descentBound noise f p drawn
                Relation = Relation.AtMost
                MatchMoments = false
            }
    ]
    |> Evidence.all

/// w_i in the place of w_i/p_i.
let private plainWeights (f: IWeightedClients) (_: Parameters) (_: Mask) = perClient f.Weights

let private standard = {
    Sizes = "1,2,3"
    Dimension = 2
    Kappa = 4.0
    Indefinite = false
    Epochs = 2
    LocalStep = 0.05
    ServerStep = 1.0
    Law = "half"
    Seed = 1
}

let private instances =
    let generator =
        gen {
            let! sizes = Gen.elements [ "1,2,3"; "2"; "1,1"; "4,1"; "1,5,2,1" ]
            let! dimension = Gen.choose (1, 2)
            let! kappa = Gen.elements [ 1.0; 4.0; 20.0 ]
            let! indefinite = Gen.elements [ false; true ]
            let! epochs = Gen.choose (1, 2)
            let! localStep = Gen.elements [ 0.01; 0.05; 0.1; 0.3 ]
            let! serverStep = Gen.elements [ 0.5; 1.0; 2.0 ]
            let! law = Gen.elements [ "all"; "half"; "few"; "nice" ]
            let! seed = Gen.choose (0, 10000)

            return {
                Sizes = sizes
                Dimension = dimension
                Kappa = kappa
                Indefinite = indefinite
                Epochs = epochs
                LocalStep = localStep
                ServerStep = serverStep
                Law = law
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Epochs > 1 then
                { spec with Epochs = 1 }

            if spec.Indefinite then
                { spec with Indefinite = false }

            if spec.ServerStep <> 1.0 then
                { spec with ServerStep = 1.0 }
        })
    |> Instances.startingWith [
        standard
        {
            standard with
                Law = "all"
                LocalStep = 0.3
        }
        {
            standard with
                Law = "few"
                LocalStep = 0.01
        }
        { standard with Law = "nice" }
    ]

let descentClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDSHUFFLE.5"
            ClaimKind.Mean
            "one round, given the local passes: E_Sf(x⁺) ≤ f(x)−(H/2)‖∇f(x)‖²−(H/2)(1−LH)‖ḡ‖²+(H/2)L²Σw_iD_i+(LH²/2)Σ(1/p_i−1)w_i²‖ĝ_i‖², H = η_gη_lE; the last sum is the sampling variance of any other law"
            instances
            (fun _ -> descends unbiased 1.0) with
            Formula =
                @"\mathbb E_Sf(x^+)\le f(x)-\tfrac H2\|\nabla f(x)\|^2-\tfrac H2(1-LH)\|\bar g\|^2+\tfrac H2L^2\sum w_iD_i+\tfrac{LH^2}2\sum(\tfrac1{p_i}-1)w_i^2\|\hat g_i\|^2"
            Assumptions =
                "f_ij L-smooth, convex or not; ĝ_i = −Δ_i/(η_lE), ḡ = Σw_iĝ_i, D_i = (1/K_i)Σ_{k<K_i}‖y_{i,k}−x‖², whole epochs"
            Source = "derived; checked for every x"
            Falsifiers = [
                Falsifier.check "no sampling variance" (fun _ spec -> descends unbiased 0.0 spec)
                Falsifier.check "w_i for w_i/p_i" (fun _ spec -> descends plainWeights 1.0 spec)
            ]
    }

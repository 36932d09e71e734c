/// The chain of lemmas behind FedAvg-M's rate, each on its own and for every state.
///
/// E_r = E‖∇f(x^r) − g^{r+1}‖², G_r = E‖∇f(x^r)‖², U_r = (1/(NK)) ΣΣ E‖y_{i,k} − x^r‖² over k < K,
/// Ξ_r = (1/N) Σ E‖η((1−β)g^r + β∇F_i(x^r))‖².
module Theory.Algorithms.CommunicationEfficient.MomentumLemmas

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.MomentumFL
open Theory.Algorithms.CommunicationEfficient.MomentumSpecs

/// A state of FedAvg-M with the iterate before its round.
type Recorded = {
    X: Block
    G: Block
    /// The x from which the round started.
    Before: Block
}

let private state (s: Recorded) : State = { X = s.X; G = s.G }

/// The means over the noise of quantities of one round from (x, g): exact, since the round is affine in the noise.
[<NoEquality; NoComparison>]
type RoundMeans = {
    /// E‖∇f(x) − g⁺‖².
    Error: State -> Block
    /// U.
    Drift: State -> Block
    /// Ξ, the squared length of the first local step in the mean.
    FirstStep: State -> Block
}

/// What a round does in the mean over its noise.
let roundMeans (f: IFiniteSum) (p: Parameters) : RoundMeans =
    let outcomes = (Method.on f p method).Draw.MomentOutcomes

    // All outcomes at once: lane o·L + l is lane l of the state under outcome o.
    let average (value: Block -> State -> Block) (s: State) =
        let lanes = max s.X.Lanes s.G.Lanes

        let tiled (x: Block) =
            Block.ConcatLanes(Array.replicate outcomes.Length (Block.stretch lanes x))

        let xi =
            Block.ConcatLanes(outcomes |> Array.map (fun o -> Block.stretch lanes o.Outcome))

        let values = value xi { X = tiled s.X; G = tiled s.G } |> Block.lanes

        let mean lane =
            outcomes
            |> Array.mapi (fun at o -> o.Probability * values[at * lanes + lane])
            |> Array.sum

        Block.Own(Shape.Vector(1, lanes, 1), Array.init lanes mean)

    {
        Error = average (fun xi s -> Block.normSquared (f.Gradient s.X - (step f p xi s).G))
        Drift = average (fun xi s -> LocalPasses.drift s.X (localPoints f p xi s))
        FirstStep = fun s -> Block.meanNormSquared (p.Eta * ((1.0 - p.Beta) * s.G + p.Beta * f.Gradients s.X))
    }

let private recorded (f: IFiniteSum) (p: Parameters) : Process<Recorded, Block> =
    let own = Method.on f p method

    {
        Name = own.Name
        Draw = own.Draw
        Step =
            fun xi s ->
                let next = step f p xi (state s)

                { X = next.X; G = next.G; Before = s.X }
        Cost = own.Cost
    }

let private everyState (f: IFiniteSum) p keeps measure bound =
    Spectral.oneStep {
        Process = recorded f p
        Centre = {
            X = f.Minimiser
            G = 0.0 * f.Minimiser
            Before = f.Minimiser
        }
        Keeps = keeps
        Measure = measure
        Bound = bound
        Relation = Relation.AtMost
        MatchMoments = true
    }

let private gradientSquared (f: IFiniteSum) (x: Block) = Block.normSquared (f.Gradient x)

/// (i) E f(x⁺) ≤ f(x) − (11γ/24)G + (13γ/24)E.
let private descent (f: IFiniteSum) (p: Parameters) =
    let means = roundMeans f p

    everyState
        f
        p
        None
        (fun next -> Objective.gap f next.X + (11.0 * p.Gamma / 24.0) * gradientSquared f next.Before)
        (fun s -> Objective.gap f s.X + (13.0 * p.Gamma / 24.0) * means.Error(state s))

/// What noise and drift add in (ii): `share`·2β²σ²/(NK) + 4βL²U.
let private added share (f: IFiniteSum) (p: Parameters) (means: RoundMeans) s =
    let noise = 2.0 * (p.Beta * p.Sigma) ** 2.0 / float (f.Count * p.LocalSteps)

    (4.0 * p.Beta * LocalPasses.smoothness f ** 2.0) * means.Drift s
    + Block.scalar (share * noise)

/// ‖∇f(x^{r−1}) − g^r‖² of the state after a round.
let private error (f: IFiniteSum) (s: Recorded) =
    Block.normSquared (f.Gradient s.Before - s.G)

/// (ii) for r ≥ 1: E_r ≤ (1−8β/9)E_{r−1} + (4γ²L²/β)G_{r−1} + 2β²σ²/(NK) + 4βL²U_r, from states x^r = x^{r−1} − γg^r.
let private recursion share (f: IFiniteSum) (p: Parameters) =
    let means = roundMeans f p
    let l = LocalPasses.smoothness f

    everyState f p (Some(fun s -> s.X - s.Before + p.Gamma * s.G)) (error f) (fun s ->
        (1.0 - 8.0 * p.Beta / 9.0) * error f s
        + (4.0 * (p.Gamma * l) ** 2.0 / p.Beta) * gradientSquared f s.Before
        + added share f p means (state s))

/// (ii) for r = 0: E_0 ≤ (1−β)‖∇f(x⁰)−g⁰‖² + 2β²σ²/(NK) + 4βL²U_0.
let private first share (f: IFiniteSum) (p: Parameters) =
    let means = roundMeans f p

    everyState f p None (error f) (fun s ->
        (1.0 - p.Beta) * Block.normSquared (f.Gradient s.X - s.G)
        + added share f p means (state s))

/// (iii) U ≤ 2eK²Ξ + Kη²β²σ²(1 + 2K³L²η²β²).
let private driftBound (f: IFiniteSum) (p: Parameters) =
    let means = roundMeans f p
    let k = float p.LocalSteps
    let local = (p.Eta * p.Beta) ** 2.0
    let l = LocalPasses.smoothness f

    let noise = k * local * p.Sigma ** 2.0 * (1.0 + 2.0 * k ** 3.0 * l * l * local)

    Spectral.oneStep {
        // Both sides belong to the round that starts at the state.
        Process = {
            Name = "state"
            Draw = Draw.none
            Step = fun () s -> s
            Cost = fun () -> []
        }
        Centre = init f.Minimiser
        Keeps = None
        Measure = means.Drift
        Bound = fun s -> (2.0 * Math.E * k * k) * means.FirstStep s + Block.scalar noise
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// (iv) Σ_{r<R} Ξ_r ≤ (1/(72eK²L²)) Σ (E_r + G_r) + `share`·2η²β²eR·mean‖∇F_i(x⁰)‖² for every R up to the horizon, g⁰ = 0.
let private firstSteps share (start: Block) (f: IFiniteSum) (rule: Parameters) =
    let p = {
        rule with
            Eta = min rule.Eta (largestEta f rule)
    }

    let means = roundMeans f p
    let k, l = float p.LocalSteps, LocalPasses.smoothness f
    let measures = [ means.FirstStep; means.Error; fun s -> gradientSquared f s.X ]

    let spread = (Block.lanes (Block.meanNormSquared (f.Gradients start)))[0]

    match Moments.series (Method.on f p method) (init f.Minimiser) (init start) p.Horizon measures with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok all ->
        let sums = all |> Array.map (Array.scan (+) 0.0)

        Evidence.ofRows Rung.Moments Relation.AtMost [
            for r in 1 .. p.Horizon do
                Evidence.row
                    Relation.AtMost
                    f.Dimension
                    r
                    $"Σ Ξ over {r} rounds"
                    sums[0].[r]
                    ((sums[1].[r] + sums[2].[r]) / (72.0 * Math.E * k * k * l * l)
                     + share * 2.0 * (p.Eta * p.Beta) ** 2.0 * Math.E * float r * spread)
        ]

let private chain (spec: MomentumSpec) =
    let q, p = setting spec
    let f = q :> IFiniteSum
    Evidence.all [ descent f p; recursion 1.0 f p; first 1.0 f p; driftBound f p ]

/// From the minimiser, where only the spread moves the clients, and from a start away from it.
let private firstStepSums (spec: MomentumSpec) =
    let q, p = setting spec
    let f = q :> IFiniteSum
    let away = f.Minimiser + Block.vector (Array.create f.Dimension 2.0)
    Evidence.all [ firstSteps 1.0 f.Minimiser f p; firstSteps 1.0 away f p ]

/// The limit of (iii): ηKLβ ≤ 1.
let private valid (spec: MomentumSpec) =
    spec.EtaL * spec.Beta * float spec.LocalSteps <= 1.0

/// Weak momentum: the first round's error is nearly (1 − β)‖∇f‖².
let private slow = {
    usual with
        LocalSteps = 10
        Beta = 0.05
        Indefinite = true
        Workers = 2
        Participants = 2
        EtaL = 2.0
        Rounds = 40
}

let private lemmaInstances =
    instances [ 0.02; 0.1; 0.2; 1.0 ] [ 0.0; 1.0; 5.0 ] [
        { usual with Beta = 0.3; Sigma = 1.0 }
        {
            usual with
                LocalSteps = 1
                EtaL = 1.0
                Sigma = 1.0
        }
        {
            usual with
                Beta = 0.1
                Sigma = 1.0
                Indefinite = true
        }
        slow
    ]
    |> Instances.counts 1 3 30

let chainClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.4"
            ClaimKind.Mean
            "FedAvg-M: (i) E f(x⁺) ≤ f − (11γ/24)G + (13γ/24)E; (ii) E_r ≤ (1−8β/9)E_{r−1} + (4γ²L²/β)G_{r−1} + 2β²σ²/(NK) + 4βL²U_r; (iii) U ≤ 2eK²Ξ + Kη²β²σ²(1+2K³L²η²β²)"
            lemmaInstances
            (fun _ -> chain) with
            Formula =
                @"\mathcal E_r\le\bigl(1-\tfrac{8\beta}9\bigr)\mathcal E_{r-1}+\tfrac{4\gamma^2L^2}\beta G_{r-1}+\tfrac{2\beta^2\sigma^2}{NK}+4\beta L^2U_r"
            Assumptions = "F_i L-smooth, noise of variance σ² a sample, γ ≤ min{1/(24L), β/(6L)}, ηKL ≤ 1/β"
            Source = "arXiv 2306.16504, lemmas of the appendix, re-derived; for every state"
            Valid = valid
            Falsifiers = [
                Falsifier.check "(ii) without its noise term" (fun _ spec ->
                    let q, p = setting { spec with Sigma = 1.0 }
                    recursion 0.0 (q :> IFiniteSum) p)
                Falsifier.check "(ii) at the start without its noise term" (fun _ spec ->
                    let q, p =
                        setting {
                            spec with
                                Sigma = 1.0
                                LocalSteps = 1
                        }

                    first 0.0 (q :> IFiniteSum) p)
            ]
            Tight = Some { Instance = slow; AtLeast = 0.99 }
    }

let firstStepClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-MOMFL.4b"
            ClaimKind.Mean
            "FedAvg-M from g⁰ = 0: (iv) Σ_{r<R} Ξ_r ≤ (1/(72eK²L²))Σ_{r<R}(E_r + G_r) + 2η²β²eR·mean‖∇F_i(x⁰)‖²"
            lemmaInstances
            (fun _ -> firstStepSums) with
            Formula =
                @"\sum_{r<R}\Xi_r\le\frac1{72eK^2L^2}\sum_{r<R}(\mathcal E_r+G_r)+2\eta^2\beta^2eR\,\tfrac1N\sum_i\|\nabla F_i(x^0)\|^2"
            Assumptions =
                "as CE-MOMFL.4, and 288e(ηKL)²((1−β)²+e(βγLR)²) ≤ 1; every number of rounds up to R, in exact expectation"
            Source = "arXiv 2306.16504, lemma of the appendix, re-derived"
            Valid = valid
            Falsifiers = [
                Falsifier.check "no spread at the start" (fun _ spec ->
                    let q, p = setting { spec with Sigma = 0.0 }
                    let f = q :> IFiniteSum
                    firstSteps 0.0 f.Minimiser f p)
            ]
    }

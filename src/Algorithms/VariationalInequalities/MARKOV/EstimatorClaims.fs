/// What the multilevel estimator is worth (VI-MARKOV.1, .4): its mean, its samples, its second moment.
module Theory.Algorithms.VariationalInequalities.EstimatorClaims

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.OccupationMoments

/// An estimator on a chain.
[<NoComparison>]
type EstimatorSpec = {
    /// As in `MarkovSpec`.
    Kernel: string
    States: int
    Move: float
    /// d of the noise.
    Dimension: int
    Batch: int
    /// ⌊log2 M⌋.
    Levels: int
    Seed: int
}

let private chainOf (spec: EstimatorSpec) =
    MarkovChains.ofSpec {
        Kernel = spec.Kernel
        States = spec.States
        Move = spec.Move
        Seed = spec.Seed
    }

let private instances kernels =
    let generator =
        gen {
            let! kernel = Gen.elements kernels
            let! states = Gen.choose (2, 4)
            let! move = Gen.elements [ 0.05; 0.2; 0.5; 0.9 ]
            let! dimension = Gen.choose (1, 2)
            let! batch = Gen.choose (1, 4)
            let! levels = Gen.choose (0, 5)
            let! seed = Gen.choose (0, 10000)

            return {
                Kernel = kernel
                States =
                    match kernel with
                    | "flip" -> 2
                    | "three" -> 3
                    | _ -> states
                Move = move
                Dimension = dimension
                Batch = batch
                Levels = levels
                Seed = seed
            }
        }

    let shrink (spec: EstimatorSpec) =
        seq {
            if spec.Levels > 0 then
                { spec with Levels = spec.Levels - 1 }

            if spec.Batch > 1 then
                { spec with Batch = 1 }

            if spec.Dimension > 1 then
                { spec with Dimension = 1 }
        }

    Instances.generated generator shrink

let private three levels batch : EstimatorSpec = {
    Kernel = "three"
    States = 3
    Move = 0.0
    Dimension = 2
    Batch = batch
    Levels = levels
    Seed = 1
}

// ---- VI-MARKOV.1 -----------------------------------------------------------------------------------------------

/// A point x with the chain's state, or law; after the estimate X holds g.
type private Query = { X: Block; Chain: Block }

/// F with noise of the chain, at a fixed strongly monotone F.
let private noisy (spec: EstimatorSpec) =
    let d = spec.Dimension

    let f =
        Games.rotationBlocks {
            Workers = 1
            Blocks = d
            Mu = 0.5
            MuSpread = 0.0
            Skew = 1.0
            SkewSpread = 0.0
            Offset = 1.0
            Seed = spec.Seed
        }

    MarkovOperator(f, MarkovNoise.random (chainOf spec) (2 * d) 1.0 spec.Seed) :> IMarkovOperator

/// Levels that can be enumerated: the transitions of the highest have at most 300 sequences.
let private enumerable (chain: MarkovChain) batch levels =
    Seq.init (levels + 1) (fun l -> levels - l)
    |> Seq.find (fun l -> l = 0 || float chain.Maps.Length ** float (Multilevel.length batch l) <= 300.0)

/// E[law of a visit i] averaged over i < n, as a function of the law of Z_0.
let private frequencies (chain: MarkovChain) n (law: Block) =
    Seq.init n (fun i -> chain.Later (i + 1) law)
    |> Seq.reduce (fun a b -> a + b)
    |> fun total -> total / float n

/// The estimator itself, every J and every transition enumerated: E[g] = E[g_top] for every x and law of the start. With
/// `stationary` the chain starts from π, and E[g] = F(x).
let private enumerated (spec: EstimatorSpec) share stationary =
    let f = noisy spec
    let chain = f.Chain
    // Batches of one keep the tree small; the weights below take every batch.
    let top = enumerable chain 1 spec.Levels

    let proc = {
        Name = "estimate"
        Draw = Multilevel.draw chain 1 top
        Step =
            fun o (s: Query) ->
                let start = if stationary then chain.Law chain.Stationary else s.Chain
                let visits, last = Multilevel.visitsWith share chain 1 o (start.On s.X.Engine)

                {
                    X = f.OperatorOver visits s.X
                    Chain = last
                }
        Cost = fun _ -> []
    }

    let centre = {
        X = f.Solution
        Chain = chain.State 0
    }

    AffineIdentity.mean proc centre None (fun s -> s.X) (fun s ->
        if stationary then
            f.Operator s.X
        else
            f.OperatorOver (frequencies chain (Multilevel.length 1 top) s.Chain) s.X)

/// The estimator's shares at any batch and M: E[visits] over J against the mean over the longest prefix, for every law.
let private weighed (spec: EstimatorSpec) (share: int -> int -> int -> float) =
    let chain = chainOf spec
    let law = Multilevel.probabilities spec.Levels
    let longest = Multilevel.length spec.Batch spec.Levels

    let visits (start: Block) =
        Seq.init longest (fun i ->
            let expected =
                law
                |> Array.mapi (fun level p ->
                    if i < Multilevel.length spec.Batch level then
                        p * share spec.Batch level i
                    else
                        0.0)
                |> Array.sum

            expected * chain.Later (i + 1) start)
        |> Seq.reduce (fun a b -> a + b)

    AffineIdentity.forEveryState (chain.State 0) None visits (frequencies chain longest)

let private unbiased spec share =
    Pieces.all [ enumerated spec share false; enumerated spec share true; weighed spec share ]

let private wrongFactor =
    Multilevel.shareWith (fun level -> 2.0 ** float (level - 1))

/// E g at the law `start` of the chain against F(x): a bias unless the law is π.
let private biased (spec: EstimatorSpec) =
    let f = noisy spec
    let start = f.Chain.State 0

    AffineIdentity.forEveryState
        f.Solution
        None
        (f.OperatorOver(frequencies f.Chain (Multilevel.length spec.Batch spec.Levels) start))
        f.Operator

let unbiasedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.1"
            ClaimKind.Exact
            "E g = E g_{⌊log2 M⌋} from every x and every law of the start; from stationarity E g = F(x)"
            (instances [ "flip"; "lazy"; "three" ]
             |> Instances.counts 2 4 40
             |> Instances.startingWith [ three 0 1; three 1 1; three 3 2; three 5 1 ])
            (fun _ spec -> unbiased spec Multilevel.share) with
            Formula = @"\mathbb E\,g=\mathbb E\,g_{\lfloor\log_2M\rfloor}"
            Assumptions = "J ~ Geom(1/2) independent of the chain"
            Source = "the paper's lemma; telescoping of 2^{−j}·2^j"
            Falsifiers = [
                Falsifier.check "factor 2^(J−1)" (fun _ spec -> unbiased spec wrongFactor)
                |> Falsifier.at [ three 2 1 ]
                Falsifier.check "E g = F(x) from a state instead of π" (fun _ spec -> biased spec)
                |> Falsifier.at [ three 1 1 ]
            ]
            Tight = Some { Instance = three 3 2; AtLeast = 1.0 }
    }

/// The expected charge of one step of REG beyond its first batch, over the law of J.
let private expectedSamples (spec: EstimatorSpec) (charged: int -> float) =
    let expected =
        Multilevel.probabilities spec.Levels
        |> Array.mapi (fun level p -> p * charged level)
        |> Array.sum

    let top = float spec.Levels

    [
        Evidence.row
            Relation.Equal
            1
            (spec.Levels + 1)
            "expected samples"
            expected
            (float spec.Batch * (top + 0.5 ** top))
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

/// What RASGD charges at a level.
let private charge (spec: EstimatorSpec) (level: int) : float =
    let f =
        MarkovObjective(Quadratic.diagonal [| 1.0; 2.0 |], MarkovNoise.random (chainOf spec) 2 1.0 spec.Seed)

    let p = {
        RASGD.parameters f with
            Batch = spec.Batch
            M = 2.0 ** float spec.Levels
    }

    let o: Multilevel.Sampling = {
        Level = Indices.Constant(spec.Levels + 1, [| level |])
        Transitions = Indices.Constant(1, [| 0 |])
    }

    RASGD.method.Cost f p o
    |> List.filter (fun c -> c.Counter = Counter.Samples)
    |> List.sumBy (Charge.forLane 0)

let samplesClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.1b"
            ClaimKind.Count
            "an estimate takes B(⌊log2 M⌋ + 2^{−⌊log2 M⌋}) samples on average"
            (instances [ "flip"; "three" ]
             |> Instances.startingWith [ three 0 1; three 1 1; three 3 1; three 5 2 ])
            (fun _ spec -> expectedSamples spec (charge spec)) with
            Formula = @"\mathbb E\,\#\text{samples}=B\big(\lfloor\log_2M\rfloor+2^{-\lfloor\log_2M\rfloor}\big)"
            Assumptions = "the chain advances by 2^J B when 2^J ≤ M and by B otherwise"
            Source = "derived: E[2^J; 2^J ≤ M] = ⌊log2 M⌋"
            Falsifiers = [
                Falsifier.check "levels beyond M advance by M·B" (fun _ spec ->
                    expectedSamples spec (fun level -> charge spec (if level = 0 then spec.Levels else level)))
                |> Falsifier.at [ three 3 1 ]
            ]
            Tight =
                Some {
                    Instance = three 5 2
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

/// A constant that E 2^J is claimed to stay below.
[<NoComparison>]
type ConstantSpec = { Constant: float }

let printedSamples: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.1-printed"
            ClaimKind.Count
            "advancing the chain by 2^J·B at every estimate costs O(B) samples: E 2^J ≤ a constant"
            (Instances.only [ for c in [ 1.0; 2.0; 10.0; 1000.0 ] -> { Constant = c } ])
            (fun _ spec ->
                // E[2^J; J ≤ K] for J ~ Geom(1/2).
                let partial =
                    Seq.init (int spec.Constant + 1) (fun j -> 0.5 ** float (j + 1) * 2.0 ** float (j + 1))

                [
                    for k in [ 1; int spec.Constant + 1 ] ->
                        Evidence.row
                            Relation.AtMost
                            1
                            k
                            $"E[2^J; J ≤ {k}]"
                            (Seq.sum (Seq.truncate k partial))
                            spec.Constant
                ]
                |> Evidence.ofRows Rung.Enumerated Relation.AtMost) with
            Formula = @"\mathbb E\,2^J=\mathcal O(1)"
            Assumptions = "J ~ Geom(1/2)"
            Source = "the authors' poster"
            Erratum =
                Some
                    "E[2^J; J ≤ K] = K, so E 2^J is infinite. The chain must advance by 2^J·B only when 2^J ≤ M, else by B: see VI-MARKOV.1b."
    }

// ---- VI-MARKOV.4 -----------------------------------------------------------------------------------------------

/// E‖Σ_i share(i)n(Z_i)‖² over J, from a law of the start.
let private secondMoment (noise: MarkovNoise) (spec: EstimatorSpec) start =
    Multilevel.probabilities spec.Levels
    |> Array.mapi (fun level p ->
        let shares =
            Array.init (Multilevel.length spec.Batch level) (Multilevel.share spec.Batch level)

        p * snd (ofNoise noise start shares))
    |> Array.sum

let private noiseOf (spec: EstimatorSpec) =
    MarkovNoise.random (chainOf spec) spec.Dimension 1.5 spec.Seed

let private varies (spec: EstimatorSpec) (bound: MarkovNoise -> float) =
    let noise = noiseOf spec

    fromEveryState noise.Chain (fun start name -> [
        Evidence.row
            Relation.AtMost
            noise.Chain.States
            (Multilevel.length spec.Batch spec.Levels)
            $"{name}: E‖g − F(x)‖²"
            (secondMoment noise spec start)
            (bound noise)
    ])
    |> Evidence.ofRows Rung.Moments Relation.AtMost

let private stated (spec: EstimatorSpec) c =
    (2.0 + 12.0 * float spec.Levels) * c / float spec.Batch

let private slow: EstimatorSpec = {
    three 1 64 with
        Kernel = "flip"
        States = 2
        Move = 0.001
}

let varianceClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.4"
            ClaimKind.Mean
            "E‖g − F(x)‖² ≤ (2 + 12⌊log2 M⌋)(1 + 16τ/3)σ²/B from any start law"
            (instances [ "flip"; "lazy"; "three" ]
             |> Instances.startingWith [ three 0 1; three 3 2; three 5 1; slow ])
            (fun _ spec -> varies spec (constant >> stated spec)) with
            Formula =
                @"\mathbb E\|g-F(x)\|^2\le(2+12\lfloor\log_2M\rfloor)\Big(1+\tfrac{16\tau}{3}\Big)\frac{\sigma^2}{B}"
            Assumptions = "‖F(x, s) − F(x)‖ ≤ σ"
            Source =
                "order: the paper's lemma; constants derived: ‖g‖² ≤ 2‖g_0‖² + 2·4^J‖g_J − g_{J−1}‖². Loose: the sharp statements are VI-MARKOV.1, .3 and .4b"
            Falsifiers = [
                Falsifier.check "independent samples, without (1 + 16τ/3)" (fun _ spec ->
                    varies spec (fun noise -> stated spec (noise.Sigma ** 2.0)))
                |> Falsifier.at [ slow ]
            ]
    }

/// E‖g − F(x)‖² on an independent chain; `nested` draws g_0, g_J and g_{J−1} over the same states.
let private independent (spec: EstimatorSpec) nested (formula: float -> float) =
    let noise = noiseOf spec
    let top = float spec.Levels
    let expected = formula top * noise.Autocovariance 0 / float spec.Batch

    // Prefixes that share no state add their variances: 1/B + 4^J(1/(2^J B) + 1/(2^{J−1} B)).
    let apart =
        Multilevel.probabilities spec.Levels
        |> Array.mapi (fun level p -> p * (if level = 0 then 1.0 else 1.0 + 3.0 * 2.0 ** float level))
        |> Array.sum
        |> fun total -> total * noise.Autocovariance 0 / float spec.Batch

    fromEveryState noise.Chain (fun start name -> [
        Evidence.row
            Relation.Equal
            noise.Chain.States
            (Multilevel.length spec.Batch spec.Levels)
            $"{name}: E‖g − F(x)‖²"
            (if nested then secondMoment noise spec start else apart)
            expected
    ])
    |> Evidence.ofRows Rung.Moments Relation.Equal

let private independentStates = {
    three 3 2 with
        Kernel = "independent"
}

let independentClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.4b"
            ClaimKind.Exact
            "independent samples: E‖g − F(x)‖² = (l − 1 + 2^{1−l})·E‖n‖²/B with l = ⌊log2 M⌋"
            (instances [ "independent" ] |> Instances.startingWith [ independentStates ])
            (fun _ spec -> independent spec true (fun l -> l - 1.0 + 2.0 ** (1.0 - l))) with
            Formula = @"\mathbb E\|g-F(x)\|^2=\big(l-1+2^{1-l}\big)\frac{\mathbb E\|n\|^2}{B}"
            Assumptions = "all rows of the kernel equal"
            Source = "derived: at level J the first B visits cancel, and the next (2^J − 1)B have shares ±1/B"
            Falsifiers = [
                Falsifier.check "prefixes over states of their own" (fun _ spec ->
                    independent spec false (fun l -> l - 1.0 + 2.0 ** (1.0 - l)))
                |> Falsifier.at [ independentStates ]
                Falsifier.check "l + 2^{−l}, as many as the samples" (fun _ spec ->
                    independent spec true (fun l -> l + 0.5 ** l))
                |> Falsifier.at [ independentStates ]
            ]
            Tight =
                Some {
                    Instance = independentStates
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

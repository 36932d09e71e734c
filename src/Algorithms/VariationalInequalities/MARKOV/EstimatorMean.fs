/// What the multilevel estimator gives on average, and what it takes (VI-MARKOV.1).
module Theory.Algorithms.VariationalInequalities.EstimatorMean

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.EstimatorSpecs

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

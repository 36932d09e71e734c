/// The second moment of the multilevel estimator (VI-MARKOV.4).
module Theory.Algorithms.VariationalInequalities.EstimatorVariance

open Theory
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.OccupationMoments
open Theory.Algorithms.VariationalInequalities.EstimatorSpecs

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

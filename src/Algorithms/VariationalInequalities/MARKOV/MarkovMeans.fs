/// Means of noise along a Markov chain (VI-MARKOV.2, .3, .8): the price of mixing, and the batch that pays it.
module Theory.Algorithms.VariationalInequalities.MarkovMeans

open System
open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.OccupationMoments

// ---- VI-MARKOV.2 -----------------------------------------------------------------------------------------------

let private lengths = [ 1; 2; 3; 5; 10; 32; 100; 256 ]

/// Second moment and bias of the mean of n visits, from every start state: both are largest from one of them.
let private means (spec: MarkovSpec) dimension (second: MarkovNoise -> float) (bias: MarkovNoise -> float) =
    let chain = MarkovChains.ofSpec spec
    let noise = MarkovNoise.random chain dimension 1.5 spec.Seed

    fromEveryState chain (fun start name -> [
        for n in lengths do
            let biasSquared, total = ofNoise noise start (uniform n)

            Evidence.row Relation.AtMost chain.States n $"{name}, n = {n}: E‖mean‖²" total (second noise / float n)

            Evidence.row
                Relation.AtMost
                chain.States
                n
                $"{name}, n = {n}: ‖E mean‖"
                (sqrt (max biasSquared 0.0))
                (bias noise / float n)
    ])
    |> Evidence.ofRows Rung.Moments Relation.AtMost

let private tau (noise: MarkovNoise) = float noise.Chain.MixingTime
let private biasConstant noise = 8.0 / 3.0 * tau noise * noise.Sigma

let mixingClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.2"
            ClaimKind.Mean
            "from any start law: E‖(1/n)Σ n(Z_i)‖² ≤ (1 + 16τ/3)σ²/n and ‖E(1/n)Σ n(Z_i)‖ ≤ (8/3)τσ/n"
            (MarkovChains.instances 4
             |> Instances.startingWith [ MarkovChains.three; MarkovChains.flipping 0.05 ])
            (fun _ spec -> means spec 2 constant biasConstant) with
            Formula =
                @"\mathbb E\Big\|\tfrac1n\sum_{i\le n} n(Z_i)\Big\|^2 \le \Big(1+\tfrac{16\tau}{3}\Big)\frac{\sigma^2}{n},\quad \Big\|\mathbb E\tfrac1n\sum_{i\le n} n(Z_i)\Big\| \le \frac{8\tau\sigma}{3n}"
            Assumptions = "E_π n = 0, ‖n‖ ≤ σ, TV(P^k(z,·), P^k(z',·)) ≤ (1/4)^⌊k/τ⌋"
            Source = "derived from ‖P^k n‖ ≤ 2σ(1/4)^⌊k/τ⌋ and Σ_k (1/4)^⌊k/τ⌋ = 4τ/3; the paper's lemma has this shape"
            Falsifiers = [
                Falsifier.check "second moment of independent samples, σ²/n" (fun _ spec ->
                    means spec 2 (fun noise -> noise.Sigma ** 2.0) biasConstant)
                |> Falsifier.at [ MarkovChains.three ]
                Falsifier.check "bias without the mixing time, (8/3)σ/n" (fun _ spec ->
                    means spec 2 constant (fun noise -> 8.0 / 3.0 * noise.Sigma))
                |> Falsifier.at [ MarkovChains.flipping 0.05 ]
            ]
    }

// ---- VI-MARKOV.3 -----------------------------------------------------------------------------------------------

/// The mean of n signs of the two-state chain.
[<NoComparison>]
type FlipSpec = {
    /// Flip probability ε in (0, 1).
    Flip: float
    /// n ≥ 1.
    Samples: int
}

let private flips =
    let generator =
        gen {
            let! flip = Gen.elements [ 0.001; 0.01; 0.1; 0.3; 0.5; 0.8 ]
            let! samples = Gen.choose (1, 300)
            return { Flip = flip; Samples = samples }
        }

    let shrink (spec: FlipSpec) =
        seq {
            if spec.Samples > 1 then
                { spec with Samples = spec.Samples / 2 }
        }

    Instances.generated generator shrink

/// E[(mean)²] of n signs from stationarity, in closed form: λ = 1 − 2ε.
let meanSquare (epsilon: float) (n: float) : float =
    let lambda = 1.0 - 2.0 * epsilon

    ((1.0 + lambda) / (1.0 - lambda)
     - 2.0 * lambda * (1.0 - lambda ** n) / (n * (1.0 - lambda) ** 2.0))
    / n

/// E[mean] of n signs from Z_0 = +1.
let private bias (epsilon: float) (n: float) =
    let lambda = 1.0 - 2.0 * epsilon
    lambda * (1.0 - lambda ** n) / (n * (1.0 - lambda))

let private compared dimension steps label (measured: float) expected =
    Evidence.row Relation.Equal dimension steps label measured expected

/// Exact moments against closed forms, which may be changed by the falsifiers.
let private closedForms (spec: FlipSpec) (square: float -> float -> float) (mean: float -> float -> float) =
    let noise = MarkovNoise.signs spec.Flip 1.0
    let chain = noise.Chain
    let n = spec.Samples
    let _, stationary = ofNoise noise chain.Stationary (uniform n)
    let moments = compute chain (at chain 0) (Array.create n [| 1.0 / float n |])

    [
        compared 2 n "E(mean)², stationary start" stationary (square spec.Flip (float n))
        // A sum of both signs: what cancels in it is relative to the sum of their sizes, 1.
        compared 2 n "1 + E mean, from +1" (1.0 + moments.Mean[0] - moments.Mean[1]) (1.0 + mean spec.Flip (float n))
        compared
            2
            1
            "n·E(mean)² as n → ∞, by the fundamental matrix"
            noise.LongRunVariance
            ((1.0 - spec.Flip) / spec.Flip)
    ]
    |> Evidence.ofRows Rung.Moments Relation.Equal

let private twenty: FlipSpec = { Flip = 0.1; Samples = 20 }

let twoStateClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.3"
            ClaimKind.Exact
            "two states, n = ±1, λ = 1−2ε: n·E(mean)² = (1+λ)/(1−λ) − 2λ(1−λⁿ)/(n(1−λ)²) → (1−ε)/ε; bias from +1 is λ(1−λⁿ)/(n(1−λ))"
            (flips
             |> Instances.startingWith [ twenty; { twenty with Samples = 1 }; { twenty with Samples = 5 } ])
            (fun _ spec -> closedForms spec meanSquare bias) with
            Formula =
                @"n\,\mathbb E\bar n^2=\frac{1+\lambda}{1-\lambda}-\frac{2\lambda(1-\lambda^n)}{n(1-\lambda)^2}\to\frac{1-\varepsilon}{\varepsilon}"
            Assumptions =
                "flip probability ε, stationary start for the variance: the effective sample size shrinks like 1/τ"
            Source = "derived: E n(Z_i)n(Z_j) = λ^|i−j|"
            Falsifiers = [
                Falsifier.check "independent samples, 1/n" (fun _ spec -> closedForms spec (fun _ n -> 1.0 / n) bias)
                |> Falsifier.at [ twenty ]
                Falsifier.check "2λ(1−λⁿ)/(n(1−λ)²) dropped" (fun _ spec ->
                    closedForms spec (fun epsilon n -> (1.0 - epsilon) / epsilon / n) bias)
                |> Falsifier.at [ twenty ]
                Falsifier.check "bias from the average over Z_0 … Z_{n−1}" (fun _ spec ->
                    closedForms spec meanSquare (fun epsilon n -> bias epsilon n / (1.0 - 2.0 * epsilon)))
                |> Falsifier.at [ twenty ]
            ]
            Tight =
                Some {
                    Instance = twenty
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

// ---- VI-MARKOV.8 -----------------------------------------------------------------------------------------------

/// A batch of n = c/ε signs.
[<NoComparison>]
type BatchSpec = {
    /// c > 0.
    C: float
    /// n; ε = c/n.
    Batch: int
}

let private batches =
    let generator =
        gen {
            let! c = Gen.elements [ 0.5; 1.0; 2.0; 8.0 ]
            let! per = Gen.elements [ 10; 30; 100; 1000 ]
            return { C = c; Batch = int (c * float per) }
        }

    Instances.generated generator (fun _ -> Seq.empty)

/// 1/c − (1 − e^{−2c})/(2c²).
let private limit c =
    1.0 / c - (1.0 - exp (-2.0 * c)) / (2.0 * c * c)

/// E(mean)² of `samples` signs, against the closed form and against its limit: the distance to it is at most
/// (ε/c)(1 + e^{−2c}/(1−2ε)), since e^{−2c}·e^{−2cε/(1−2ε)} ≤ λⁿ ≤ e^{−2c}·e^{−2cε}.
let private approaches (spec: BatchSpec) samples (limit: float -> float) =
    let epsilon = spec.C / float spec.Batch
    let noise = MarkovNoise.signs epsilon 1.0
    let _, measured = ofNoise noise noise.Chain.Stationary (uniform samples)

    let distance =
        epsilon / spec.C * (1.0 + exp (-2.0 * spec.C) / (1.0 - 2.0 * epsilon))

    [
        [
            compared 2 samples "E(mean)² against the closed form" measured (meanSquare epsilon (float samples))
        ]
        |> Evidence.ofRows Rung.Moments Relation.Equal
        [
            Evidence.row Relation.AtMost 2 samples "distance to the limit" (abs (measured - limit spec.C)) distance
        ]
        |> Evidence.ofRows Rung.Moments Relation.AtMost
    ]
    |> Evidence.all

let private one: BatchSpec = { C = 1.0; Batch = 1000 }

let private entrys = [
    for c in [ 0.5; 1.0; 2.0; 8.0 ] do
        for per in [ 10; 100; 1000 ] -> { C = c; Batch = int (c * float per) }
]

let batchClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.8"
            ClaimKind.Exact
            "two states, batch n = c/ε: E(mean)² = 1/c − (1−e^{−2c})/(2c²) up to (ε/c)(1 + e^{−2c}/(1−2ε)), whatever ε"
            (batches |> Instances.startingWith entrys)
            (fun _ spec -> approaches spec spec.Batch limit) with
            Formula = @"\lim_{\varepsilon\to0}\mathbb E\bar n_{c/\varepsilon}^2=\frac1c-\frac{1-e^{-2c}}{2c^2}"
            Assumptions = "stationary start, ε < 1/2; a batch proportional to the mixing time removes the mixing time"
            Source = "derived from VI-MARKOV.3; the paper's corollary takes b = τ"
            Falsifiers = [
                Falsifier.check "batch of 5 whatever ε" (fun _ spec -> approaches spec 5 limit)
                |> Falsifier.at [ one ]
                Falsifier.check "limit of independent samples, 1/c" (fun _ spec ->
                    approaches spec spec.Batch (fun c -> 1.0 / c))
                |> Falsifier.at [ one ]
            ]
            Tight =
                Some {
                    Instance = one
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

/// A batch of b·τ signs of the chain against b independent ones.
let private proportional (spec: BatchSpec) samples =
    let noise = MarkovNoise.signs (min 0.25 (spec.C / float spec.Batch)) 1.0

    [
        for b in [ 1; 2; 5; 20 ] do
            let _, measured =
                ofNoise noise noise.Chain.Stationary (uniform (samples b noise.Chain.MixingTime))

            Evidence.row Relation.AtMost 2 (b * noise.Chain.MixingTime) $"b = {b}: b·E(mean)²" (float b * measured) 1.5
    ]
    |> Evidence.ofRows Rung.Moments Relation.AtMost

let proportionalClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.8b"
            ClaimKind.Mean
            "two states, ε ≤ 1/4: the mean of bτ signs has E(mean)² ≤ 1.5/b, b independent ones have 1/b"
            (batches |> Instances.startingWith [ one ])
            (fun _ spec -> proportional spec (fun b tau -> b * tau)) with
            Formula = @"\mathbb E\bar n_{b\tau}^2\le\frac{3}{2b}"
            Assumptions = "stationary start; τ ≥ ln 4/(−ln(1−2ε)) and (1−ε)(−ln(1−2ε))/ε ≤ 3 ln 2 for ε ≤ 1/4"
            Source = "derived from VI-MARKOV.3: n·E(mean)² ≤ (1−ε)/ε"
            Falsifiers = [
                Falsifier.check "b samples" (fun _ spec -> proportional spec (fun b _ -> b))
                |> Falsifier.at [ one ]
            ]
    }

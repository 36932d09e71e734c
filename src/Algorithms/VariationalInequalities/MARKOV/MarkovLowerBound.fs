/// No weighted average of samples escapes the mixing time (VI-MARKOV.7, .9).
module Theory.Algorithms.VariationalInequalities.MarkovLowerBound

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.OccupationMoments

/// f(x) = E[½(x − m − n(Z))²] with N signs of the two-state chain.
[<NoComparison>]
type LowerSpec = {
    /// Flip probability ε in (0, 1/2].
    Flip: float
    /// N, or the steps and levels that make it.
    Samples: int
}

let private instances most =
    let generator =
        gen {
            let! flip = Gen.elements [ 0.001; 0.01; 0.1; 0.3; 0.5 ]
            let! samples = Gen.choose (1, most)
            return { Flip = flip; Samples = samples }
        }

    let shrink (spec: LowerSpec) =
        seq {
            if spec.Samples > 1 then
                { spec with Samples = spec.Samples / 2 }
        }

    Instances.generated generator shrink

/// (1+λ)/(N(1−λ) + 2λ), the variance of the best weights.
let private best epsilon (n: int) =
    let lambda = 1.0 - 2.0 * epsilon
    (1.0 + lambda) / (float n * (1.0 - lambda) + 2.0 * lambda)

/// The weights that attain it: inner samples weigh 1 − λ, the first and the last 1.
let private bestWeights epsilon (n: int) =
    let raw = Array.init n (fun i -> if i = 0 || i = n - 1 then 1.0 else 2.0 * epsilon)

    raw |> Array.map (fun w -> w / Array.sum raw)

// ---- VI-MARKOV.7 -----------------------------------------------------------------------------------------------

/// R_ij = E n(Z_i)n(Z_j) from the chain; `dependent` false takes independent samples.
let private correlations (spec: LowerSpec) dependent =
    let noise = MarkovNoise.signs spec.Flip 1.0
    let covariances = Array.init spec.Samples noise.Autocovariance

    Matrix.Create(
        spec.Samples,
        spec.Samples,
        fun i j ->
            if dependent then covariances[abs (i - j)]
            elif i = j then 1.0
            else 0.0
    )

/// wᵀRw ≥ bound·(Σw)² for every w ∈ R^N.
let private everyWeight (spec: LowerSpec) dependent slack =
    let r = correlations spec dependent
    let bound = slack * best spec.Flip spec.Samples

    Spectral.oneStep {
        Process = {
            Name = "weights"
            Draw = Draw.none
            Step = fun () (w: Block) -> w
            Cost = fun () -> []
        }
        Centre = Block.zeros 1 1 spec.Samples
        Keeps = None
        Measure = fun w -> Block.dot w (w.Apply r)
        Bound =
            fun w ->
                let total = w.Sum()
                bound * (total * total)
        Relation = Relation.AtLeast
        MatchMoments = false
    }

let private twenty: LowerSpec = { Flip = 0.1; Samples = 20 }

let weightsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.7"
            ClaimKind.Lower
            "two states: every weighted average of N samples has E(x−m)² = wᵀRw ≥ (1+λ)/(N(1−λ)+2λ) = Ω((1/ε)/N), λ = 1−2ε"
            (instances 30
             |> Instances.startingWith [ twenty; { twenty with Flip = 0.01 }; { twenty with Samples = 1 } ])
            (fun _ spec -> everyWeight spec true 1.0) with
            Formula =
                @"\mathbb E(x-m)^2=w^\top Rw\ge(\mathbf 1^\top R^{-1}\mathbf 1)^{-1}=\frac{1+\lambda}{N(1-\lambda)+2\lambda},\quad R_{ij}=\lambda^{|i-j|}"
            Assumptions = "f(x) = E[½(x − m − n(Z))²], m unknown, Σw = 1, stationary start"
            Source = "derived: best linear unbiased estimator of a mean under an autoregressive correlation"
            Falsifiers = [
                Falsifier.check "independent samples, R = I" (fun _ spec -> everyWeight spec false 1.0)
                |> Falsifier.at [ twenty ]
                Falsifier.check "bound × 1.001" (fun _ spec -> everyWeight spec true 1.001)
                |> Falsifier.at [ twenty ]
            ]
            Tight =
                Some {
                    Instance = twenty
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

/// E(x − m)² of recorded weights on the chain against the bound for as many samples as there are weights.
let private judged (noise: MarkovNoise) epsilon dependent (run: Recorder.Recorded) =
    let n = run.Weights.Length

    let error =
        if dependent then
            snd (ofNoise noise noise.Chain.Stationary run.Weights)
        else
            run.Weights |> Array.sumBy (fun w -> w * w)

    Evidence.row Relation.AtLeast 2 n $"{run.Name}: E(x−m)²" error (best epsilon n)

/// The methods of the class.
let private methods (spec: LowerSpec) dependent =
    let noise = MarkovNoise.signs spec.Flip 1.0

    let best: Recorder.Recorded = {
        Name = $"best weights of {spec.Samples}"
        Weights = bestWeights spec.Flip spec.Samples
    }

    [
        yield! Recorder.registered 1 2 (1 + spec.Samples % 3)
        yield! Recorder.registered 3 1 2
        yield! Recorder.estimates 2 4
        yield! Recorder.averaged 0.5 spec.Samples
        yield! Recorder.averaged 0.1 spec.Samples
        Recorder.plain spec.Samples
        best
    ]
    |> List.map (judged noise spec.Flip dependent)
    |> Evidence.ofRows Rung.Moments Relation.AtLeast

let methodsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.7b"
            ClaimKind.Lower
            "REG, RASGD, averaged SGD, MLMC and plain means run on the two-state chain: E(x−m)² ≥ (1+λ)/(N(1−λ)+2λ) after N samples"
            (instances 40 |> Instances.startingWith [ twenty ])
            (fun _ spec -> methods spec true) with
            Formula = @"\mathbb E(x-m)^2\ge\frac{1+\lambda}{N(1-\lambda)+2\lambda}"
            Assumptions = "outputs from x_0 = 0 divided by the total weight of the samples, every sequence of levels"
            Source = "VI-MARKOV.7; the plain mean is within 1 + O(1/N) of it"
            Falsifiers = [
                Falsifier.check "independent samples" (fun _ spec -> methods spec false)
                |> Falsifier.at [ twenty ]
            ]
            Tight =
                Some {
                    Instance = twenty
                    AtLeast = 1.0 - Rounding.certificate
                }
    }

// ---- VI-MARKOV.9 -----------------------------------------------------------------------------------------------

/// A target accuracy on f(x) = (μ/2)E(x − m − (σ/μ)n(Z))².
[<NoComparison>]
type TargetSpec = {
    Flip: float
    Mu: float
    Sigma: float
    /// ε₀ as a share of (σ/μ)².
    Share: float
}

let private targets =
    let generator =
        gen {
            let! flip = Gen.elements [ 0.02; 0.05; 0.1; 0.2 ]
            let! mu = Gen.elements [ 0.1; 1.0 ]
            let! sigma = Gen.elements [ 0.5; 2.0 ]
            let! share = Gen.elements [ 0.5; 0.3 ]

            return {
                Flip = flip
                Mu = mu
                Sigma = sigma
                Share = share
            }
        }

    Instances.generated generator (fun _ -> Seq.empty) |> Instances.counts 1 3 20

/// ((τ−1)/ln 4)·((1+λ)σ²/(μ²ε₀) − 2λ).
let private needed (noise: MarkovNoise) (spec: TargetSpec) accuracy =
    let lambda = 1.0 - 2.0 * spec.Flip

    float (noise.Chain.MixingTime - 1) / log 4.0
    * ((1.0 + lambda) * (spec.Sigma / spec.Mu) ** 2.0 / accuracy - 2.0 * lambda)

/// Samples that a family may take.
let private most = 200

// The runs do not depend on the instance.
let private averages =
    lazy (Recorder.averaged 0.5 most |> List.map (fun r -> r.Weights))

let private registered = lazy (Recorder.registered 20 1 2)

/// The least number of samples with which each family of averages reaches ε₀.
let private reached (spec: TargetSpec) dependent scale =
    let noise = MarkovNoise.signs spec.Flip 1.0
    let scaled = (spec.Sigma / spec.Mu) ** 2.0
    let accuracy = spec.Share * scaled

    let error (weights: float[]) =
        scaled
        * (if dependent then
               snd (ofNoise noise noise.Chain.Stationary weights)
           else
               weights |> Array.sumBy (fun w -> w * w))

    let families = [
        "plain mean", Seq.init most (fun n -> uniform (n + 1))
        "averaged SGD, γ = 0.5", Seq.ofList averages.Value
        "best weights", Seq.init most (fun n -> bestWeights spec.Flip (n + 1))
    ]

    // Single runs that get there need as many.
    let runs =
        Recorder.registered 20 1 2
        |> List.map (fun r -> r.Name, Seq.singleton r.Weights)

    families @ runs
    |> List.choose (fun (name, weights) ->
        weights
        |> Seq.tryFind (fun w -> error w <= accuracy)
        |> Option.map (fun w ->
            Evidence.row
                Relation.AtLeast
                2
                w.Length
                $"{name}: samples to reach ε₀"
                (float w.Length)
                (scale * needed noise spec accuracy)))
    |> Evidence.ofRows Rung.Moments Relation.AtLeast

let private mixing: TargetSpec = {
    Flip = 0.02
    Mu = 0.1
    Sigma = 2.0
    Share = 0.3
}

let samplesClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-MARKOV.9"
            ClaimKind.Lower
            "samples until E(x−m)² ≤ ε₀ are at least ((τ−1)/ln 4)((1+λ)σ²/(μ²ε₀) − 2λ): the part Ω(τσ²/(μ²ε₀)) of the lower bound"
            (targets |> Instances.startingWith [ mixing; { mixing with Flip = 0.2 } ])
            (fun _ spec -> reached spec true 1.0) with
            Formula = @"N\ge\frac{\tau-1}{\ln 4}\Big((1+\lambda)\frac{\sigma^2}{\mu^2\varepsilon_0}-2\lambda\Big)"
            Assumptions =
                "f(x) = (μ/2)E(x − m − (σ/μ)n(Z))², weighted averages of samples from a stationary start. The paper's parts τ√(L/μ)ln(1/ε₀), τ(L/μ)ln(1/ε₀) and (τ+√(L/μ))ln(1/ε₀) rest on instances that its poster does not give"
            Source = "order: the paper; constant derived from VI-MARKOV.7 and τ − 1 ≤ ln 4/(−ln λ) ≤ ln 4/(1−λ)"
            Falsifiers = [
                Falsifier.check "independent samples" (fun _ spec -> reached spec false 1.0)
                |> Falsifier.at [ mixing ]
                Falsifier.check "bound × 1.2" (fun _ spec -> reached spec true 1.2)
                |> Falsifier.at [ mixing ]
            ]
            Tight = Some { Instance = mixing; AtLeast = 0.9 }
    }

/// The paper's own constants for QSGDA and DIANA-SGDA with local noise (VI-SGDA.12).
module Theory.Algorithms.VariationalInequalities.CompressedSGDANoise

open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

/// Workers of one rotation block with noise of their own.
[<NoComparison>]
type NoisySpec = {
    Workers: int
    Mu: float
    MuSpread: float
    Skew: float
    SkewSpread: float
    Offset: float
    /// σ > 0.
    Sigma: float
    Seed: int
}

let private gameOf (spec: NoisySpec) =
    Games.rotationBlocks {
        Workers = spec.Workers
        Blocks = 1
        Mu = spec.Mu
        MuSpread = spec.MuSpread
        Skew = spec.Skew
        SkewSpread = spec.SkewSpread
        Offset = spec.Offset
        Seed = spec.Seed
    }

let private generator =
    gen {
        let! workers = Gen.choose (1, 2)
        let! mu = Gen.elements [ 0.1; 1.0 ]
        let! muSpread = Gen.elements [ 0.0; 1.0 ]
        let! skew = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
        let! skewSpread = Gen.elements [ 0.0; 0.3; 1.0 ]
        let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
        let! sigma = Gen.elements [ 0.1; 1.0; 5.0 ]
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Mu = mu
            MuSpread = muSpread
            Skew = skew
            SkewSpread = skewSpread
            Offset = offset
            Sigma = sigma
            Seed = seed
        }
    }

let private shrink (spec: NoisySpec) =
    seq {
        if spec.Workers > 1 then
            { spec with Workers = spec.Workers - 1 }

        if spec.MuSpread > 0.0 then
            { spec with MuSpread = 0.0 }

        if spec.SkewSpread > 0.0 then
            { spec with SkewSpread = 0.0 }

        if spec.Offset > 0.0 then
            { spec with Offset = 0.0 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

let private standard: NoisySpec = {
    Workers = 2
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    Sigma = 1.0
    Seed = 1
}

let private instances =
    Instances.generated generator shrink |> Instances.startingWith [ standard ]

// ---- QSGDA -----------------------------------------------------------------------------------------------------

let private quantized (spec: NoisySpec) scale =
    let f = gameOf spec
    let gamma = usualStep f (QSGDA.noisyConstants f (randK 1) spec.Sigma)
    holds (QSGDA.caseWith (randK 1) spec.Sigma f (scale * gamma))

/// D_1 without its part in σ².
let private withoutNoise (spec: NoisySpec) =
    let f = gameOf spec
    let k = QSGDA.noisyConstants f (randK 1) spec.Sigma

    holds {
        QSGDA.caseWith (randK 1) spec.Sigma f (usualStep f k) with
            Constants = QSGDA.noisyConstants f (randK 1) 0.0
    }

let quantizedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.12"
            ClaimKind.Mean
            "QSGDA with local noise: E‖z⁺−z*‖² ≤ (1−γμ)‖z−z*‖² + γ²(3(1+3ω)σ² + 9ωζ*²)/n for γ ≤ 1/(3ℓ+9ωℓ̂/n)"
            instances
            (fun _ spec -> quantized spec 1.0) with
            Formula =
                @"\mathbb E\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2+\gamma^2\,\frac{3(1+3\omega)\sigma^2+9\omega\zeta_*^2}n"
            Assumptions = "unbiased local values of variance σ_i², mean σ²; ζ*² = (1/n)Σ‖F_i(z*)‖²; A = 3ℓ/2 + 9ωℓ̂/(2n)"
            Source = "arXiv 2202.07262, Proposition 5.3 and Theorem G.2"
            Falsifiers = [
                // The constants of the first term are three to five times what they need be.
                Falsifier.check "γ × 8" (fun _ spec -> quantized spec 8.0)
                Falsifier.check "σ² left out" (fun _ spec -> withoutNoise { spec with Offset = 0.0 })
            ]
            Tight = Some { Instance = standard; AtLeast = 0.95 }
    }

// ---- DIANA-SGDA ------------------------------------------------------------------------------------------------

let private step f sigma =
    let alpha = (DIANASGDA.parametersFor (randK 1) f).Alpha
    usualStep f (DIANASGDA.noisyConstants f (randK 1) alpha sigma)

let private shifted (spec: NoisySpec) scale =
    let f = gameOf spec
    holds (DIANASGDA.caseWith spec.Sigma f (scale * step f spec.Sigma))

/// The decrease of V with 1 + share·ω in place of 1 + 5ω.
let private noiseConstant (spec: NoisySpec) (share: float) =
    let f = gameOf spec
    let c = DIANASGDA.caseWith spec.Sigma f (step f spec.Sigma)
    let w = QSGDA.omega f (randK 1)
    let m = usualWeight c.Constants

    contracts
        {
            c with
                Constants = {
                    c.Constants with
                        D1 = (1.0 + share * w) * spec.Sigma ** 2.0 / float spec.Workers
                        D2 = 0.0
                }
        }
        m

let shiftedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.12b"
            ClaimKind.Mean
            "DIANA-SGDA with local noise: E V⁺ ≤ (1 − min{γμ, α/2})V + γ²(1+5ω)σ²/n for γ ≤ 1/((1+6ω/n)ℓ̂)"
            instances
            (fun _ spec -> onTop (noiseConstant spec 5.0) [ shifted spec 1.0 ]) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\alpha/2\})V_k+\gamma^2\,\frac{(1+5\omega)\sigma^2}n"
            Assumptions = "α = 1/(1+ω); A = (½+ω/n)ℓ̂, B = 2ω/n, C = αℓ̂/2, D_1 = (1+ω)σ²/n, D_2 = ασ², M = 4ω/(αn)"
            Source = "arXiv 2202.07262, Proposition 5.4 and Theorem G.10"
            Falsifiers = [
                Falsifier.check "γ × 3" (fun _ spec -> shifted spec 3.0)
                Falsifier.check "1 + 5ω → 1 + 4ω" (fun _ spec -> noiseConstant spec 4.0)
            ]
            // Rand-1 with α = 1/(1+ω) attains the noise.
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 0.999999
                }
    }

/// One step of SSEG under strong monotonicity (VI-SEG.1).
module Theory.Algorithms.VariationalInequalities.SameSampleClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SampledExtragradient

/// The iterate beside the noise F_1(z*), …, F_n(z*): both are free, but the noise has mean zero.
type private Noisy = {
    Point: Block
    /// n × lanes × d.
    AtSolution: Block
}

/// E‖z⁺ − z*‖² ≤ (1 − 2γμ/3)‖z − z*‖² + cγ²σ² for every z and every noise, σ² = (1/n) Σ ‖F_i(z*)‖².
let private contracts
    (f: IFiniteSumOperator)
    (share: float)
    (noise: IFiniteSumOperator -> Parameters -> float)
    (method: Method<IFiniteSumOperator, Parameters, State, 'D>)
    =
    let p = { Gamma = share / Summands.lipschitz f }

    let proc = {
        Name = method.Name
        Draw = method.Draw f p
        Step =
            fun outcome (s: Noisy) -> {
                s with
                    Point = (method.Step (Summands.shifted f s.AtSolution) p outcome { Z = s.Point }).Z
            }
        Cost = fun _ -> []
    }

    let apart (s: Noisy) =
        Block.normSquared (s.Point - f.Solution)

    Spectral.oneStep {
        Process = proc
        Centre = {
            Point = f.Solution
            AtSolution = Block.zeros f.Count 1 f.Dimension
        }
        Keeps = Some(fun s -> Block.sum s.AtSolution)
        Measure = apart
        Bound =
            fun s ->
                contraction f p * apart s
                + noise f p * p.Gamma ** 2.0 * Block.meanNormSquared s.AtSolution
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// Without offsets: the noise is part of the state.
let private quiet (spec: RotationSpec) =
    Games.rotationBlocks { spec with Offset = 0.0 } :> IFiniteSumOperator

let private shares = [ 0.1; 0.25; 0.5 ]

/// Rotation blocks at several stepsizes, and a bilinear game of VI-SEG.2, where μ = 0.
let private strongly (spec: RotationSpec) noise (method: Method<_, _, _, _>) =
    Pieces.all [
        for share in shares do
            contracts (quiet spec) share noise sameSample
        contracts (BilinearFactors.coordinateGame (max 2 spec.Workers)) 0.5 noise method
    ]

let private standard: RotationSpec = {
    Workers = 2
    Blocks = 1
    Mu = 0.3
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

/// Opposite rotations: the noise of two samples points the same way.
let private opposite: RotationSpec = {
    standard with
        Mu = 0.1
        MuSpread = 0.0
        Skew = 0.0
        SkewSpread = 1.0
}

/// γμ > 1/4 at γ = 1/(2L).
let private corner: RotationSpec = { standard with Mu = 1.0; Skew = 0.3 }

/// Almost skew: small steps contract no faster than the bound says, to a percent.
let private weak: RotationSpec = {
    standard with
        Mu = 0.01
        MuSpread = 0.0
        SkewSpread = 0.0
}

let stepClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.1"
            ClaimKind.Mean
            "SSEG, γ ≤ 1/(2L): E‖z⁺ − z*‖² ≤ (1 − 2γμ/3)‖z − z*‖² + 2γ²σ² (4γ²σ² when γμ > 1/4), for every z and every noise"
            (RotationSpec.instances 3 2
             |> Instances.startingWith [ standard; opposite; corner ])
            (fun _ spec -> strongly spec noiseFactor sameSample) with
            Formula = @"\mathbb E\|z_{k+1}-z_*\|^2 \le \bigl(1-\tfrac23\gamma\mu\bigr)\|z_k-z_*\|^2+2\gamma^2\sigma^2"
            Assumptions =
                "every F_i L-Lipschitz and μ-strongly monotone, γ ≤ 1/(2L), σ² = E‖F_i(z*)‖²; with 2γ²σ² when γμ ≤ 1/4"
            Source =
                "derived: expand, ‖y−z*‖² ≥ ⅓‖z−z*‖² − ½γ²‖F_i(z)‖², Young with weights 2 and ½ (4 and ¼ in the corner)"
            Falsifiers = [
                Falsifier.check "a second sample for the second call" (fun _ spec ->
                    Pieces.all [
                        contracts (BilinearFactors.coordinateGame (max 2 spec.Workers)) 0.5 noiseFactor independent
                    ])
                Falsifier.check "noise constant 1" (fun _ spec -> strongly spec (fun _ _ -> 1.0) sameSample)
                Falsifier.check "noise constant ½" (fun _ spec -> strongly spec (fun _ _ -> 0.5) sameSample)
            ]
            Tight = Some { Instance = weak; AtLeast = 0.98 }
    }

/// The bound along the run, from every start, on an instance with offsets.
let private alongRun (spec: RotationSpec) scale (factor: IFiniteSumOperator -> Parameters -> float) =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator

    shares
    |> List.map (fun share ->
        let p = {
            Gamma = scale * share / Summands.lipschitz f
        }

        let stated = runBound f { Gamma = share / Summands.lipschitz f }

        AllStarts.ofMethod f p sameSample f.Solution [ 1; 3; 10; 40; 200 ] {
            stated with
                Bound = fun k start -> factor f p ** float k * start + stated.Bound 0 0.0
        })
    |> Pieces.all

let runClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.1b"
            ClaimKind.Mean
            "SSEG, γ ≤ 1/(2L): E‖z_k − z*‖² ≤ (1 − 2γμ/3)^k‖z_0 − z*‖² + 3γσ²/μ (twice that floor when γμ > 1/4), from every start"
            (RotationSpec.instances 3 1 |> Instances.startingWith [ standard; corner ])
            (fun _ spec -> alongRun spec 1.0 contraction) with
            Formula =
                @"\mathbb E\|z_k-z_*\|^2 \le \bigl(1-\tfrac23\gamma\mu\bigr)^k\|z_0-z_*\|^2+\frac{3\gamma\sigma^2}\mu"
            Assumptions = "as VI-SEG.1"
            Source = "arXiv 1905.11373; the sum of VI-SEG.1"
            Falsifiers = [
                Falsifier.check "γ × 8" (fun _ spec -> alongRun spec 8.0 contraction)
                Falsifier.check "factor 1 − 6γμ" (fun _ spec ->
                    alongRun { spec with Offset = 0.0 } 1.0 (fun f p ->
                        max 0.0 (1.0 - 6.0 * p.Gamma * Summands.monotonicity f)))
            ]
    }

/// Epochs of shuffled extragradient in every order, from every start (VI-SHUFFLE.6 and .7).
module Theory.Algorithms.VariationalInequalities.EveryOrder

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ShuffledExtragradient

/// Components by a few numbers: rotation blocks (complex scalars) whose μ_i may be negative, their mean μ.
[<NoComparison>]
type ScalarsSpec = {
    /// n ≥ 1.
    Workers: int
    /// μ, the mean of the μ_i.
    Mu: float
    /// Scale of the deviations of the μ_i.
    MuSpread: float
    /// Common part of the s_i.
    Skew: float
    /// Scale of the deviations of the s_i.
    SkewSpread: float
    /// Scale of the offsets.
    Offset: float
    /// h as a share of the largest allowed.
    Share: float
    Seed: int
}

let private operator (spec: ScalarsSpec) =
    let noise site count = Linear.gaussians spec.Seed site count
    let deviations = noise 1 spec.Workers |> Array.map tanh
    let centre = Array.average deviations

    Games.rotations
        (deviations |> Array.map (fun v -> spec.Mu + spec.MuSpread * (v - centre)))
        (noise 2 spec.Workers
         |> Array.map (fun v -> [| spec.Skew + spec.SkewSpread * v |]))
        (Array.init spec.Workers (fun i -> noise (10 + i) 2 |> Array.map ((*) spec.Offset)))
    :> IFiniteSumOperator

/// r⁺ ≤ factor·r + floor for every start and every outcome of `draw`.
let private everyStart (f: IFiniteSumOperator) (p: Parameters) (draw: Draw<Indices>) (factor: float) (floor: float) =
    let proc = {
        Method.on f p reshuffled with
            Draw = draw
    }

    EpochNorm.atMost proc { State.Z = f.Solution } factor floor

let private permutations (f: IFiniteSumOperator) = Draw.permutation f.Count

let private instances =
    let generator =
        gen {
            let! workers = Gen.choose (1, 5)
            let! mu = Gen.elements [ 0.1; 0.3; 1.0 ]
            let! muSpread = Gen.elements [ 0.0; 0.3; 2.0 ]
            let! skew = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
            let! skewSpread = Gen.elements [ 0.0; 0.3; 1.0 ]
            let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! share = Gen.elements [ 0.01; 0.3; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Mu = mu
                MuSpread = muSpread
                Skew = skew
                SkewSpread = skewSpread
                Offset = offset
                Share = share
                Seed = seed
            }
        }

    let shrink (spec: ScalarsSpec) =
        seq {
            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.MuSpread > 0.0 then
                { spec with MuSpread = 0.0 }

            if spec.SkewSpread > 0.0 then
                { spec with SkewSpread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink

let private standard: ScalarsSpec = {
    Workers = 4
    Mu = 0.5
    MuSpread = 2.0
    Skew = 0.5
    SkewSpread = 1.0
    Offset = 1.0
    Share = 1.0
    Seed = 1
}

/// One component whose symmetric part is all there is: the largest h is 1/(8L_m).
let private plain: ScalarsSpec = {
    standard with
        Workers = 1
        MuSpread = 0.0
        Skew = 0.0
        SkewSpread = 0.0
}

// ---- VI-SHUFFLE.6 ----------------------------------------------------------------------------------------------

let private lipschitzOnly (spec: ScalarsSpec) scale noise =
    let f = operator spec

    let p = {
        Gamma = scale * spec.Share * (parameters f).Gamma
    }

    everyStart f p (permutations f) (max 0.0 (contraction f p)) (noise * displacement f p)

let lipschitzClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.6"
            ClaimKind.Sure
            "EG-RR and EG-SO, every order: ‖z⁺ − z*‖ ≤ (1 − hμ/2)‖z − z*‖ + (4/3)h²L_mσ̄ after an epoch, from every z; summed: the floor (8/3)hL_mσ̄/μ"
            (instances
             |> Instances.startingWith [ standard; { standard with Share = 0.001 } ])
            (fun _ spec -> lipschitzOnly spec 1.0 1.0) with
            Formula = @"r^+ \le \bigl(1-\tfrac{h\mu}2\bigr)r+\tfrac43h^2L_m\bar\sigma,\quad r=\|z-z_*\|,\ h=\gamma n"
            Assumptions =
                "F L-Lipschitz and μ-strongly monotone, every F_i L_m-Lipschitz (monotone or not), h ≤ min{1/(8L_m), μ/(L²+(8/3)L_m²)}, σ̄ = (1/n)Σ‖F_i(z*)‖"
            Source = "derived: the epoch is a step of length h along F up to (4/3)h²L_m(L_m r + σ̄)"
            Falsifiers = [
                Falsifier.check "no noise term" (fun _ spec -> lipschitzOnly spec 1.0 0.0)
                Falsifier.check "γ × 30" (fun _ spec -> lipschitzOnly spec 30.0 1.0)
                |> Falsifier.at [ plain ]
            ]
            Tight =
                Some {
                    Instance = { standard with Share = 0.001 }
                    AtLeast = 0.999
                }
    }

// ---- VI-SHUFFLE.7 ----------------------------------------------------------------------------------------------

/// γ = Share/(8nL_m), or larger.
let private monotone (spec: ScalarsSpec) scale noise (draw: IFiniteSumOperator -> Draw<Indices>) =
    let f = operator spec
    let n = float f.Count

    let p = {
        Gamma = scale * spec.Share / (8.0 * n * Summands.lipschitz f)
    }

    let factor = (max 0.0 (1.0 - p.Gamma * Summands.monotonicity f)) ** (n / 2.0)
    everyStart f p (draw f) factor (noise * displacement f p)

let private positive: ScalarsSpec = { standard with MuSpread = 0.3 }

let monotoneClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.7"
            ClaimKind.Sure
            "affine μ-strongly monotone F_i, every order, h = γn ≤ 1/(8L_m): ‖z⁺ − z*‖ ≤ (1 − γμ)^{n/2}‖z − z*‖ + (4/3)h²L_mσ̄ from every z"
            (instances
             |> Instances.startingWith [ positive; { positive with Share = 0.001 } ])
            (fun _ spec -> monotone spec 1.0 1.0 permutations) with
            Formula = @"r^+ \le (1-\gamma\mu)^{n/2}r+\tfrac43h^2L_m\bar\sigma"
            Assumptions =
                "F_i affine, each μ-strongly monotone and L_m-Lipschitz; with γ = 1/(8nL_m) an e-fold takes 16L_m/μ epochs"
            Source =
                "derived: two runs of one order differ by a product of linear extragradient maps, each a √(1−γμ)-contraction"
            Valid = fun spec -> Summands.monotonicity (operator spec) > 0.0
            Falsifiers = [
                Falsifier.check "no noise term" (fun _ spec -> monotone spec 1.0 0.0 permutations)
                Falsifier.check "γ × 30" (fun _ spec -> monotone spec 30.0 1.0 permutations)
                |> Falsifier.at [ plain ]
                Falsifier.check "independent indices" (fun _ spec ->
                    monotone spec 1.0 1.0 (fun f -> Draw.indices f.Count f.Count))
            ]
            Tight =
                Some {
                    Instance = {
                        positive with
                            Share = 0.001
                            MuSpread = 0.0
                    }
                    AtLeast = 0.999
                }
    }

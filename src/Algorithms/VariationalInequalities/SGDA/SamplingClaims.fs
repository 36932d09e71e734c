/// The claims on importance sampling and minibatches (VI-SGDA.10 and .14).
module Theory.Algorithms.VariationalInequalities.SampledSGDAClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.ParametricSGDA
open Theory.Algorithms.VariationalInequalities.SampledSGDA

/// Up to four operators of one rotation block each, with the summands' own μ_i and s_i, and a batch.
[<NoComparison>]
type SummandsSpec = {
    /// n: the first n of the four are taken.
    Workers: int
    Mu1: float
    Mu2: float
    Mu3: float
    Mu4: float
    Skew1: float
    Skew2: float
    Skew3: float
    Skew4: float
    /// Scale of the offsets b_i.
    Offset: float
    /// b ≤ n.
    Batch: int
    Seed: int
}

let private gameOf (spec: SummandsSpec) : CocoerciveGame =
    let n = spec.Workers
    let mus = [| spec.Mu1; spec.Mu2; spec.Mu3; spec.Mu4 |][.. n - 1]
    let skews = [| spec.Skew1; spec.Skew2; spec.Skew3; spec.Skew4 |][.. n - 1]

    let offsets =
        Array.init n (fun i -> Linear.gaussians spec.Seed (100 + i) 2 |> Array.map ((*) spec.Offset))

    CocoerciveGame(Games.rotations mus (skews |> Array.map Array.singleton) offsets)

/// One summand is much less cocoercive than the others: ℓ̄ = 5.7, max ℓ_i = 20.
let private uneven: SummandsSpec = {
    Workers = 4
    Mu1 = 0.5
    Mu2 = 1.0
    Mu3 = 1.0
    Mu4 = 2.0
    Skew1 = 0.1
    Skew2 = 0.2
    Skew3 = 0.5
    Skew4 = 6.0
    Offset = 1.0
    Batch = 2
    Seed = 1
}

let private generator =
    gen {
        let! workers = Gen.choose (2, 4)
        let! mus = Gen.elements [ 0.1; 0.5; 1.0; 2.0 ] |> Gen.arrayOfLength 4
        let! skews = Gen.elements [ 0.0; 0.1; 0.5; 1.0; 6.0 ] |> Gen.arrayOfLength 4
        let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
        let! batch = Gen.choose (1, workers)
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Mu1 = mus[0]
            Mu2 = mus[1]
            Mu3 = mus[2]
            Mu4 = mus[3]
            Skew1 = skews[0]
            Skew2 = skews[1]
            Skew3 = skews[2]
            Skew4 = skews[3]
            Offset = offset
            Batch = batch
            Seed = seed
        }
    }

let private shrink (spec: SummandsSpec) =
    seq {
        if spec.Workers > 2 then
            {
                spec with
                    Workers = spec.Workers - 1
                    Batch = min spec.Batch (spec.Workers - 1)
            }

        if spec.Batch > 1 then
            { spec with Batch = spec.Batch - 1 }

        if spec.Offset > 0.0 then
            { spec with Offset = 0.0 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

let private instances =
    Instances.generated generator shrink |> Instances.startingWith [ uneven ]

// ---- VI-SGDA.10 ------------------------------------------------------------------------------------------------

let private unweighted (f: ICocoerciveSum) gamma (i: Indices) (s: State) : State = {
    Z = s.Z - gamma * f.OperatorAt i s.Z
}

let private importanceHolds (spec: SummandsSpec) scale weighted =
    let f = gameOf spec
    let gamma = scale * (importanceParameters f).Gamma
    let c = importanceCase f gamma

    holds (
        if weighted then
            c
        else
            {
                c with
                    Process = {
                        c.Process with
                            Step = unweighted f gamma
                    }
            }
    )

/// Uniform sampling under ℓ̄: what importance sampling gains.
let private uniformAtMean (spec: SummandsSpec) =
    let f = gameOf spec
    let k = UniformSGDA.constants f

    let claimed = {
        k with
            A = Array.average (f :> ICocoerciveSum).Cocoercivities
    }

    holds {
        UniformSGDA.case f (usualStep f claimed) with
            Constants = claimed
    }

let importanceClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.10"
            ClaimKind.Mean
            "SGDA, i with probability ℓ_i/Σℓ_j, g = F_i(z)/(np_i): E‖z⁺−z*‖² ≤ (1−γμ)‖z−z*‖² + γ²D_1, γ ≤ 1/(2ℓ̄)"
            instances
            (fun _ spec -> importanceHolds spec 1.0 true) with
            Formula =
                @"\mathbb E\|z_{k+1}-z_*\|^2 \le (1-\gamma\mu)\|z_k-z_*\|^2+\frac{2\gamma^2}{n^2}\sum_i\frac{\|F_i(z_*)\|^2}{p_i}"
            Assumptions = "F_i ℓ_i-cocoercive, ℓ̄ the mean of the ℓ_i; A = ℓ̄, D_1 = 2Σ‖F_i(z*)‖²/(n²p_i)"
            Source = "arXiv 2202.07262, appendix E.5"
            Falsifiers = [
                Falsifier.check "weights 1/(np_i) dropped" (fun _ spec -> importanceHolds spec 1.0 false)
                Falsifier.check "γ × 6" (fun _ spec -> importanceHolds spec 6.0 true)
                Falsifier.check "uniform sampling with A = ℓ̄" (fun _ spec -> uniformAtMean spec)
            ]
            Tight = Some { Instance = uneven; AtLeast = 0.9 }
    }

// ---- VI-SGDA.14 ------------------------------------------------------------------------------------------------

/// A function of the drawn batch and z against a quadratic function of z, for every z.
let private onBatches replacement (spec: SummandsSpec) relation value bound =
    let f = gameOf spec :> ICocoerciveSum

    Spectral.oneStep {
        Process = {
            Name = "one batch"
            Draw = (batchCase replacement f spec.Batch 1.0).Process.Draw
            Step = fun batch (s: State) -> { Z = value f batch s.Z }
            Cost = fun _ -> []
        }
        Centre = { Z = f.Solution }
        Keeps = None
        Measure = fun s -> Block.normSquared s.Z
        Bound = fun s -> bound f s.Z
        Relation = relation
        MatchMoments = false
    }

/// E‖g(z*)‖² of the batches against a claimed value.
let private noiseIs replacement (spec: SummandsSpec) (claimed: float) =
    onBatches replacement spec Relation.Equal (fun f batch z -> f.OperatorAt batch f.Solution + 0.0 * z) (fun _ _ ->
        Block.scalar claimed)

/// E‖g(z) − g(z*)‖² ≤ scale·ℓ_D⟨F(z), z − z*⟩.
let private expected replacement (spec: SummandsSpec) scale =
    onBatches
        replacement
        spec
        Relation.AtMost
        (fun f batch z -> f.OperatorAt batch z - f.OperatorAt batch f.Solution)
        (fun f z ->
            (scale * expectedCocoercivity replacement f spec.Batch)
            * Block.dot (f.Operator z) (z - f.Solution))

/// With replacement at most two are drawn, so that there are at most 16 outcomes.
let private sizes (spec: SummandsSpec) = [ false, spec.Batch; true, min spec.Batch 2 ]

let private batchHolds (spec: SummandsSpec) scale =
    let f = gameOf spec

    sizes spec
    |> List.map (fun (replacement, batch) ->
        let gamma = scale * usualStep f (batchConstants replacement f batch)
        holds (batchCase replacement f batch gamma))
    |> Pieces.all

let private batches (spec: SummandsSpec) =
    let f = gameOf spec

    onTop (batchHolds spec 1.0) [
        for replacement, batch in sizes spec do
            let spec = { spec with Batch = batch }
            noiseIs replacement spec (batchNoise replacement f batch)
            expected replacement spec 1.0
    ]

let private full = { uneven with Batch = 4 }

let batchClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.14"
            ClaimKind.Mean
            "minibatches: E‖g(z)−g(z*)‖² ≤ ℓ_D⟨F(z),z−z*⟩, E‖g(z*)‖² = (n−b)σ*²/(b(n−1)) (σ*²/b with replacement), and VI-SGDA.2"
            (instances |> Instances.startingWith [ full ])
            (fun _ spec -> batches spec) with
            Formula =
                @"\ell_D = \frac{n(b-1)}{b(n-1)}\ell+\frac{n-b}{b(n-1)}\max_i\ell_i,\quad \mathbb E\|g(z_*)\|^2 = \frac{n-b}{b(n-1)}\sigma_*^2"
            Assumptions = "F_i ℓ_i-cocoercive; with replacement ℓ_D = max ℓ_i and E‖g(z*)‖² = σ*²/b; γ ≤ 1/(2ℓ_D)"
            Source = "arXiv 2202.07262, appendix E.5"
            Valid = fun spec -> spec.Workers > 1 && spec.Batch <= spec.Workers
            Falsifiers = [
                Falsifier.check "(n−b)/(n−1) dropped at b = n" (fun _ spec ->
                    noiseIs false spec (batchNoise true (gameOf spec) spec.Batch))
                |> Falsifier.at [ full ]
                Falsifier.check "ℓ_D × 0.5 at b = n" (fun _ spec ->
                    expected false { spec with Batch = spec.Workers } 0.5)
                Falsifier.check "γ × 6" (fun _ spec -> batchHolds spec 6.0)
            ]
            Tight = Some { Instance = uneven; AtLeast = 0.95 }
    }

/// ALSO's gradient from a batch, scaled by groups over batch: unbiased for groups of equal size.
module Theory.Algorithms.VariationalInequalities.ALSOBatches

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

// ---- VI-ALSO.3 -------------------------------------------------------------------------------------------------

/// Samples in groups by a few numbers: ℓ_j(θ) = ½(⟨x_j, θ⟩ − t_j)².
[<NoComparison>]
type SampleSpec = {
    /// c ≥ 1.
    Groups: int
    /// Samples of the first group.
    Each: int
    /// How many samples each next group has more.
    Growth: int
    /// B, at most the number of samples.
    Batch: int
    Dimension: int
    Seed: int
}

let private sizes spec =
    Array.init spec.Groups (fun g -> spec.Each + g * spec.Growth)

let private samples =
    let generator =
        gen {
            let! groups = Gen.choose (1, 3)
            let! each = Gen.choose (1, 2)
            let! growth = Gen.elements [ 0; 0; 1 ]
            let! batch = Gen.choose (1, 3)
            let! dimension = Gen.choose (1, 3)
            let! seed = Gen.choose (0, 10000)

            return {
                Groups = groups
                Each = each
                Growth = growth
                Batch = batch
                Dimension = dimension
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Groups > 1 then
                { spec with Groups = spec.Groups - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }
        })

/// An estimate as a state.
type private Estimate = {
    /// θ before, the estimate after.
    X: Block
}

/// E[(scale/B) Σ_{j∈batch} π_{g(j)} ∇ℓ_j(θ)] = Σ_g π_g factor(n_g) mean_{j∈g} ∇ℓ_j(θ) for every θ and, being linear in π,
/// for every π: proved at the corners of the simplex.
let private unbiased spec (scale: float) (factor: int -> float) =
    let counts, d = sizes spec, spec.Dimension
    let total = Array.sum counts
    let group = counts |> Array.mapi (fun g n -> Array.create n g) |> Array.concat
    let rows = Linear.gaussians spec.Seed 900 (total * d) |> Array.chunkBySize d
    let targets = Linear.gaussians spec.Seed 901 total
    // Residuals as products of (x_j, t_j) with (θ, −1).
    let extended =
        Matrix(total, d + 1, Array.map2 (fun x t -> Array.append x [| t |]) rows targets |> Array.concat)

    let corner g =
        let weightedRows =
            Matrix(
                total,
                d,
                Array.map2 (fun (x: float[]) own -> x |> Array.map (fun v -> if own = g then v else 0.0)) rows group
                |> Array.concat
            )

        let estimate (batch: Indices) (s: Estimate) =
            let minusOne = (Block.Fill(Shape.Vector(1, s.X.Lanes, 1), -1.0)).On s.X.Engine

            let residuals = Block.ConcatDimension(s.X, minusOne).RowDots(extended, batch)

            {
                X = scale / float spec.Batch * residuals.RowCombination(weightedRows, batch)
            }

        let proc: Process<Estimate, Indices> = {
            Name = "batch gradient"
            Draw = Draw.subset spec.Batch total
            Step = estimate
            Cost = fun _ -> []
        }
        // mean ∇ℓ_j over the group: A θ − b.
        let own = [|
            for j in 0 .. total - 1 do
                if group[j] = g then
                    j
        |]

        let mean f = own |> Array.averageBy f

        let a = Matrix.Create(d, d, (fun i k -> mean (fun j -> rows[j].[i] * rows[j].[k])))

        let b =
            Block.vector (Array.init d (fun i -> mean (fun j -> rows[j].[i] * targets[j])))

        AffineIdentity.mean proc { X = Block.zeros 1 1 d } None (fun s -> s.X) (fun s ->
            factor counts[g] * (s.X.Apply a - b))

    List.init spec.Groups corner |> Evidence.all

let private ofGroups spec = float spec.Groups

/// c n_g/N.
let private shareOf spec (n: int) =
    float (spec.Groups * n) / float (Array.sum (sizes spec))

let private six: SampleSpec = {
    Groups = 3
    Each = 2
    Growth = 0
    Batch = 2
    Dimension = 2
    Seed = 1
}

/// Groups of one, two and three samples.
let private uneven = { six with Each = 1; Growth = 1 }

let batchClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.3"
            ClaimKind.Exact
            "E[(c/B)Σ_{j∈batch} π_{g(j)}∇ℓ_j] = Σ_g π_g (c n_g/N) mean_{j∈g} ∇ℓ_j: unbiased for groups of equal size; every θ, every π"
            (samples |> Instances.startingWith [ six; uneven ])
            (fun _ spec -> unbiased spec (ofGroups spec) (shareOf spec)) with
            Formula =
                @"\mathbb E\Big[\tfrac{c}{B}\sum_{j\in\mathrm{batch}}\pi_{g(j)}\nabla\ell_j\Big]=\sum_g\pi_g\tfrac{c\,n_g}{N}\,\overline{\nabla\ell}_g"
            Assumptions = "uniform batches of B of the N samples without replacement, c groups of n_g samples"
            Source = "derived"
            Valid = fun spec -> spec.Batch <= Array.sum (sizes spec)
            Falsifiers = [
                Falsifier.check "scale 1/B" (fun _ spec -> unbiased spec 1.0 (shareOf spec))
                |> Falsifier.at [ six ]
                Falsifier.check "called unbiased for groups of unequal size" (fun _ spec ->
                    unbiased spec (ofGroups spec) (fun _ -> 1.0))
                |> Falsifier.at [ uneven ]
            ]
            Tight = Some { Instance = six; AtLeast = 1.0 }
    }

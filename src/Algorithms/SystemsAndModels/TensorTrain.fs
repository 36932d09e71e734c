/// Tensor-train and Tucker decompositions of weights.
///
/// Zagitov, Miasnikov, Krutikov, Aletov, Molodtsov, Bashirov, Tsedenov, Beznosikov, "Rethinking the Role of Tensor
/// Decompositions in Post-Training LLM Compression", 2026, arXiv 2606.03465; Oseledets, "Tensor-Train Decomposition",
/// SIAM J. Sci. Comput. 33 (2011); De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21 (2000).
/// Problem: approximate W ∈ R^{n_1×…×n_D}; W_<k> is its (n_1…n_k) × (n_{k+1}…n_D) unfolding, W_(k) its n_k × rest one.
module Theory.Algorithms.SystemsAndModels.TensorTrain

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

/// A dense tensor, the last index fastest.
[<NoComparison; NoEquality>]
type Tensor = { Sizes: int[]; Values: float[] }

let private product (sizes: int[]) = Array.fold (*) 1 sizes

/// W_<k>.
let private unfold (k: int) (w: Tensor) =
    Matrix(product w.Sizes[.. k - 1], product w.Sizes[k..], Array.copy w.Values)

/// Position of each entry of W_(k) in W.
let private modeIndex (k: int) (sizes: int[]) =
    let inner = product sizes[k + 1 ..]
    let outer = product sizes[.. k - 1]
    fun row column -> (column / inner % outer * sizes[k] + row) * inner + column % inner

/// W_(k), its columns in the order of the other indices.
let private unfoldMode (k: int) (w: Tensor) =
    let at = modeIndex k w.Sizes
    Matrix.Create(w.Sizes[k], w.Values.Length / w.Sizes[k], (fun i j -> w.Values[at i j]))

let private tail (rank: int) (values: float seq) =
    values |> Seq.skip rank |> Seq.sumBy (fun s -> s * s)

let private distanceSquared (a: float[]) (b: float[]) =
    Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b

let private leading (rank: int) (m: Matrix) =
    Matrix.Create(m.Rows, rank, (fun i j -> m[i, j]))

/// TT-SVD: the cores, and the squared singular values discarded at each step. `carry` keeps Σ with the right factor.
let private ttSvdWith (carry: bool) (ranks: int[]) (w: Tensor) : Matrix list * float list =
    let d = w.Sizes.Length

    let rec peel k previous (rest: float[]) cores errors =
        if k = d - 1 then
            List.rev (Matrix(previous * w.Sizes[k], 1, rest) :: cores), List.rev errors
        else
            let c = Matrix(previous * w.Sizes[k], rest.Length / (previous * w.Sizes[k]), rest)
            let svd = Decompositions.Svd c
            let rank = min ranks[k] (min c.Rows c.Columns)
            let weight i = if carry then svd.Values[i] else 1.0
            let next = Matrix.Create(rank, c.Columns, (fun i j -> weight i * svd.Right[j, i]))
            peel (k + 1) rank (next.Values.ToArray()) (leading rank svd.Left :: cores) (tail rank svd.Values :: errors)

    peel 0 1 (Array.copy w.Values) [] []

/// TT-SVD with at most the given ranks: core k is an (r_{k−1}n_k) × r_k matrix.
let ttSvd ranks w = ttSvdWith true ranks w

/// The tensor of a train of cores.
let private contract (sizes: int[]) (cores: Matrix list) : float[] =
    let last = List.last cores

    let mutable right =
        Matrix(last.Rows / sizes[sizes.Length - 1], sizes[sizes.Length - 1], last.Values.ToArray())

    for k in sizes.Length - 2 .. -1 .. 0 do
        let core = cores[k]
        let joined = LinearAlgebra.Multiply(core, right)
        right <- Matrix(core.Rows / sizes[k], sizes[k] * right.Columns, joined.Values.ToArray())

    right.Values.ToArray()

/// HOSVD: W ×_k U_kU_kᵀ for all k, U_k the leading r_k left singular vectors of W_(k) (or the given bases).
let private project (bases: Matrix[]) (w: Tensor) : float[] =
    (w, Array.indexed bases)
    ||> Array.fold (fun t (k, u) ->
        let projected =
            LinearAlgebra.Multiply(u, LinearAlgebra.Multiply(u.Transpose(), unfoldMode k t))

        let at = modeIndex k t.Sizes
        let values = Array.zeroCreate t.Values.Length

        for i in 0 .. projected.Rows - 1 do
            for j in 0 .. projected.Columns - 1 do
                values[at i j] <- projected[i, j]

        { t with Values = values })
    |> fun t -> t.Values

// ---- Claims --------------------------------------------------------------------------------------------------------

[<NoComparison>]
type TensorSpec = {
    N1: int
    N2: int
    N3: int
    N4: int
    /// Ranks are this fraction of the largest possible, at least 1.
    Fraction: float
    /// Entries are Gaussian times decay^(sum of indices): 1 has no low-rank structure.
    Decay: float
    Seed: int
}

let private tensorOf (s: TensorSpec) =
    let sizes = [| s.N1; s.N2; s.N3; s.N4 |]
    let noise = Linear.gaussians s.Seed 0 (product sizes)

    let level at =
        let digits =
            Array.scanBack (*) sizes[1..] 1
            |> Array.mapi (fun k stride -> at / stride % sizes[k])

        Array.sum digits

    {
        Sizes = sizes
        Values = noise |> Array.mapi (fun at v -> v * s.Decay ** float (level at))
    }

let private ranksOf (s: TensorSpec) (w: Tensor) =
    Array.init (w.Sizes.Length - 1) (fun k ->
        let u = unfold (k + 1) w
        max 1 (int (s.Fraction * float (min u.Rows u.Columns))))

let private modeRanksOf (s: TensorSpec) (w: Tensor) =
    // An unfolding has no more singular values than its shorter side.
    w.Sizes
    |> Array.map (fun n -> max 1 (int (s.Fraction * float (min n (w.Values.Length / n)))))

let private standard = {
    N1 = 4
    N2 = 5
    N3 = 6
    N4 = 3
    Fraction = 0.75
    Decay = 1.0
    Seed = 1
}

let private instances: Instances<TensorSpec> =
    Instances.generated
        (gen {
            let! n1 = Gen.choose (1, 5)
            let! n2 = Gen.choose (1, 5)
            let! n3 = Gen.choose (1, 5)
            let! n4 = Gen.choose (1, 5)
            let! fraction = Gen.elements [ 0.2; 0.5; 0.75; 1.0 ]
            let! decay = Gen.elements [ 1.0; 0.5; 0.1 ]
            let! seed = Gen.choose (0, 1000)

            return {
                N1 = n1
                N2 = n2
                N3 = n3
                N4 = n4
                Fraction = fraction
                Decay = decay
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.N1 > 1 then
                    { s with N1 = s.N1 - 1 }

                if s.N2 > 1 then
                    { s with N2 = s.N2 - 1 }

                if s.N3 > 1 then
                    { s with N3 = s.N3 - 1 }

                if s.N4 > 1 then
                    { s with N4 = s.N4 - 1 }

                if s.Decay < 1.0 then
                    { s with Decay = 1.0 }
            })
    |> Instances.startingWith [ standard ]

let private squared (w: Tensor) =
    w.Values |> Array.sumBy (fun v -> v * v)

/// Rows relative to ‖W‖², so that an exact decomposition compares rounding with zero under one resolution.
let private compare (w: Tensor) relation label measured bound =
    let size = squared w

    Evidence.ofRowsAbove (Rounding.resolution (float w.Values.Length) 1.0) Rung.Trajectories relation [
        Evidence.row relation w.Values.Length 4 label (measured / size) (bound / size)
    ]

let private train (carry: bool) (tails: float) (spec: TensorSpec) =
    let w = tensorOf spec
    let ranks = ranksOf spec w
    let cores, errors = ttSvdWith carry ranks w
    let error = distanceSquared w.Values (contract w.Sizes cores)

    let tailSquares =
        Array.init ranks.Length (fun k -> tail ranks[k] (Decompositions.Svd(unfold (k + 1) w).Values))

    Evidence.all [
        compare w Relation.AtMost "‖W − TT‖² ≤ Σ tails" error (tails * Array.sum tailSquares)
        compare w Relation.AtLeast "‖W − TT‖² ≥ largest tail" error (Array.max tailSquares)
        // The identity has ratio 1 and would hide the tightness of the bounds.
        {
            compare w Relation.Equal "‖W − TT‖² = Σ discarded squares" error (List.sum errors) with
                Tightness = nan
        }
    ]

let trainError: Claim =
    Claim.create {
        Claim.spec
            "SM-TENSOR.1"
            ClaimKind.Exact
            "‖W − TT‖² = Σ_k e_k², and max_k tail_k² ≤ ‖W − TT‖² ≤ Σ_k tail_k² over the unfoldings"
            instances
            (fun _ spec -> train true 1.0 spec) with
            Formula =
                @"\|W-\mathrm{TT}\|_F^2 = \sum_k e_k^2,\quad \max_k t_k^2 \le \|W-\mathrm{TT}\|_F^2 \le \sum_k t_k^2"
            Assumptions = "TT-SVD with prescribed ranks"
            Source = "Oseledets 2011; the lower bound is Eckart–Young on each unfolding"
            Falsifiers = [
                Falsifier.check "Σ is not carried to the right" (fun _ spec -> train false 1.0 spec)
                Falsifier.check "half of the tails" (fun _ spec -> train true 0.5 spec)
            ]
    }

let private tucker (basis: Tensor -> int -> int -> Matrix) (upper: float) (spec: TensorSpec) =
    let w = tensorOf spec
    let ranks = modeRanksOf spec w
    let bases = ranks |> Array.mapi (fun k r -> basis w k r)
    let error = distanceSquared w.Values (project bases w)

    let tails =
        ranks
        |> Array.mapi (fun k r -> tail r (Decompositions.Svd(unfoldMode k w).Values))

    Evidence.all [
        compare w Relation.AtMost "‖W − HOSVD‖² ≤ Σ tails" error (upper * Array.sum tails)
        compare w Relation.AtLeast "‖W − HOSVD‖² ≥ largest tail" error (Array.max tails)
    ]

let private principal (w: Tensor) k rank =
    leading rank (Decompositions.Svd(unfoldMode k w).Left)

let private random (w: Tensor) k rank =
    leading rank (Linear.rotation 7 k w.Sizes[k])

let tuckerError: Claim =
    Claim.create {
        Claim.spec
            "SM-TENSOR.2"
            ClaimKind.Sure
            "max_k t_k ≤ ‖W − HOSVD‖² ≤ Σ_k t_k, t_k the discarded squares of W_(k)"
            instances
            (fun _ spec -> tucker principal 1.0 spec) with
            Formula = @"\max_k t_k \le \|W-\mathrm{HOSVD}\|_F^2 \le \sum_k t_k"
            Assumptions = "HOSVD with prescribed ranks"
            Source = "De Lathauwer, De Moor, Vandewalle 2000"
            Falsifiers = [
                Falsifier.check "random bases" (fun _ spec -> tucker random 1.0 spec)
                Falsifier.check "half of the tails" (fun _ spec -> tucker principal 0.5 spec)
            ]
    }

let paper: Paper = {
    Key = "SM-TENSOR"
    Title = "Rethinking the Role of Tensor Decompositions in Post-Training LLM Compression"
    Citation = "Zagitov, Miasnikov, Krutikov, Aletov, Molodtsov, Bashirov, Tsedenov, Beznosikov, 2026, arXiv 2606.03465"
    Family = "systems-and-models"
    Problem = "dense tensors W; tensor-train and Tucker approximations of prescribed ranks"
    Methods = []
    Claims = [ trainError; tuckerError ]
}

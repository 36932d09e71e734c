namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/n) Σ f_i with f_i(x) = ½(x − b_i)ᵀA_i(x − b_i), shifted by a constant so that inf f = 0. The A_i are
/// symmetric; their mean must be positive semidefinite (the f_i may be indefinite).
[<Sealed>]
type Quadratic(name: string, matrices: Matrix[], centres: float[][]) =
    let n = matrices.Length
    let d = matrices[0].Rows

    do
        if centres.Length <> n || centres |> Array.exists (fun b -> b.Length <> d) then
            invalidArg (nameof centres) $"{n} matrices of size {d} need {n} centres of dimension {d}."

        for i in 0 .. n - 1 do
            let a = matrices[i]

            if a.Rows <> d || a.Columns <> d then
                invalidArg (nameof matrices) $"Matrix {i} is {a.Rows}×{a.Columns}; all must be {d}×{d}."

            for r in 0 .. d - 1 do
                for c in 0 .. r - 1 do
                    if abs (a[r, c] - a[c, r]) > 1e-12 * (abs a[r, c] + abs a[c, r] + 1e-300) then
                        invalidArg
                            (nameof matrices)
                            $"Matrix {i} is not symmetric: entry ({r}, {c}) is {a[r, c]}, entry ({c}, {r}) is {a[c, r]}."

    let mean = Linear.mean matrices

    let eigen =
        matrices
        |> Array.map (fun a -> Array.ofSeq (Decompositions.SymmetricEigen(a).Values))

    let meanEigen = Decompositions.SymmetricEigen mean
    let smoothness = meanEigen.Values[d - 1]
    let smallest = meanEigen.Values[0]

    do
        if smallest < -1e-10 * max smoothness 1e-300 then
            invalidArg
                (nameof matrices)
                $"The mean matrix is indefinite (smallest eigenvalue {smallest:G6}), so f has no minimum."

    let linear =
        Array.map2 (fun (a: Matrix) (b: float[]) -> LinearAlgebra.Multiply(a, ReadOnlySpan b)) matrices centres

    let minimiser =
        let g = Array.init d (fun j -> (linear |> Array.sumBy (fun v -> v[j])) / float n)
        // In the eigenbasis of the mean; directions of eigenvalue 0 are left at 0.
        let along =
            Array.init d (fun k -> Seq.sum (Seq.init d (fun j -> meanEigen.Vectors[j, k] * g[j])))

        let scaled =
            Array.init d (fun k ->
                if meanEigen.Values[k] > 1e-12 * smoothness then
                    along[k] / meanEigen.Values[k]
                else
                    0.0)

        Array.init d (fun j -> Seq.sum (Seq.init d (fun k -> meanEigen.Vectors[j, k] * scaled[k])))

    let solution = Block.vector minimiser
    let offsets = Block.ofWorkers linear
    let offsetRows = Matrix(n, d, Array.concat linear)
    let meanOffset = Block.vector (LinearAlgebra.Multiply(mean, ReadOnlySpan minimiser))

    let sizes =
        eigen |> Array.map (fun values -> max (abs values[0]) (abs values[d - 1]))

    let meanSquare = sizes |> Array.averageBy (fun l -> l * l) |> sqrt

    let meanSquareExact =
        Decompositions
            .SymmetricEigen(Linear.mean (matrices |> Array.map (fun a -> LinearAlgebra.Multiply(a, a))))
            .Values[d - 1]
        |> sqrt

    /// The Hessians A_i.
    member _.Matrices = matrices
    /// (1/n) Σ A_i.
    member _.Mean = mean
    /// The centres b_i.
    member _.Centres = centres
    /// max L_i.
    member _.MaxSmoothness = Array.max sizes
    /// √((1/n) Σ L_i²): the constant L̃ of papers on compressed and variance-reduced methods.
    member _.RootMeanSquareSmoothness = meanSquare
    /// The least L̃ with (1/n) Σ ‖∇f_i(x) − ∇f_i(y)‖² ≤ L̃²‖x − y‖²: √λmax((1/n) Σ A_i²).
    member _.MeanSquaredSmoothness = meanSquareExact
    /// Smallest eigenvalue of each A_i.
    member _.StrongConvexities = eigen |> Array.map Array.head

    /// Smallest eigenvalue of A_i that is not zero, over the mean.
    member _.SmallestPositive =
        meanEigen.Values |> Seq.find (fun v -> v > 1e-12 * smoothness)

    /// Eigenvector of the mean for its k-th eigenvalue (increasing).
    member _.Eigenvector(k: int) =
        Array.init d (fun j -> meanEigen.Vectors[j, k])

    interface IHessian with
        member _.Hessian x =
            let flat = mean.Values.ToArray()
            (Block.FromValues(Shape.Matrix(1, 1, d, d), ReadOnlySpan flat)).RepeatLanes x.Lanes

    interface IHessianSum with
        member _.Hessians x =
            let each = matrices |> Array.map (fun a -> a.Values.ToArray())
            ((Block.ofWorkers each).RepeatLanes x.Lanes).On x.Engine

        member _.HessianLipschitz = 0.0
        member _.HessianLipschitzFrobenius = 0.0

    interface IStronglyConvexSum with
        member _.StrongConvexities = eigen |> Array.map (fun values -> max values[0] 0.0)

    interface IFiniteSum with
        member _.Count = n
        member _.Smoothnesses = sizes
        member _.Gradients x = x.Apply matrices - offsets

        member _.GradientAt indices x =
            let one j =
                let own =
                    if indices.Count = 1 then
                        indices
                    else
                        Indices(
                            indices.Workers,
                            indices.Lanes,
                            1,
                            indices.Bound,
                            Array.init (indices.Workers * indices.Lanes) (fun at ->
                                indices.Values[at * indices.Count + j])
                        )

                // The offset's row is gathered where x lives.
                x.ApplyAt(matrices, own)
                - ((Block.scalar 1.0).On x.Engine).RowCombination(offsetRows, own)

            let total = Seq.init indices.Count one |> Seq.reduce (fun a b -> a + b)
            total / float indices.Count

    interface IObjective with
        member _.Value x =
            let e = x - solution
            0.5 * Block.dot e (e.Apply mean)

        member _.Gradient x = x.Apply mean - meanOffset
        member _.Minimiser = solution
        member _.Infimum = 0.0
        member _.Smoothness = smoothness
        member _.StrongConvexity = max smallest 0.0

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            Constant.exact "L" "largest eigenvalue of the mean Hessian" smoothness (fun () ->
                Linear.largestByBisection mean)
            // Relative to L: a vanishing μ has no relative accuracy of its own.
            Constant.exact "mu + L" "extreme eigenvalues of the mean Hessian" (max smallest 0.0 + smoothness) (fun () ->
                max (Linear.smallestByBisection mean) 0.0 + Linear.largestByBisection mean)
            Constant.exact "Lmax" "largest |eigenvalue| over the A_i" (Array.max sizes) (fun () ->
                matrices |> Array.map Linear.spectralRadiusByBisection |> Array.max)
            Constant.exact "Ltilde" "√λmax((1/n) Σ A_i²)" meanSquareExact (fun () ->
                matrices
                |> Array.map (fun a -> LinearAlgebra.Multiply(a, a))
                |> Linear.mean
                |> Linear.largestByBisection
                |> sqrt)
        ]

/// A quadratic described by a few numbers: what instance generators draw and counterexamples print.
[<NoComparison>]
type QuadraticSpec = {
    /// n ≥ 1.
    Workers: int
    /// d ≥ 1.
    Dimension: int
    /// Condition number of every A_i; μ = 1, L = κ.
    Kappa: float
    /// Scale of the centres b_i: 0 makes all f_i share their minimiser.
    Spread: float
    Seed: int
}

/// Builders of quadratics.
[<RequireQualifiedAccess>]
module Quadratic =

    /// One quadratic with the given eigenvalues on the axes, minimised at the origin.
    let diagonal (spectrum: float[]) : Quadratic =
        Quadratic(
            $"quadratic with spectrum {spectrum.[0]:G3} … {spectrum.[spectrum.Length - 1]:G3}",
            [| LinearAlgebra.Diagonal spectrum |],
            [| Array.zeroCreate spectrum.Length |]
        )

    /// n quadratics with spectrum geometric from 1 to κ in random orthogonal frames, centres Gaussian of scale `Spread`.
    let distributed (spec: QuadraticSpec) : Quadratic =
        if spec.Workers < 1 || spec.Dimension < 1 || not (spec.Kappa >= 1.0) then
            invalidArg
                (nameof spec)
                $"A quadratic needs Workers ≥ 1, Dimension ≥ 1, Kappa ≥ 1; got {spec.Workers}, {spec.Dimension}, {spec.Kappa}."

        let spectrum = Linear.geometric 1.0 spec.Kappa spec.Dimension

        let matrices =
            Array.init spec.Workers (fun i ->
                LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed (2 * i) spec.Dimension, ReadOnlySpan spectrum))

        let centres =
            Array.init spec.Workers (fun i ->
                Linear.gaussians spec.Seed (2 * i + 1) spec.Dimension
                |> Array.map ((*) spec.Spread))

        Quadratic($"{spec.Workers} quadratics, d = {spec.Dimension}, κ = {spec.Kappa:G4}", matrices, centres)

    /// ζ = √((1/n) Σ ‖∇f_i(x*)‖²): how far the workers' gradients lie apart at the minimiser of f.
    let heterogeneity (f: Quadratic) : float =
        let sum = f :> IFiniteSum
        let squared = Block.lanes (Block.meanNormSquared (sum.Gradients sum.Minimiser))
        sqrt squared[0]

    /// The same Hessians, the centres scaled so that the heterogeneity at the minimiser is ζ. Raises ArgumentException when
    /// ζ < 0, or ζ > 0 and all workers share their minimiser.
    let withHeterogeneity (zeta: float) (f: Quadratic) : Quadratic =
        let own = heterogeneity f

        if not (zeta >= 0.0 && Double.IsFinite zeta) then
            invalidArg (nameof zeta) $"A heterogeneity ζ must be finite and at least 0, got {zeta}."

        if zeta > 0.0 && own <= Rounding.rank * (f :> IObjective).Smoothness then
            invalidArg (nameof zeta) $"Workers that share their minimiser cannot have ζ = {zeta}."

        // Gradients at x* are linear in the centres.
        let scale = if zeta = 0.0 then 0.0 else zeta / own

        Quadratic($"{(f :> IProblem).Name}, ζ = {zeta:G4}", f.Matrices, f.Centres |> Array.map (Array.map ((*) scale)))

    /// Symmetric indefinite A_i around a positive definite mean diag(1, …, 0.02): f is convex, the f_i are not; L = 1.
    let indefinite (workers: int) (dimension: int) (seed: int) : Quadratic =
        let target =
            LinearAlgebra.Diagonal(Linear.geometric 0.02 1.0 dimension |> Array.rev)

        let raw =
            Array.init workers (fun i ->
                let g = Linear.gaussians seed (2 * i) (dimension * dimension)
                Matrix.Create(dimension, dimension, (fun r c -> 0.25 * (g[r * dimension + c] + g[c * dimension + r]))))

        let drift = Linear.mean raw

        let matrices =
            raw
            |> Array.map (fun a -> Linear.combine [| 1.0; -1.0; 1.0 |] [| a; drift; target |])

        let centres =
            Array.init workers (fun i -> Linear.gaussians seed (2 * i + 1) dimension)

        Quadratic($"{workers} indefinite quadratics, d = {dimension}", matrices, centres)

    /// Specifications with at most the given numbers of workers and dimensions, κ between 1 and 100.
    let generator maxWorkers maxDimension : FsCheck.Gen<QuadraticSpec> =
        gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 2.0; 5.0; 10.0; 30.0; 100.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications: fewer workers, fewer dimensions, rounder numbers.
    let shrink (spec: QuadraticSpec) : QuadraticSpec seq =
        seq {
            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 2.0 then
                {
                    spec with
                        Kappa = Math.Round(max 2.0 (spec.Kappa / 2.0))
                }

            if spec.Spread > 1.0 then
                { spec with Spread = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxWorkers maxDimension : Instances<QuadraticSpec> =
        Instances.generated (generator maxWorkers maxDimension) shrink

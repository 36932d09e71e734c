namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// How a least-squares problem is set up.
type LeastSquaresOptions = {
    /// λ ≥ 0.
    Lambda: float
    Storage: Storage
}

/// A synthetic least-squares problem described by a few numbers.
[<NoComparison>]
type LeastSquaresSpec = {
    /// n ≥ 1.
    Workers: int
    /// Rows of each worker, ≥ 1.
    RowsPerWorker: int
    /// d ≥ 1.
    Dimension: int
    /// Ratio of the largest and smallest variance of the row's coordinates, ≥ 1.
    Kappa: float
    /// How far the workers' planted models lie apart.
    Spread: float
    /// Standard deviation of the targets' noise; with Spread = 0 too, the problem interpolates.
    Noise: float
    Seed: int
}

/// Least squares: f_i(x) = mean over worker i's rows of ½(aᵀx − b)² + (λ/2)‖x‖². The minimiser is exact (of least norm
/// when there are many), and μ is the smallest eigenvalue of the Hessian, 0 when that is singular.
[<RequireQualifiedAccess>]
module LeastSquares =

    /// Eigenvalues below this share of the largest are zero.
    let private rankTolerance = 1e-12

    /// Normal equations in the eigenbasis of the Hessian, then two rounds of refinement on the gradient.
    let private solve (f: RiskFunction) : NewtonResult =
        let d = f.Rows.Columns

        let eigen =
            Decompositions.SymmetricEigen(Newton.hessianAt f (Array.zeroCreate f.Rows.Rows))

        let inverse =
            eigen.Values
            |> Seq.map (fun v ->
                if v > rankTolerance * eigen.Values[d - 1] then
                    1.0 / v
                else
                    0.0)
            |> Array.ofSeq

        let correct (x: float[]) =
            let g = Newton.gradientAt f x (Design.multiply f.Rows x)
            let along = LinearAlgebra.Multiply(eigen.Vectors.Transpose(), ReadOnlySpan g)
            let scaled = Array.map2 (*) inverse along
            Array.map2 (-) x (LinearAlgebra.Multiply(eigen.Vectors, ReadOnlySpan scaled))

        let point = Array.zeroCreate d |> correct |> correct |> correct
        let margins = Design.multiply f.Rows point
        let g = Newton.gradientAt f point margins

        {
            Point = point
            Margins = margins
            GradientNorm = LinearAlgebra.Norm(ReadOnlySpan g)
            Iterations = 3
        }

    let private smallest (f: RiskFunction) : float =
        let eigen =
            Decompositions.SymmetricEigen(Newton.hessianAt f (Array.zeroCreate f.Rows.Rows))

        let top = eigen.Values[f.Rows.Columns - 1]
        // λ itself is exact where the data do not reach.
        if eigen.Values[0] > rankTolerance * top then
            eigen.Values[0]
        else
            f.Lambda

    let private build starts (options: LeastSquaresOptions) view (data: LabelledData) =
        if not (options.Lambda >= 0.0 && Double.IsFinite options.Lambda) then
            invalidArg (nameof options) $"Least squares needs a finite λ ≥ 0, got {options.Lambda}."

        if data.Labels.Length <> data.Rows.Rows then
            invalidArg (nameof data) $"{data.Rows.Rows} rows need as many targets, got {data.Labels.Length}."

        let rows = Design.store options.Storage data.Rows

        EmpiricalRisk {
            Name = $"least squares on {data.Name}, {view}, N = {rows.Rows}, d = {rows.Columns}, λ = {options.Lambda:G4}"
            Loss = Loss.squared
            Rows = rows
            Targets = data.Labels
            Starts = starts rows.Rows
            Lambda = options.Lambda
            Minimise = solve
            StrongConvexity = smallest
            CertifyStrongConvexity =
                fun f mu l ->
                    // Relative to L: a vanishing μ has no relative accuracy of its own.
                    Constant.exact "mu + L" "extreme eigenvalues of the Hessian" (mu + l) (fun () ->
                        let hessian = Newton.hessianAt f (Array.zeroCreate f.Rows.Rows)
                        max (Linear.smallestByBisection hessian) 0.0 + Spectrum.largestAgain hessian)
        }

    /// λ and automatic storage.
    let options (lambda: float) : LeastSquaresOptions = {
        Lambda = lambda
        Storage = Storage.Automatic
    }

    /// Data split over workers: contiguous parts in the order of the file, as equal as they can be, the remainder spread
    /// over the first. f is the mean of the workers' f_i.
    let workers (count: int) (options: LeastSquaresOptions) (data: LabelledData) : EmpiricalRisk =
        build (fun rows -> Split.contiguous rows count) options $"{count} workers" data

    /// Each row its own component f_j, for methods that sample rows.
    let samples (options: LeastSquaresOptions) (data: LabelledData) : EmpiricalRisk =
        build (fun rows -> Array.init (rows + 1) id) options "samples" data

    /// Gaussian rows with variances geometric from 1/κ to 1, targets of each worker's planted model plus noise.
    let synthetic (spec: LeastSquaresSpec) : LabelledData =
        if
            spec.Workers < 1
            || spec.RowsPerWorker < 1
            || spec.Dimension < 1
            || not (spec.Kappa >= 1.0)
        then
            invalidArg
                (nameof spec)
                $"Workers, RowsPerWorker, Dimension and Kappa must be at least 1; got {spec.Workers}, {spec.RowsPerWorker}, {spec.Dimension}, {spec.Kappa}."

        let total, d = spec.Workers * spec.RowsPerWorker, spec.Dimension
        let deviations = Linear.geometric (1.0 / spec.Kappa) 1.0 d |> Array.map sqrt
        let g = Linear.gaussians spec.Seed 0 (total * d)
        let rows = Matrix.Create(total, d, (fun r c -> deviations[c] * g[r * d + c]))
        let common = Linear.gaussians spec.Seed 1 d
        let apart = Linear.gaussians spec.Seed 2 (spec.Workers * d)
        let noise = Linear.gaussians spec.Seed 3 total

        let target j =
            let i = j / spec.RowsPerWorker
            let model = Array.init d (fun k -> common[k] + spec.Spread * apart[i * d + k])
            LinearAlgebra.Dot(rows.Row j, ReadOnlySpan model) + spec.Noise * noise[j]

        {
            Name = $"synthetic data (seed {spec.Seed})"
            Rows = Design.Dense rows
            Labels = Array.init total target
        }

    /// The workers' view of synthetic data, λ = 0.
    let distributed (spec: LeastSquaresSpec) : EmpiricalRisk =
        workers spec.Workers (options 0.0) (synthetic spec)

    /// The samples' view of the same function.
    let finiteSum (spec: LeastSquaresSpec) : EmpiricalRisk = samples (options 0.0) (synthetic spec)

    /// Specifications with at most the given numbers of workers, rows a worker and dimensions, κ between 1 and 100.
    let generator maxWorkers maxRows maxDimension : FsCheck.Gen<LeastSquaresSpec> =
        gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! rows = Gen.choose (1, maxRows)
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 2.0; 10.0; 100.0 ]
            let! spread = Gen.elements [ 0.0; 1.0 ]
            let! noise = Gen.elements [ 0.0; 0.5 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                RowsPerWorker = rows
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Noise = noise
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: LeastSquaresSpec) : LeastSquaresSpec seq =
        seq {
            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.RowsPerWorker > 1 then
                {
                    spec with
                        RowsPerWorker = spec.RowsPerWorker / 2
                }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                {
                    spec with
                        Kappa = Math.Round(max 1.0 (spec.Kappa / 2.0))
                }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Noise > 0.0 then
                { spec with Noise = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxWorkers maxRows maxDimension : Instances<LeastSquaresSpec> =
        Instances.generated (generator maxWorkers maxRows maxDimension) shrink

namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// How a logistic regression is set up.
type LogisticOptions = {
    /// λ > 0.
    Lambda: float
    Storage: Storage
}

/// A synthetic logistic regression described by a few numbers.
[<NoComparison>]
type LogisticSpec = {
    /// n ≥ 1.
    Workers: int
    /// Rows of each worker, ≥ 1.
    RowsPerWorker: int
    /// d ≥ 1.
    Dimension: int
    /// L/μ > 1 of the whole problem; sets λ.
    Kappa: float
    /// How far the workers' planted models lie apart: 0 makes all rows one population.
    Spread: float
    Seed: int
}

/// ℓ2-regularised logistic regression: f_i(x) = mean over worker i's rows of ln(1 + exp(−y aᵀx)) + (λ/2)‖x‖². L is exact
/// (at x = 0 every loss has its largest curvature ¼), and so is μ = λ (far out the losses have none).
[<RequireQualifiedAccess>]
module Logistic =

    /// Margins beyond this have curvature 0 in double precision.
    let private flat = 800.0

    /// ∇²f far out on a random line: every row that is not zero has a margin where its loss is flat.
    let private farCurvature (f: RiskFunction) : float =
        let margins = Design.multiply f.Rows (Linear.gaussians 2 0 f.Rows.Columns)

        let nearest =
            margins |> Seq.map abs |> Seq.filter (fun u -> u > 0.0) |> Seq.fold min 1.0

        Linear.smallestByBisection (Newton.hessianAt f (margins |> Array.map ((*) (flat / nearest))))

    let private build starts (options: LogisticOptions) view (data: LabelledData) =
        if not (options.Lambda > 0.0 && Double.IsFinite options.Lambda) then
            invalidArg
                (nameof options)
                $"Logistic regression needs λ > 0 (without it a minimiser need not exist), got {options.Lambda}."

        match data.Labels |> Array.tryFindIndex (fun y -> abs y <> 1.0) with
        | Some j -> invalidArg (nameof data) $"Row {j + 1} has the label {data.Labels[j]}; labels are −1 and +1."
        | None -> ()

        let rows =
            data.Rows
            |> Design.store options.Storage
            |> Design.scaleRows (data.Labels |> Array.map (fun y -> -y))

        EmpiricalRisk {
            Name =
                $"logistic regression on {data.Name}, {view}, N = {rows.Rows}, d = {rows.Columns}, λ = {options.Lambda:G4}"
            Loss = Loss.logistic
            Rows = rows
            Targets = [||]
            Starts = starts rows.Rows
            Lambda = options.Lambda
            Minimise = Newton.minimise
            StrongConvexity = fun f -> f.Lambda
            CertifyStrongConvexity =
                fun f mu _ ->
                    Constant.exact "mu" "λ; the losses' curvature vanishes at infinity" mu (fun () -> farCurvature f)
        }

    /// λ and automatic storage.
    let options (lambda: float) : LogisticOptions = {
        Lambda = lambda
        Storage = Storage.Automatic
    }

    /// Data split over workers: contiguous parts in the order of the file, as equal as they can be, the remainder spread
    /// over the first. f is the mean of the workers' f_i.
    let workers (count: int) (options: LogisticOptions) (data: LabelledData) : EmpiricalRisk =
        build (fun rows -> Split.contiguous rows count) options $"{count} workers" data

    /// Each row its own component f_j, for methods that sample rows. `Gradients` of all of them is a block of
    /// N × lanes × d; `GradientAt` is cheap.
    let samples (options: LogisticOptions) (data: LabelledData) : EmpiricalRisk =
        build (fun rows -> Array.init (rows + 1) id) options "samples" data

    /// λ that gives the data, split over `count` workers, the condition number L/μ = κ.
    let lambdaFor (count: int) (kappa: float) (data: LabelledData) : float =
        if not (kappa > 1.0) then
            invalidArg (nameof kappa) $"A condition number above 1 is needed, got {kappa}."

        let starts = Split.contiguous data.Rows.Rows count

        let weights =
            Array.init count (fun i ->
                let size = starts[i + 1] - starts[i]
                Array.create size (0.25 / (float count * float size)))
            |> Array.concat

        let largest = Spectrum.largest (Design.gram 0 data.Rows.Rows weights data.Rows)

        if largest > 0.0 then largest / (kappa - 1.0) else 1.0

    /// Gaussian rows, worker by worker; labels drawn from each worker's planted logistic model.
    let synthetic (spec: LogisticSpec) : LabelledData =
        if spec.Workers < 1 || spec.RowsPerWorker < 1 || spec.Dimension < 1 then
            invalidArg
                (nameof spec)
                $"Workers, RowsPerWorker and Dimension must be at least 1; got {spec.Workers}, {spec.RowsPerWorker}, {spec.Dimension}."

        let total, d = spec.Workers * spec.RowsPerWorker, spec.Dimension
        let rows = Matrix(total, d, Linear.gaussians spec.Seed 0 (total * d))
        let common = Linear.gaussians spec.Seed 1 d
        let apart = Linear.gaussians spec.Seed 2 (spec.Workers * d)
        let address = DrawAddress(uint64 (uint32 spec.Seed), 0x6c6f6769u, 0, 0, 0)
        let coins = Sampler.Uniform(address, 1, 1, total).ToArray()

        let label j =
            let i = j / spec.RowsPerWorker
            let model = Array.init d (fun k -> common[k] + spec.Spread * apart[i * d + k])
            let probability = Loss.sigmoid (LinearAlgebra.Dot(rows.Row j, ReadOnlySpan model))
            if coins[j] < probability then 1.0 else -1.0

        {
            Name = $"synthetic data (seed {spec.Seed})"
            Rows = Design.Dense rows
            Labels = Array.init total label
        }

    let private ofSpec view (spec: LogisticSpec) =
        let data = synthetic spec
        view (options (lambdaFor spec.Workers spec.Kappa data)) data

    /// The workers' view of synthetic data.
    let distributed (spec: LogisticSpec) : EmpiricalRisk = ofSpec (workers spec.Workers) spec

    /// The samples' view of the same function.
    let finiteSum (spec: LogisticSpec) : EmpiricalRisk = ofSpec samples spec

    /// Specifications with at most the given numbers of workers, rows a worker and dimensions, κ between 2 and 1000.
    let generator maxWorkers maxRows maxDimension : FsCheck.Gen<LogisticSpec> =
        gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! rows = Gen.choose (1, maxRows)
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 2.0; 5.0; 10.0; 100.0; 1000.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                RowsPerWorker = rows
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: LogisticSpec) : LogisticSpec seq =
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

            if spec.Kappa > 2.0 then
                {
                    spec with
                        Kappa = Math.Round(max 2.0 (spec.Kappa / 2.0))
                }

            if spec.Spread > 0.0 then
                {
                    spec with
                        Spread = if spec.Spread > 1.0 then 1.0 else 0.0
                }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxWorkers maxRows maxDimension : Instances<LogisticSpec> =
        Instances.generated (generator maxWorkers maxRows maxDimension) shrink

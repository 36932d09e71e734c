namespace Theory.Problems

open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A bilinear game by a few numbers: B is m × m with singular values geometric between the two given ones.
[<NoComparison>]
type BilinearSpec = {
    /// m = dim x = dim y ≥ 1.
    Dimension: int
    SigmaMin: float
    SigmaMax: float
    /// Scale of the saddle point.
    Spread: float
    Seed: int
}

/// Rotation blocks by a few numbers: A_i is block diagonal with blocks [[μ_i, s_ij], [−s_ij, μ_i]], j = 1 … m.
[<NoComparison>]
type RotationSpec = {
    /// n ≥ 1.
    Workers: int
    /// m ≥ 1; the dimension is 2m.
    Blocks: int
    /// Mean of the μ_i, which is the monotonicity constant.
    Mu: float
    /// Relative deviation of the μ_i.
    MuSpread: float
    /// Common part of the s_ij.
    Skew: float
    /// Scale of the deviations of the s_ij.
    SkewSpread: float
    /// Scale of the offsets b_i.
    Offset: float
    Seed: int
}

/// A quadratic game by a few numbers: A_i = [[P, B], [−Bᵀ, Q]] + D_i with Σ D_i = 0.
[<NoComparison>]
type GameSpec = {
    /// n ≥ 1.
    Workers: int
    /// m = dim x = dim y ≥ 1.
    Dimension: int
    /// Least eigenvalue of P and Q; μ of the game. 0 is allowed where σ > 0.
    Mu: float
    /// Largest eigenvalue of P and Q.
    Curvature: float
    /// Largest singular value of B.
    Coupling: float
    /// Scale of the dense deviations D_i, which need not be monotone.
    Deviation: float
    /// Scale of the offsets b_i.
    Offset: float
    Seed: int
}

/// A log-cosh game by a few numbers.
[<NoComparison>]
type LogCoshSpec = {
    /// m = dim x = dim y ≥ 1.
    Dimension: int
    Mu: float
    /// Largest singular value of B.
    Coupling: float
    /// Scale of the saddle point.
    Spread: float
    Seed: int
}

/// Generated bilinear games.
[<RequireQualifiedAccess>]
module BilinearSpec =

    /// Bilinear specifications up to a dimension.
    let generator maxDimension : FsCheck.Gen<BilinearSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! low = Gen.elements [ 0.1; 0.5; 1.0 ]
            let! ratio = Gen.elements [ 1.0; 2.0; 10.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                SigmaMin = low
                SigmaMax = low * ratio
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller bilinear specifications.
    let shrink (spec: BilinearSpec) : BilinearSpec seq =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.SigmaMax > spec.SigmaMin then
                { spec with SigmaMax = spec.SigmaMin }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Bilinear specifications as a claim's instances.
    let instances maxDimension =
        Instances.generated (generator maxDimension) shrink

/// Generated rotation blocks.
[<RequireQualifiedAccess>]
module RotationSpec =

    /// Rotation blocks with at most the given numbers of workers and blocks.
    let generator maxWorkers maxBlocks : FsCheck.Gen<RotationSpec> =
        gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! blocks = Gen.choose (1, maxBlocks)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! muSpread = Gen.elements [ 0.0; 0.5; 1.0 ]
            let! skew = Gen.elements [ 0.0; 0.3; 1.0; 10.0 ]
            let! skewSpread = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
            let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Blocks = blocks
                Mu = mu
                MuSpread = muSpread
                Skew = skew
                SkewSpread = skewSpread
                Offset = offset
                Seed = seed
            }
        }

    /// Smaller rotation blocks.
    let shrink (spec: RotationSpec) : RotationSpec seq =
        seq {
            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Blocks > 1 then
                { spec with Blocks = spec.Blocks - 1 }

            if spec.MuSpread > 0.0 then
                { spec with MuSpread = 0.0 }

            if spec.SkewSpread > 0.0 then
                { spec with SkewSpread = 0.0 }

            if spec.Offset > 0.0 then
                { spec with Offset = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Rotation blocks as a claim's instances.
    let instances maxWorkers maxBlocks =
        Instances.generated (generator maxWorkers maxBlocks) shrink

/// Generated quadratic games.
[<RequireQualifiedAccess>]
module GameSpec =

    /// Quadratic games with at most the given numbers of workers and dimensions of x.
    let generator maxWorkers maxDimension : FsCheck.Gen<GameSpec> =
        gen {
            let! workers = Gen.choose (1, maxWorkers)
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements [ 0.0; 0.01; 0.1; 1.0 ]
            let! condition = Gen.elements [ 1.0; 3.0; 10.0 ]
            let! coupling = Gen.elements [ 0.0; 0.5; 1.0; 10.0 ]
            let! deviation = Gen.elements [ 0.0; 0.3; 2.0 ]
            let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Mu = mu
                Curvature = mu * condition
                Coupling = coupling
                Deviation = deviation
                Offset = offset
                Seed = seed
            }
        }

    /// Smaller quadratic games.
    let shrink (spec: GameSpec) : GameSpec seq =
        seq {
            if spec.Workers > 1 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Curvature > spec.Mu then
                { spec with Curvature = spec.Mu }

            if spec.Deviation > 0.0 then
                { spec with Deviation = 0.0 }

            if spec.Offset > 0.0 then
                { spec with Offset = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Quadratic games as a claim's instances.
    let instances maxWorkers maxDimension =
        Instances.generated (generator maxWorkers maxDimension) shrink

/// Generated log-cosh games.
[<RequireQualifiedAccess>]
module LogCoshSpec =

    /// Log-cosh games up to a dimension of x.
    let generator maxDimension : FsCheck.Gen<LogCoshSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! coupling = Gen.elements [ 0.3; 1.0; 10.0 ]
            let! spread = Gen.elements [ 0.0; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                Coupling = coupling
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller log-cosh games.
    let shrink (spec: LogCoshSpec) : LogCoshSpec seq =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Log-cosh games as a claim's instances.
    let instances maxDimension =
        Instances.generated (generator maxDimension) shrink

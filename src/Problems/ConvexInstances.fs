namespace Theory.Problems

open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A convex objective that is not strongly convex, described by a few numbers.
[<NoComparison>]
type ConvexSpec = {
    /// "huber", "chain" or "quadratic" (with one direction of curvature 0).
    Kind: string
    /// d ≥ 2; Huber's function has one dimension.
    Dimension: int
    /// Condition number on the curved directions of a quadratic; L for the others.
    Kappa: float
    /// Horizon; Huber's function is the worst for so many steps of gradient descent from 2.
    Steps: int
    Seed: int
}

/// Convex objectives on which bounds of order 1/k and 1/k² are held.
[<RequireQualifiedAccess>]
module ConvexInstances =

    /// Huber's function, worst for `steps` steps.
    let huber steps = {
        Kind = "huber"
        Dimension = 1
        Kappa = 3.0
        Steps = steps
        Seed = 0
    }

    /// A chain of `dimension` coordinates with L = 1, run for `steps` steps.
    let chain dimension steps = {
        Kind = "chain"
        Dimension = dimension
        Kappa = 1.0
        Steps = steps
        Seed = 0
    }

    /// A singular quadratic in three dimensions.
    let quadratic steps = {
        Kind = "quadratic"
        Dimension = 3
        Kappa = 10.0
        Steps = steps
        Seed = 0
    }

    /// The objective of a specification.
    let problem (spec: ConvexSpec) : IObjective =
        match spec.Kind with
        | "huber" -> Huber.Worst(spec.Kappa, 2.0, spec.Steps)
        | "chain" -> Chain(spec.Kappa, spec.Dimension)
        | "quadratic" ->
            SingularQuadratic.distributed {
                Workers = 1
                Dimension = spec.Dimension
                Kappa = spec.Kappa
                Spread = 1.0
                Seed = spec.Seed
            }
        | other -> invalidArg (nameof spec) $"A convex objective is huber, chain or quadratic, not '{other}'."

    /// Starts for trajectories, one a lane: the extremal one first (2 for Huber's function, 0 for the chain), then random.
    let starts (ctx: CheckContext) (spec: ConvexSpec) : Block =
        let f = problem spec

        let extremal =
            if spec.Kind = "huber" then
                Block.ofRows [| [| 2.0 |] |]
            else
                Block.zeros 1 1 f.Dimension

        Block.ConcatLanes(extremal, CheckContext.gaussianStarts ctx 1 5 f.Dimension 3.0)

    let private generator =
        gen {
            let! kind = Gen.elements [ "huber"; "chain"; "quadratic" ]
            let! dimension = Gen.choose (2, 5)
            let! kappa = Gen.elements [ 1.0; 10.0; 100.0 ]
            let! steps = Gen.elements [ 1; 2; 5; 20; 60 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Kind = kind
                Dimension = dimension
                Kappa = kappa
                Steps = steps
                Seed = seed
            }
        }

    let private shrink (spec: ConvexSpec) =
        seq {
            if spec.Steps > 1 then
                { spec with Steps = spec.Steps / 2 }

            if spec.Dimension > 2 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Kappa > 1.0 then
                { spec with Kappa = 1.0 }
        }

    /// Generated specifications, as a claim's instances.
    let generated: Instances<ConvexSpec> = Instances.generated generator shrink

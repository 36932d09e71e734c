/// SV-PAGE.1 on a nonconvex sum: enumerated trees instead of matrix inequalities.
module Theory.Algorithms.StochasticVarianceReduction.PAGENonconvex

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.StochasticVarianceReduction.PAGE

/// A sum of x²/(1+x²) with weights, small enough for every outcome of every step.
type NonconvexSpec = {
    Workers: int
    Dimension: int
    /// How much the weights of the summands differ.
    Spread: float
    P: float
    Radius: float
    Seed: int
}

let private nonconvexInstances =
    let generator =
        gen {
            let! workers = Gen.choose (2, 3)
            let! dimension = Gen.choose (1, 3)
            let! spread = Gen.elements [ 0.3; 1.0; 2.0 ]
            let! p = Gen.elements [ 0.2; 0.5; 0.9 ]
            let! radius = Gen.elements [ 0.5; 2.0; 4.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                NonconvexSpec.Workers = workers
                Dimension = dimension
                Spread = spread
                P = p
                Radius = radius
                Seed = seed
            }
        }

    let shrink (spec: NonconvexSpec) =
        seq {
            if spec.Workers > 2 then
                { spec with Workers = 2 }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }
        }

    Instances.generated generator shrink

let private unequal = {
    NonconvexSpec.Workers = 3
    Dimension = 2
    Spread = 1.0
    P = 0.2
    Radius = 1.0
    Seed = 1
}

let private swinging = {
    unequal with
        NonconvexSpec.Workers = 2
        Dimension = 1
        Spread = 0.3
        P = 0.9
}

/// Every outcome of six steps from a few starts, γ multiplied by `stretch` in the run.
let private nonconvexBound stretch ctx (spec: NonconvexSpec) =
    let problem =
        NonconvexSum.Random(spec.Workers, spec.Dimension, spec.Spread, spec.Seed)

    let f = problem :> IFiniteSum

    let p = {
        Gamma = stepsize f.Smoothness problem.MeanSquaredSmoothness spec.P 1
        P = spec.P
        Batch = 1
    }

    let claim = gradientRate f p
    let random = CheckContext.gaussianStarts ctx 1 2 spec.Dimension spec.Radius

    let starts =
        Block.ConcatLanes(Block.ofRows [| Array.create spec.Dimension 0.5 |], random)

    [
        for lane in 0..2 do
            let start = init f (starts.Lane lane)
            let scale = (Block.lanes (claim.Scale start))[0]

            let means =
                Enumerated.series (Method.on f { p with Gamma = stretch * p.Gamma } method) start 5 claim.Measure
                |> Array.map Array.singleton

            // A mean over k steps uses steps 0 .. k−1: the series is one longer than its last step.
            let summarised = Run.summarise claim.Summary (Array.append means [| [| nan |] |])

            for k in 1..6 ->
                Evidence.row
                    Relation.AtMost
                    spec.Dimension
                    k
                    $"start {lane}, K = {k}"
                    (summarised[k][0])
                    (claim.Bound k scale)
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.AtMost

let nonconvexClaim: Claim =
    Claim.create {
        Claim.spec
            "SV-PAGE.1.nonconvex"
            ClaimKind.Mean
            "the bound of SV-PAGE.1 on f_i(x) = Σ_j w_ij x_j²/(1+x_j²), over every outcome of six steps"
            (nonconvexInstances
             |> Instances.startingWith [ unequal ]
             |> Instances.counts 1 3 20)
            (nonconvexBound 1.0) with
            Formula = @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x_k)\|^2 \le \frac{2(f(x_0)-f^{\inf})}{\gamma K}"
            Assumptions = "L = 2, L̃ = 2√(max_j mean_i w_ij²), b = 1"
            Source = "arXiv 2008.10898, Theorem 1"
            // A stepsize of (1 + x²)² sends x to −x for ever: close to 0.5 here.
            Falsifiers = [ Falsifier.check "γ × 4" (nonconvexBound 4.0) |> Falsifier.at [ swinging ] ]
    }

/// Rennala SGD: asynchronous minibatches of gradients at the current point.
///
/// Tyurin, Richtárik, "Optimal Time Complexities of Parallel Stochastic Optimization Methods Under a Fixed Computation
/// Model", NeurIPS 2023.
/// Problem: min f, L-smooth, stochastic gradients with E‖ξ‖² ≤ σ²; worker i needs τ_i ticks for one of them.
module Theory.Algorithms.SystemsAndModels.Rennala

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// B, gradients in one step.
    Batch: int
    /// σ of the Gaussian gradient noise.
    Sigma: float
    /// n workers with τ_i = i ticks.
    Workers: int
}

/// B = max{1, ⌈σ²/ε⌉}, γ = min{1/L, εB/(2Lσ²)}.
let parametersFor (sigma: float) (epsilon: float) (f: IObjective) : Parameters =
    let batch = max 1.0 (ceil (sigma * sigma / epsilon))

    {
        Gamma =
            if sigma = 0.0 then
                1.0 / f.Smoothness
            else
                min (1.0 / f.Smoothness) (epsilon * batch / (2.0 * f.Smoothness * sigma * sigma))
        Batch = int batch
        Sigma = sigma
        Workers = 4
    }

type State = {
    /// The iterate x_k.
    X: Block
}

/// x⁺ = x − (γ/B) Σ_b (∇f(x) + ξ_b), the noise in the order of arrival: B × lanes × d.
let step (f: IObjective) (p: Parameters) (noise: Block) (s: State) : State = {
    X = s.X - p.Gamma * Block.mean (f.Gradient s.X + noise)
}

/// σ²-noise of B gradients.
let private noise (p: Parameters) dimension : Draw<Block> =
    if p.Sigma = 0.0 then
        Draw.always (Block.zeros p.Batch 1 dimension)
    else
        Draw.gaussians p.Batch dimension
        |> Draw.map (fun xi -> (p.Sigma / sqrt (float dimension)) * xi)

let private times (p: Parameters) =
    Array.init p.Workers (fun i -> int64 (i + 1))

/// 2Δ/(γk) + γLσ²/B on the mean of ‖∇f‖² over k steps.
let private stationarity (f: IObjective) (p: Parameters) (boundBatch: int) : RunBound<State> = {
    Name = "SM-RENNALA.2: mean of ‖∇f(x_k)‖²"
    Measure = fun s -> Block.normSquared (f.Gradient s.X)
    Summary = Summary.RunningMean
    Scale = fun s -> f.Value s.X - Block.scalar f.Infimum
    Bound =
        fun k delta ->
            2.0 * delta / (p.Gamma * float (max k 1))
            + p.Gamma * f.Smoothness * p.Sigma ** 2.0 / float boundBatch
    InExpectation = true
}

let method: Method<IObjective, Parameters, State, Block> = {
    Name = "Rennala SGD"
    Summary = "collect B gradients at x from whoever is first, with stops; x⁺ = x − (γ/B) Σ g"
    Rule = parametersFor 1.0 0.25
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/L" (1.0 / f.Smoothness)
            Condition.positive "B" (float p.Batch)
        ]
    Draw = fun f p -> noise p f.Dimension
    Init = fun _ _ x0 -> { X = x0 }
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ p _ -> [
            Charge.each Counter.Gradients 1.0
            // With stops every round takes exactly t(B).
            Charge.each Counter.Seconds (float (Workers.collectionTime (times p) p.Batch))
        ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> [ stationarity f p p.Batch ]
}

// ---- 2: the rate ---------------------------------------------------------------------------------------------------

[<NoComparison>]
type NoiseSpec = {
    Dimension: int
    Kappa: float
    Batch: int
    Sigma: float
    /// γL ∈ (0, 1].
    Step: float
    Steps: int
    Seed: int
}

let private rate (change: Parameters -> Parameters) (spec: NoiseSpec) =
    let f =
        Quadratic.distributed {
            Workers = 1
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 0.0
            Seed = spec.Seed
        }
        :> IObjective

    let p = {
        Gamma = spec.Step / f.Smoothness
        Batch = spec.Batch
        Sigma = spec.Sigma
        Workers = 1
    }

    let start = {
        X = Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.0)
    }

    Moments.bound
        (Method.on f (change p) method)
        { X = f.Minimiser }
        start
        spec.Steps
        Relation.AtMost
        (stationarity f p spec.Batch)

let private attained = {
    Dimension = 1
    Kappa = 1.0
    Batch = 4
    Sigma = 2.0
    Step = 1.0
    Steps = 400
    Seed = 1
}

let private noiseInstances: Instances<NoiseSpec> =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (1, 4)
            let! kappa = Gen.elements [ 1.0; 5.0; 50.0 ]
            let! batch = Gen.choose (1, 6)
            let! sigma = Gen.elements [ 0.0; 0.3; 2.0 ]
            let! step = Gen.elements [ 0.05; 0.3; 1.0 ]
            let! seed = Gen.choose (0, 1000)

            return {
                Dimension = dimension
                Kappa = kappa
                Batch = batch
                Sigma = sigma
                Step = step
                Steps = 120
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Dimension > 1 then
                    { s with Dimension = s.Dimension - 1 }

                if s.Batch > 1 then
                    { s with Batch = s.Batch - 1 }

                if s.Steps > 5 then
                    { s with Steps = s.Steps / 2 }
            })
    |> Instances.startingWith [ attained ]

let convergence: Claim =
    Claim.create {
        Claim.spec
            "SM-RENNALA.2"
            ClaimKind.Mean
            "(1/K) Σ_{k<K} E‖∇f(x_k)‖² ≤ 2Δ/(γK) + γLσ²/B for γ ≤ 1/L"
            noiseInstances
            (fun _ spec -> rate id spec) with
            Formula =
                @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x^k)\|^2 \le \frac{2\Delta}{\gamma K} + \frac{\gamma L\sigma^2}{B}"
            Assumptions = "f L-smooth, E‖ξ‖² ≤ σ², γ ≤ 1/L"
            Source = "derived: descent lemma with a minibatch of B"
            Falsifiers = [
                Falsifier.check "a batch of B/4 in the run only" (fun _ spec ->
                    rate (fun p -> { p with Batch = max 1 (p.Batch / 4) }) spec)
                Falsifier.check "γ = 2.05/L" (fun _ spec ->
                    rate (fun p -> { p with Gamma = 2.05 * p.Gamma }) { spec with Step = 1.0 })
            ]
            Tight = Some { Instance = attained; AtLeast = 0.99 }
    }

namespace Theory.Problems

open Theory
open Theory.Numerics

/// Additive noise n(Z) ∈ R^d of a Markov chain, with E_π n = 0. `values` holds one vector a state.
[<Sealed>]
type MarkovNoise(chain: MarkovChain, values: float[][]) =
    let m, d = chain.States, values[0].Length
    let pi = chain.Stationary

    let norm (v: float[]) =
        sqrt (v |> Array.sumBy (fun x -> x * x))

    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

    let sigma = values |> Array.map norm |> Array.max

    do
        let mean =
            Array.init d (fun j -> Seq.sum (Seq.init m (fun z -> pi[z] * values[z].[j])))

        if values.Length <> m || norm mean > Rounding.allowance (float m) sigma then
            invalidArg (nameof values) $"The noise needs one vector for each of {m} states, with mean 0 under π."

    let reader = Matrix.Create(d, m, (fun j z -> values[z].[j]))

    /// E_π⟨n(Z_0), n(Z_k)⟩.
    let autocovariance k =
        let p = chain.Power k

        Seq.sum (
            seq {
                for a in 0 .. m - 1 do
                    for b in 0 .. m - 1 -> pi[a] * p[a, b] * dot values[a] values[b]
            }
        )

    /// lim n·E‖(1/n)Σ n(Z_i)‖² by the fundamental matrix (I − P + 1π)⁻¹.
    let longRun () =
        let fundamental =
            Decompositions.Solve(
                Matrix.Create(m, m, (fun i j -> (if i = j then 1.0 else 0.0) - chain.Kernel[i, j] + pi[j])),
                Matrix.Identity m
            )

        Seq.sum (
            seq {
                for a in 0 .. m - 1 do
                    for b in 0 .. m - 1 ->
                        let weight = 2.0 * fundamental[a, b] - (if a = b then 1.0 else 0.0)
                        pi[a] * weight * dot values[a] values[b]
            }
        )

    /// The chain that the noise follows.
    member _.Chain = chain
    /// n(z) for each state z.
    member _.Values = values
    /// d.
    member _.Dimension = d
    /// σ = max ‖n(z)‖.
    member _.Sigma = sigma
    /// E_π⟨n(Z_0), n(Z_k)⟩.
    member _.Autocovariance k = autocovariance k
    /// lim n·E‖(1/n)Σ n(Z_i)‖².
    member _.LongRunVariance = longRun ()
    /// Σ_z w_z n(z) for weights w (1 × lanes × m).
    member _.Over(weights: Block) : Block = weights.Apply reader

    /// The chain's constants, σ and the long-run variance.
    member _.Constants =
        chain.Constants
        @ [
            Constant.exact "sigma" "max ‖n(z)‖" sigma (fun () ->
                Block.ofRows values |> Block.norm |> Block.lanes |> Array.max)
            // Relative to R_0: the sum of covariances may cancel.
            Constant.exact
                "long-run variance + R_0"
                "fundamental matrix, plus E_π‖n‖²"
                (longRun () + autocovariance 0)
                (fun () ->
                    2.0 * autocovariance 0
                    + 2.0
                      * Seq.sum (Seq.init (20 * chain.MixingTime) (fun k -> autocovariance (k + 1))))
        ]

/// Builders of Markovian noise.
[<RequireQualifiedAccess>]
module MarkovNoise =

    /// Random vectors of a seed in R^d, centred under π and scaled to max ‖n(z)‖ = σ.
    let random (chain: MarkovChain) (dimension: int) (sigma: float) (seed: int) : MarkovNoise =
        let raw =
            Array.init chain.States (fun z -> Linear.gaussians seed (500 + z) dimension)

        let mean =
            Array.init dimension (fun j -> Seq.sum (Seq.init chain.States (fun z -> chain.Stationary[z] * raw[z].[j])))

        let centred = raw |> Array.map (fun v -> Array.map2 (-) v mean)

        let largest =
            centred
            |> Array.map (fun v -> sqrt (Array.sumBy (fun x -> x * x) v))
            |> Array.max

        MarkovNoise(chain, centred |> Array.map (Array.map ((*) (sigma / largest))))

    /// n = ±σ on the two-state chain, in R.
    let signs (epsilon: float) (sigma: float) : MarkovNoise =
        MarkovNoise(MarkovChains.flip epsilon, [| [| sigma |]; [| -sigma |] |])

/// F(z) = E_π F(z, Z) = 0 with samples F(z, Z_i) along a Markov chain.
type IMarkovOperator =
    inherit IOperator
    /// The chain of the samples.
    abstract Chain: MarkovChain
    /// σ with ‖F(z, s) − F(z)‖ ≤ σ for every z and state s of the chain.
    abstract Sigma: float
    /// Σ_s w_s F(z, s) for weights w (1 × lanes × m) that sum to 1: one sample when w is a state, the mean over a batch
    /// when w holds the frequencies of its states.
    abstract OperatorOver: weights: Block -> z: Block -> Block

/// min f(x) = E_π f(x, Z) with gradients ∇f(x, Z_i) along a Markov chain.
type IMarkovObjective =
    inherit IObjective
    /// The chain of the samples.
    abstract Chain: MarkovChain
    /// σ with ‖∇f(x, s) − ∇f(x)‖ ≤ σ for every x and state s of the chain.
    abstract Sigma: float
    /// Σ_s w_s ∇f(x, s) for weights w (1 × lanes × m) that sum to 1.
    abstract GradientOver: weights: Block -> x: Block -> Block

/// F(z, s) = F(z) + n(s).
[<Sealed>]
type MarkovOperator(inner: IOperator, noise: MarkovNoise) =
    interface IMarkovOperator with
        member _.Chain = noise.Chain
        member _.Sigma = noise.Sigma
        member _.OperatorOver weights z = inner.Operator z + noise.Over weights

    interface IOperator with
        member _.Operator z = inner.Operator z
        member _.Solution = inner.Solution
        member _.Lipschitz = inner.Lipschitz
        member _.Monotonicity = inner.Monotonicity

    interface IProblem with
        member _.Name = $"{inner.Name}, noise of a chain of {noise.Chain.Name}"
        member _.Dimension = inner.Dimension
        member _.Constants = inner.Constants @ noise.Constants

/// ∇f(x, s) = ∇f(x) + n(s).
[<Sealed>]
type MarkovObjective(inner: IObjective, noise: MarkovNoise) =
    interface IMarkovObjective with
        member _.Chain = noise.Chain
        member _.Sigma = noise.Sigma
        member _.GradientOver weights x = inner.Gradient x + noise.Over weights

    interface IGap with
        member _.Gap x = Objective.gap inner x

    interface IObjective with
        member _.Value x = inner.Value x
        member _.Gradient x = inner.Gradient x
        member _.Minimiser = inner.Minimiser
        member _.Infimum = inner.Infimum
        member _.Smoothness = inner.Smoothness
        member _.StrongConvexity = inner.StrongConvexity

    interface IProblem with
        member _.Name = $"{inner.Name}, noise of a chain of {noise.Chain.Name}"
        member _.Dimension = inner.Dimension
        member _.Constants = inner.Constants @ noise.Constants

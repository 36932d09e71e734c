/// Clipped SGD, SGDA, SEG and SSTM: the methods.
///
/// Sadiev, Danilova, Gorbunov, Horváth, Gidel, Dvurechensky, Gasnikov, Richtárik, "High-Probability Bounds for Stochastic
/// Optimization and Variational Inequalities: the Case of Unbounded Variance", ICML 2023, arXiv 2302.00999.
/// Problem: min f or F(x) = 0; oracle ∇f(x) + ξ or F(x) + ξ with E ξ = 0, E‖ξ‖^a ≤ σ^a, a ∈ (1, 2].
module Theory.Algorithms.RobustAndPrivate.ClippedMethods

open System
open Theory
open Theory.Numerics
open Theory.Problems

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// λ; ∞ does not clip.
    Lambda: float
    Noise: NoiseOracle
}

type State = {
    /// The iterate x_k (z_k for operators).
    X: Block
}

/// x⁺ = x − γ clip(G(x) + ξ, λ), G = ∇f or F.
let step (oracle: Block -> Block) (p: Parameters) (noise: Block) (s: State) : State = {
    X = s.X - p.Gamma * Clipping.clip p.Lambda (oracle s.X + noise)
}

/// z̃ = z − γ clip(F(z) + ξ_1, λ); z⁺ = z − γ clip(F(z̃) + ξ_2, λ).
let extragradientStep (oracle: Block -> Block) (p: Parameters) (first: Block, second: Block) (s: State) : State =
    let half = s.X - p.Gamma * Clipping.clip p.Lambda (oracle s.X + first)

    {
        X = s.X - p.Gamma * Clipping.clip p.Lambda (oracle half + second)
    }

/// The steps, factor and confidence that the default rule is made for.
let private confidence = 0.05
let private horizon = 1000

/// Bias b, variance v and failure logarithm ℓ of K clipped steps at level λ.
let private clippingTerms (noise: NoiseOracle) steps beta level =
    Clipping.simpleBiasBound noise.Order noise.Sigma.Value level,
    Clipping.secondMomentBound noise.Order noise.Sigma.Value level,
    log (2.0 * float steps / beta)

/// How far clipped steps may stray from the noiseless path: γb/(1−q) + t for one evaluation a step, twice the bias and
/// variance for the extragradient method; and the condition on λ under which that is proved.
let offset (extragradient: bool) gamma lipschitz factor (noise: NoiseOracle) steps beta radius level =
    let b, v, l = clippingTerms noise steps beta level
    let twice = if extragradient then 2.0 else 1.0

    let t =
        Clipping.freedman (twice * gamma * gamma * v / (1.0 - factor * factor)) (2.0 * gamma * level) l

    let away = twice * gamma * b / (1.0 - factor) + t
    let overshoot = if extragradient then gamma * level else 0.0
    away, lipschitz * (radius + away + overshoot) <= 0.5 * level

/// The level with the smallest offset among those that satisfy the condition, on a geometric scan; None where none does.
let bestLevel extragradient gamma lipschitz factor noise steps beta radius =
    Seq.init 1200 (fun i -> 0.01 * lipschitz * radius * 1.02 ** float i)
    |> Seq.map (fun level -> level, offset extragradient gamma lipschitz factor noise steps beta radius level)
    |> Seq.filter (fun (_, (_, admissible)) -> admissible)
    |> Seq.map (fun (level, (away, _)) -> level, away)
    |> fun found ->
        if Seq.isEmpty found then
            None
        else
            Some(Seq.minBy snd found)

let private standardNoise dimension = HeavyTails.pareto dimension 1.5 1.6 1.0

/// A small γ, and the λ of RP-CLIPHP.2 for a start at distance 1.
let private rule extragradient dimension lipschitz mu : Parameters =
    let noise = standardNoise dimension
    let gamma = 0.01 / lipschitz
    let factor = 1.0 - gamma * mu

    {
        Gamma = gamma
        Lambda =
            if mu > 0.0 then
                bestLevel extragradient gamma lipschitz factor noise horizon confidence 1.0
                |> Option.map fst
                |> Option.defaultValue (4.0 * lipschitz)
            else
                4.0 * lipschitz
        Noise = noise
    }

let private conditions limit limitText (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma limitText limit
    Condition.positive "λ" p.Lambda
]

/// clipped-SGD.
let sgd: Method<IObjective, Parameters, State, Block> = {
    Name = "clipped-SGD"
    Summary = "x⁺ = x − γ clip(∇f(x) + ξ, λ)"
    Rule = fun f -> rule false f.Dimension f.Smoothness f.StrongConvexity
    Conditions = fun f p -> conditions (1.0 / f.Smoothness) "1/L" p
    Draw = fun _ p -> p.Noise.Draw
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f p -> step f.Gradient p
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// clipped-SGDA.
let sgda: Method<IOperator, Parameters, State, Block> = {
    Name = "clipped-SGDA"
    Summary = "z⁺ = z − γ clip(F(z) + ξ, λ)"
    Rule = fun f -> rule false f.Dimension f.Lipschitz f.Monotonicity
    Conditions = fun f p -> conditions (1.0 / f.Lipschitz) "1/L" p
    Draw = fun _ p -> p.Noise.Draw
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f p -> step f.Operator p
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.OperatorCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// clipped-SEG.
let seg: Method<IOperator, Parameters, State, Block * Block> = {
    Name = "clipped-SEG"
    Summary = "z̃ = z − γ clip(F(z) + ξ_1, λ); z⁺ = z − γ clip(F(z̃) + ξ_2, λ)"
    Rule = fun f -> rule true f.Dimension f.Lipschitz f.Monotonicity
    Conditions = fun f p -> conditions (1.0 / f.Lipschitz) "1/L" p
    Draw = fun _ p -> Draw.both p.Noise.Draw p.Noise.Draw
    Init = fun _ _ x0 -> { X = x0 }
    Step = fun f p -> extragradientStep f.Operator p
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.OperatorCalls 2.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// The parameters of clipped-SSTM.
[<NoComparison; NoEquality>]
type SSTMParameters = {
    /// c ≥ 1 in α_{k+1} = (k+2)/(2cL).
    Slowdown: float
    /// C in λ_{k+1} = C/α_{k+1}; ∞ does not clip.
    Level: float
    Smoothness: float
    Noise: NoiseOracle
}

type SSTMState = {
    /// The averaged iterate y_k, the output.
    Y: Block
    /// The mirror iterate z_k.
    Z: Block
    /// k.
    Count: int
    /// A_k = Σ_{j ≤ k} α_j.
    Weight: float
}

let sstmStep (oracle: Block -> Block) (p: SSTMParameters) (noise: Block) (s: SSTMState) : SSTMState =
    let alpha = float (s.Count + 2) / (2.0 * p.Slowdown * p.Smoothness)
    let next = s.Weight + alpha
    let x = (s.Weight / next) * s.Y + (alpha / next) * s.Z
    let z = s.Z - alpha * Clipping.clip (p.Level / alpha) (oracle x + noise)

    {
        Y = (s.Weight / next) * s.Y + (alpha / next) * z
        Z = z
        Count = s.Count + 1
        Weight = next
    }

/// clipped-SSTM.
let sstm: Method<IObjective, SSTMParameters, SSTMState, Block> = {
    Name = "clipped-SSTM"
    Summary = "accelerated similar triangles with the step α_{k+1} = (k+2)/(2cL) clipped at C/α_{k+1}"
    Rule =
        fun f -> {
            Slowdown = 20.0
            Level = 1.0
            Smoothness = f.Smoothness
            Noise = standardNoise f.Dimension
        }
    Conditions =
        fun f p -> [
            Condition.atMost "1/c" (1.0 / p.Slowdown) "1" 1.0
            Condition.atMost "L" f.Smoothness "the L used" p.Smoothness
            Condition.positive "C" p.Level
        ]
    Draw = fun _ p -> p.Noise.Draw
    Init =
        fun _ _ x0 -> {
            Y = x0
            Z = x0
            Count = 0
            Weight = 0.0
        }
    Step = fun f p -> sstmStep f.Gradient p
    Output = fun s -> s.Y
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

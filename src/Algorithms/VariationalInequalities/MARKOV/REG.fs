/// Randomised extragradient with Markovian noise.
///
/// Beznosikov, Samsonov, Sheshukova, Gasnikov, Naumov, Moulines, "First Order Methods with Markovian Noise: from
/// Acceleration to Variational Inequalities", NeurIPS 2023, arXiv 2305.15938.
/// Problem: F(z) = E_π F(z, Z) = 0, F L-Lipschitz and μ-strongly monotone, samples along a Markov chain of mixing time τ,
/// ‖F(z, s) − F(z)‖ ≤ σ.
module Theory.Algorithms.VariationalInequalities.REG

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// B: states of the first batch, and of the estimator's level 0.
    Batch: int
    /// M: levels with 2^J ≤ M are used.
    M: float
}

/// γ = 1/(3L), B = τ, and M = max{2, 1/√(γμ)}, at which the squared bias no longer matters beside the variance.
let parameters (f: IMarkovOperator) : Parameters =
    let gamma = 1.0 / (3.0 * f.Lipschitz)

    {
        Gamma = gamma
        Batch = f.Chain.MixingTime
        M =
            if f.Monotonicity > 0.0 then
                max 2.0 (1.0 / sqrt (gamma * f.Monotonicity))
            else
                2.0
    }

type State = {
    /// The iterate x.
    X: Block
    /// The chain's state, one-hot.
    Chain: Block
}

/// Transitions of the first batch, and the estimator's draw.
type Outcome = Indices * Multilevel.Sampling

let init (f: IMarkovOperator) (x0: Block) : State = { X = x0; Chain = f.Chain.State 0 }

/// x⁺ from the visits' frequencies in the first batch and in the estimator.
let update (f: IMarkovOperator) (p: Parameters) (x: Block) (first: Block) (second: Block) : Block =
    let u = x - p.Gamma * f.OperatorOver first x
    x - p.Gamma * f.OperatorOver second u

let step (f: IMarkovOperator) (p: Parameters) (transitions: Indices, sampling: Multilevel.Sampling) (s: State) : State =
    let first, reached = Multilevel.plain f.Chain p.Batch transitions s.Chain
    let second, last = Multilevel.visits f.Chain p.Batch sampling reached

    {
        X = update f p s.X first second
        Chain = last
    }

/// ‖x − x*‖².
let distance (f: IMarkovOperator) (s: State) = Block.normSquared (s.X - f.Solution)

/// 1 − ¾γμ.
let contraction (f: IMarkovOperator) (p: Parameters) = 1.0 - 0.75 * p.Gamma * f.Monotonicity

/// 3γ²c(3 + 12⌊log2 M⌋)/B + (2γ/μ)(8τσ/(3N))² with c = (1 + 16τ/3)σ² and N = 2^⌊log2 M⌋·B.
let noise (f: IMarkovOperator) (p: Parameters) : float =
    let tau, sigma = float f.Chain.MixingTime, f.Sigma
    let top = Multilevel.levels p.M
    let c = (1.0 + 16.0 * tau / 3.0) * sigma ** 2.0
    let bias = 8.0 * tau * sigma / (3.0 * float (Multilevel.length p.Batch top))

    3.0 * p.Gamma ** 2.0 * c * (3.0 + 12.0 * float top) / float p.Batch
    + 2.0 * p.Gamma / f.Monotonicity * bias ** 2.0

let method: Method<IMarkovOperator, Parameters, State, Outcome> = {
    Name = "REG"
    Summary = "u = x − γ·(mean of F(x, ·) over B states); g = MLMC(u, B, M) on the states after them; x⁺ = x − γg"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(3L)" (1.0 / (3.0 * f.Lipschitz))
            Condition.positive "B" (float p.Batch)
            Condition.atMost "1/M" (1.0 / p.M) "1" 1.0
        ]
    Draw = fun f p -> Draw.both (f.Chain.Transitions p.Batch) (Multilevel.draw f.Chain p.Batch (Multilevel.levels p.M))
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ p (_, sampling) -> [
            Charge.each Counter.Samples (float p.Batch)
            {
                Counter = Counter.Samples
                Amount = Multilevel.samples p.Batch sampling.Level
            }
        ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            if f.Monotonicity > 0.0 then
                let floor = noise f p / (0.75 * p.Gamma * f.Monotonicity)

                [
                    Bounds.linearToFloor "VI-MARKOV.5: E‖x_k − x*‖²" true (distance f) (contraction f p) floor
                ]
            else
                []
}

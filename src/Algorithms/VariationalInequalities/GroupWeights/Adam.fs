namespace Theory.Algorithms.VariationalInequalities

open Theory.Numerics

/// Adam's moments and direction, as blocks 1 × lanes × d.
[<RequireQualifiedAccess>]
module Adam =

    /// The running mean of gradients: β₁m + (1−β₁)g.
    let first (beta1: float) (m: Block) (g: Block) : Block = beta1 * m + (1.0 - beta1) * g

    /// The running mean of squares: β₂v + (1−β₂)g².
    let second (beta2: float) (v: Block) (g: Block) : Block = beta2 * v + (1.0 - beta2) * g.Square()

    /// √(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε) after t updates of the moments.
    let direction (beta1: float) (beta2: float) (epsilon: float) (t: int) (m: Block) (v: Block) : Block =
        let correction = sqrt (1.0 - beta2 ** float t) / (1.0 - beta1 ** float t)
        correction * (m / v.SquareRoot().AddConstant epsilon)

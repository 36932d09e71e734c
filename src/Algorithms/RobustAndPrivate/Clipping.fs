/// Clipping, its bias and spread under noise with E‖ξ‖^a ≤ σ^a, and Freedman's radius.
[<RequireQualifiedAccess>]
module Theory.Algorithms.RobustAndPrivate.Clipping

open System
open Theory
open Theory.Numerics

/// clip(g, λ) = min(1, λ/‖g‖)·g per worker and lane; λ = ∞ leaves g as it is.
let clip (level: float) (g: Block) : Block =
    if Double.IsPositiveInfinity level then
        g
    else
        Block.Min(Block.scalar 1.0, level * (Block.norm g).Reciprocal()) * g

/// ‖E clip(x+ξ, λ) − x‖ ≤ ((a−1)^{a−1}/a^a)(2/λ)^{a−1}σ^a for ‖x‖ ≤ λ/2.
let biasBound (order: float) (sigma: float) (level: float) =
    (order - 1.0) ** (order - 1.0) / order ** order
    * (2.0 / level) ** (order - 1.0)
    * sigma ** order

/// The simpler 2^{a−1}σ^aλ^{1−a}.
let simpleBiasBound (order: float) (sigma: float) (level: float) =
    2.0 ** (order - 1.0) * sigma ** order * level ** (1.0 - order)

/// E‖clip(x+ξ, λ) − x‖² ≤ (3/2)^{2−a}λ^{2−a}σ^a for ‖x‖ ≤ λ/2.
let secondMomentBound (order: float) (sigma: float) (level: float) =
    1.5 ** (2.0 - order) * level ** (2.0 - order) * sigma ** order

/// F*(V, B, ℓ) = Bℓ/3 + √((Bℓ/3)² + 2Vℓ): a martingale with increments ≤ B and total conditional variance ≤ V leaves the
/// ball of this radius with probability ≤ 2e^{−ℓ} (Freedman; in norm, Pinelis 1994).
let freedman (variance: float) (increment: float) (logarithm: float) =
    let third = increment * logarithm / 3.0
    third + sqrt (third * third + 2.0 * variance * logarithm)

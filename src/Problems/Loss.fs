namespace Theory.Problems

open System
open Theory.Numerics

/// A convex loss φ_b(u) of a margin u = aᵀx with target b, as an empirical risk needs it. Blocks of margins are
/// workers × lanes × rows; targets stretch over the lanes.
[<NoEquality; NoComparison>]
type Loss = {
    Name: string
    /// sup φ'' over all margins, attained at margin 0.
    Curvature: float
    /// sup |φ'''| over all margins.
    BendSlope: float
    /// False when the targets are folded into the rows.
    UsesTargets: bool
    /// φ_b(u).
    Value: float -> float -> float
    /// φ_b'(u).
    Slope: float -> float -> float
    /// φ_b''(u).
    Bend: float -> float -> float
    /// The conjugate φ_b*(s) at a slope s of φ_b.
    Conjugate: float -> float -> float
    /// Targets and margins ↦ φ_b'(u).
    Slopes: Block -> Block -> Block
    /// u* and δ ↦ φ_b(u* + δ) − φ_b(u*) − φ_b'(u*)·δ ≥ 0, without cancellation.
    Divergences: Block -> Block -> Block
}

/// The losses.
[<RequireQualifiedAccess>]
module Loss =

    /// ln(1 + t) for t > −1, accurate for small t.
    let logOnePlus (t: float) : float =
        let u = 1.0 + t
        // Kahan: the rounding of 1 + t cancels in the quotient.
        if u = 1.0 then t else Math.Log u * (t / (u - 1.0))

    /// ln(1 + eᵘ) without overflow.
    let softplus (u: float) : float =
        max u 0.0 + logOnePlus (Math.Exp -(abs u))

    /// 1/(1 + e⁻ᵘ), accurate in both tails.
    let sigmoid (u: float) : float =
        let e = Math.Exp -(abs u)
        (if u >= 0.0 then 1.0 else e) / (1.0 + e)

    /// eᵗ − 1 − t ≥ 0, accurate relative to itself.
    let private excess (t: float) : float =
        if abs t > 0.5 then
            Math.Exp t - 1.0 - t
        else
            // t²/2·(1 + t/3·(1 + t/4·(1 + …))).
            let mutable sum = 1.0

            for k in 15..-1..3 do
                sum <- 1.0 + t / float k * sum

            0.5 * t * t * sum

    /// softplus(u + δ) − softplus(u) − softplus'(u)·δ ≥ 0, accurate relative to itself: with s = softplus'(u) it is
    /// ln(1 + s·e((1−s)δ) + (1−s)·e(−sδ)), e(t) = eᵗ − 1 − t, a sum of nonnegative terms.
    let softplusDivergence (u: float) (delta: float) : float =
        // softplus(u) − softplus(−u) is linear: the reflection changes nothing and makes s ≤ ½.
        let u, delta = if u > 0.0 then -u, -delta else u, delta
        let s = sigmoid u

        if abs delta <= 30.0 then
            logOnePlus (s * excess ((1.0 - s) * delta) + (1.0 - s) * excess (-s * delta))
        else
            max 0.0 (softplus (u + delta) - softplus u - s * delta)

    /// ln(1 + eᵘ) of rows multiplied by −y: the logistic loss.
    let logistic: Loss = {
        Name = "logistic"
        Curvature = 0.25
        // p(1 − p)(1 − 2p) is largest at p = ½ − 1/√12.
        BendSlope = 1.0 / (6.0 * sqrt 3.0)
        UsesTargets = false
        Value = fun _ u -> softplus u
        Slope = fun _ u -> sigmoid u
        Bend = fun _ u -> sigmoid u * sigmoid -u
        Conjugate =
            fun _ s ->
                let term p =
                    if p <= 0.0 then 0.0 else p * Math.Log p

                term s + term (1.0 - s)
        Slopes = fun _ u -> u.Sigmoid()
        Divergences = fun u delta -> u.Zip(delta, Func<float, float, float>(fun v d -> softplusDivergence v d))
    }

    /// ½(u − b)².
    let squared: Loss = {
        Name = "squared"
        Curvature = 1.0
        BendSlope = 0.0
        UsesTargets = true
        Value = fun b u -> 0.5 * (u - b) * (u - b)
        Slope = fun b u -> u - b
        Bend = fun _ _ -> 1.0
        Conjugate = fun b s -> 0.5 * s * s + b * s
        Slopes = fun b u -> u - b
        Divergences = fun _ delta -> 0.5 * delta.Square()
    }

namespace Theory

open System

/// The one rounding model of the library. Every check takes its allowance from here; none invents its own.
///
/// A quantity that is computed with `operations` roundings, on intermediate values no larger than `scale`, carries an
/// error of at most about `operations · ε · scale` (ε = 2⁻⁵²) in the worst case and √operations of that typically. The
/// allowance is the worst case with a safety factor, so that no correct computation is refuted by rounding, while a
/// violation of one part in a thousand is always seen.
[<RequireQualifiedAccess>]
module Rounding =

    /// Machine epsilon of a double, 2⁻⁵².
    let epsilon = Math.BitIncrement 1.0 - 1.0

    /// Covers the constants that the operation counts leave out (products of matrices, square roots, measures).
    let private safety = 16.0

    /// Never below this relative size: eigenvalue and moment computations lose a few digits to conditioning.
    let private floor = 1e-9

    /// Relative to the largest entry, below this an eigenvalue of a form is none: the form vanishes in that direction.
    let rank = 1e-12

    /// Relative to the entries that it was made of, below this a form is nothing but rounding.
    let vanishing = 1e-14

    /// Relative difference that two computations of one certified constant may show (eigenvalues against bisection,
    /// closed forms against enumeration).
    let certificate = 1e-8

    /// Relative excess that a parameter computed by its own theorem's rule may show over the theorem's limit.
    let parameter = 1e-12

    /// What a computation may be off by.
    /// operations: roundings on the way to one value (dimension × steps, say); scale: largest magnitude on the way.
    let allowance (operations: float) (scale: float) =
        (safety * operations * epsilon + floor) * abs scale

    /// Allowance for a comparison of two computed sides after `steps` steps in dimension `dimension`.
    let compared (dimension: int) (steps: int) (measured: float) (bound: float) =
        let operations = float (max dimension 1) * float (max steps 1)
        let scale = max (abs measured) (abs bound)

        // Both sides can underflow together; a difference of denormal size is no violation.
        if Double.IsFinite scale then
            allowance operations scale + 1e-300
        else
            0.0

    /// A quadratic form with entries up to `scale` carries a few units of rounding in each entry; a vector of squared norm
    /// `normSquared` weighs them by that norm.
    let form (scale: float) (normSquared: float) =
        safety * epsilon * abs scale * normSquared

    /// A stricter allowance for identities whose two sides are computed by a few operations each (no eigenvalues, no
    /// trajectories): relative to the largest magnitude that entered.
    let identity (operations: float) (scale: float) =
        safety * (operations + 64.0) * epsilon * abs scale + 1e-300

    /// What a trajectory that has converged cannot resolve: squared distances below (ε·scale)² · operations are noise.
    let resolution (operations: float) (scale: float) =
        let unit = safety * epsilon * abs scale
        unit * unit * max operations 1.0

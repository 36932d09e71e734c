namespace Theory

open System

/// How a stored constant relates to the true one.
[<RequireQualifiedAccess>]
type Certainty =
    /// The stored value is the constant, to rounding.
    | Exact
    /// The true constant is at most the stored value.
    | UpperBound
    /// The true constant is at least the stored value.
    | LowerBound

/// A constant of an instance with its certificate: how it was computed, and a second computation on another way.
/// Nobody types a constant in.
[<NoEquality; NoComparison>]
type Constant = {
    /// The field's symbol: L, mu, omega, delta, …
    Symbol: string
    /// The stored value.
    Value: float
    /// How the value relates to the true constant.
    Certainty: Certainty
    /// How the value was computed ("largest eigenvalue of the mean Hessian").
    Certificate: string
    /// The second way.
    Recompute: unit -> float
    /// Relative difference that the second way may show.
    Tolerance: float
}

[<RequireQualifiedAccess>]
module Constant =

    /// An exact constant with its second computation, within `Rounding.certificate`.
    let exact symbol certificate value recompute = {
        Symbol = symbol
        Value = value
        Certainty = Certainty.Exact
        Certificate = certificate
        Recompute = recompute
        Tolerance = Rounding.certificate
    }

    /// A constant known from above; the second way computes something that must not exceed it.
    let upper symbol certificate value recompute = {
        exact symbol certificate value recompute with
            Certainty = Certainty.UpperBound
    }

    /// A constant known from below; the second way computes something that must not fall under it.
    let lower symbol certificate value recompute = {
        exact symbol certificate value recompute with
            Certainty = Certainty.LowerBound
    }

    /// Does the second computation agree? On failure: what was found and what was expected.
    let check (constant: Constant) : Result<unit, string> =
        let again = constant.Recompute()
        let slack = constant.Tolerance * max (abs constant.Value) (max (abs again) 1e-12)

        let holds =
            match constant.Certainty with
            | Certainty.Exact -> abs (again - constant.Value) <= slack
            | Certainty.UpperBound -> again <= constant.Value + slack
            | Certainty.LowerBound -> again >= constant.Value - slack

        if holds && Double.IsFinite again then
            Ok()
        else
            Error
                $"{constant.Symbol} = {constant.Value:R} ({constant.Certificate}), but the second computation gives {again:R}."

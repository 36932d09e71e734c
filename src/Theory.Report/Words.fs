namespace Theory.Report

open System
open System.Globalization
open Theory

/// Numbers and names as the pages write them.
[<RequireQualifiedAccess>]
module Words =

    let private invariant = CultureInfo.InvariantCulture

    /// Four significant digits, an exponent where a number is long; "–" for no number.
    let number (value: float) : string =
        if Double.IsNaN value then
            "–"
        elif Double.IsPositiveInfinity value then
            "∞"
        elif Double.IsNegativeInfinity value then
            "−∞"
        elif value <> 0.0 && (abs value < 1e-3 || abs value >= 1e6) then
            value.ToString("0.###e0", invariant)
        else
            value.ToString("G4", invariant)

    /// Ten significant digits, for two sides that may differ late.
    let precise (value: float) : string =
        if Double.IsFinite value then
            value.ToString("G10", invariant)
        else
            number value

    /// A ratio or a factor with four decimals; very small and very large ones as they are.
    let ratio (value: float) : string =
        if value > 0.0 && value < 1e-4 then
            "<0.0001"
        elif value >= 1e-4 && value < 1e4 then
            value.ToString("0.0000", invariant)
        else
            number value

    /// "0.9846 … 1.0000", once where both ends read the same.
    let range (low: float) (high: float) : string =
        if ratio low = ratio high then
            ratio low
        else
            $"{ratio low} … {ratio high}"

    /// "1 claim", "2 claims".
    let count (n: int) (noun: string) : string =
        if n = 1 then $"1 {noun}" else $"{n} {noun}s"

    /// A text that may stand in an id and in a file's name: letters, digits, '-', '_' and '.'.
    let slug (text: string) : string =
        text
        |> String.map (fun c ->
            if Char.IsAsciiLetterOrDigit c || c = '-' || c = '_' || c = '.' then
                c
            else
                '-')

    /// What a comparison counts, in a word or two.
    let spending (by: Spending) : string =
        match by with
        | Spending.Steps -> "steps"
        | Spending.Rounds -> "rounds"
        | Spending.Gradients -> "gradients"
        | Spending.Floats -> "floats"
        | Spending.Bits -> "bits"
        | Spending.Gossip -> "gossip"
        | Spending.Messages -> "messages"
        | Spending.LocalSteps -> "local steps"
        | Spending.Samples -> "samples"
        | Spending.Seconds -> "seconds"

    /// What a kind of claim says.
    let kind (kind: ClaimKind) : string =
        match kind with
        | ClaimKind.Exact -> "an identity or an equality"
        | ClaimKind.Sure -> "on every run"
        | ClaimKind.Mean -> "in expectation"
        | ClaimKind.Prob -> "with a probability"
        | ClaimKind.Law -> "of a distribution"
        | ClaimKind.Lower -> "a lower bound"
        | ClaimKind.Count -> "of what is counted"
        | ClaimKind.Scaling -> "how a quantity scales"

    /// What a verdict says.
    let verdict (verdict: Verdict) : string =
        match verdict with
        | Verdict.Proved -> "for all states of every instance tried"
        | Verdict.Exhausted -> "for every outcome of the randomness, from the starts tried"
        | Verdict.Held -> "on every trajectory tried"
        | Verdict.Consistent -> "not refuted statistically, at the stated level"
        | Verdict.Refuted -> "a counterexample was found"
        | Verdict.Inconclusive -> "nothing can be said"

    /// What a rung of evidence is.
    let rung (rung: Rung) : string =
        match rung with
        | Rung.Spectral -> "a matrix inequality: all states of the instance at once"
        | Rung.Moments -> "exact mean and covariance of the whole trajectory"
        | Rung.Enumerated -> "every outcome with its probability"
        | Rung.Trajectories -> "every trajectory tried, at every step"
        | Rung.Replicates -> "samples, with statistics that are valid whenever they are looked at"

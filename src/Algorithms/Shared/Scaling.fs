namespace Theory.Algorithms

open System
open Theory

/// Powers that counts grow with.
[<RequireQualifiedAccess>]
module Scaling =

    /// The exponent a of y ~ xᵃ by least squares of the logarithms.
    let exponent (points: (float * float) list) : float =
        let logs = points |> List.map (fun (x, y) -> Math.Log x, Math.Log y)
        let meanX, meanY = List.averageBy fst logs, List.averageBy snd logs

        (logs |> List.sumBy (fun (x, y) -> (x - meanX) * (y - meanY)))
        / (logs |> List.sumBy (fun (x, _) -> (x - meanX) ** 2.0))

    /// |fitted exponent − expected| ≤ margin, the margin being part of the claim.
    let near rung label (expected: float) (margin: float) (points: (float * float) list) : Evidence =
        let fitted = exponent points

        Evidence.ofRows rung Relation.AtMost [
            Evidence.row
                Relation.AtMost
                1
                1
                $"{label}: fitted exponent {fitted:F3}, distance from {expected}"
                (abs (fitted - expected))
                margin
        ]

namespace Theory.Algorithms

open Theory

/// Equality of runs to the last bit: for methods that are one another under another name, where no rounding can differ.
[<RequireQualifiedAccess>]
module BitForBit =

    /// Evidence of equal trajectories with no allowance at all: every distance must vanish.
    let strictly (evidence: Evidence) : Evidence =
        let strict =
            evidence.Rows.Value
            |> List.map (fun row -> {
                row with
                    Holds = (row.Measured = row.Bound)
            })
            |> Evidence.ofRows evidence.Rung Relation.Equal

        {
            strict with
                Tightness = if strict.Violation.IsNone then 1.0 else infinity
        }

    /// Two processes on the same draws reach the same outputs, bit for bit, at every step.
    let same ctx first start output second other outputOther steps : Evidence =
        Trajectories.same ctx first start output second other outputOther steps
        |> strictly

namespace Theory

open System

/// The rungs of the ladder of evidence, strongest first.
[<RequireQualifiedAccess>]
type Rung =
    /// A matrix inequality: all states of the instance at once.
    | Spectral
    /// Exact mean and covariance of the whole trajectory.
    | Moments
    /// Every outcome with its probability.
    | Enumerated
    /// Every trajectory tried, at every step.
    | Trajectories
    /// Samples, with statistics that are valid whenever they are looked at.
    | Replicates

/// The eight kinds of claim.
[<RequireQualifiedAccess>]
type ClaimKind =
    /// An identity.
    | Exact
    /// Every run.
    | Sure
    /// An expectation.
    | Mean
    /// A probability of failure.
    | Prob
    /// A distribution.
    | Law
    /// A lower bound.
    | Lower
    /// How much is needed: steps, rounds, bits.
    | Count
    /// How a count grows with a constant.
    | Scaling

/// What a verification says of a claim; never a bare pass.
[<RequireQualifiedAccess>]
type Verdict =
    /// For all states of every instance tried.
    | Proved
    /// Every outcome of the randomness, from the starts tried.
    | Exhausted
    /// On every trajectory tried.
    | Held
    /// Statistically: no refutation at the stated level.
    | Consistent
    /// Some comparison failed, beyond the rounding allowance.
    | Refuted
    /// Nothing can be said, and the note says why.
    | Inconclusive

/// How the measured side relates to the bound.
[<RequireQualifiedAccess>]
type Relation =
    /// measured ≤ bound.
    | AtMost
    /// measured ≥ bound.
    | AtLeast
    /// measured = bound.
    | Equal

/// One comparison, for the table that a replay prints.
type Row = {
    /// Where: the step, the start.
    Label: string
    /// The measured side.
    Measured: float
    /// The other side.
    Bound: float
    /// Whether the relation holds within the rounding allowance.
    Holds: bool
}

/// What a check found on one instance.
[<NoEquality; NoComparison>]
type Evidence = {
    /// What it stands on.
    Rung: Rung
    /// How the measured side relates to the bound.
    Relation: Relation
    /// The first comparison that failed beyond the allowance, if any.
    Violation: Row option
    /// Why nothing can be said, if so.
    Undecided: string option
    /// Largest measured/bound (for AtLeast: bound/measured); 1 where the bound is attained.
    Tightness: float
    /// Comparisons made.
    Cases: int
    /// Both sides step by step, computed on demand; a replay prints them.
    Rows: Lazy<Row list>
    /// What else is worth saying: the violation that a statistical check would have caught, the worst start.
    Note: string
}

[<RequireQualifiedAccess>]
module Evidence =

    /// Does the comparison hold within an allowance?
    let holds relation allowance measured bound =
        if Double.IsNaN measured || Double.IsNaN bound then
            false
        else
            match relation with
            | Relation.AtMost -> measured <= bound + allowance
            | Relation.AtLeast -> measured >= bound - allowance
            | Relation.Equal -> measured = bound || abs (measured - bound) <= allowance

    let private ratio relation measured bound =
        match relation with
        | Relation.AtMost ->
            if measured = bound then 1.0
            elif bound = 0.0 then Double.PositiveInfinity
            else measured / bound
        | Relation.AtLeast ->
            if measured = bound then 1.0
            elif measured = 0.0 then Double.PositiveInfinity
            else bound / measured
        | Relation.Equal ->
            if measured = bound then 1.0
            elif bound = 0.0 then Double.PositiveInfinity
            else measured / bound

    /// A comparison with the library's allowance for `dimension` × `steps` operations.
    let row relation dimension steps label measured bound = {
        Label = label
        Measured = measured
        Bound = bound
        Holds = holds relation (Rounding.compared dimension steps measured bound) measured bound
    }

    /// Evidence from comparisons. The worst ratio is taken over comparisons whose sides are above `resolution`, below
    /// which both sides are rounding noise; comparisons under it pass.
    let ofRowsAbove (resolution: float) rung relation (rows: Row list) =
        let counted =
            rows
            |> List.map (fun r ->
                if
                    r.Holds
                    || (max (abs r.Measured) (abs r.Bound) > resolution)
                    || Double.IsNaN r.Measured
                then
                    r
                else
                    { r with Holds = true })

        let ratios =
            counted
            |> List.filter (fun r -> max (abs r.Measured) (abs r.Bound) > resolution)
            |> List.map (fun r -> ratio relation r.Measured r.Bound)
            |> List.filter (fun t -> not (Double.IsNaN t))

        {
            Rung = rung
            Relation = relation
            Violation = counted |> List.tryFind (fun r -> not r.Holds)
            Undecided = if rows.IsEmpty then Some "nothing was compared" else None
            Tightness = if ratios.IsEmpty then nan else List.max ratios
            Cases = rows.Length
            Rows = lazy counted
            Note = ""
        }

    /// Evidence from comparisons, all of them counted.
    let ofRows rung relation rows = ofRowsAbove 0.0 rung relation rows

    /// Nothing can be said, and why.
    let undecided rung reason = {
        Rung = rung
        Relation = Relation.AtMost
        Violation = None
        Undecided = Some reason
        Tightness = nan
        Cases = 0
        Rows = lazy []
        Note = ""
    }

    /// The same evidence with a remark.
    let note text evidence = { evidence with Note = text }

    /// Several pieces of evidence for one claim on one instance: all must hold; the weakest rung counts.
    let all (pieces: Evidence list) =
        let finite =
            pieces
            |> List.map (fun e -> e.Tightness)
            |> List.filter (fun t -> not (Double.IsNaN t))

        {
            Rung = pieces |> List.map (fun e -> e.Rung) |> List.max
            Relation = (List.head pieces).Relation
            Violation = pieces |> List.tryPick (fun e -> e.Violation)
            Undecided = pieces |> List.tryPick (fun e -> e.Undecided)
            Tightness = if finite.IsEmpty then nan else List.max finite
            Cases = pieces |> List.sumBy (fun e -> e.Cases)
            Rows = lazy (pieces |> List.collect (fun e -> e.Rows.Value))
            Note =
                pieces
                |> List.map (fun e -> e.Note)
                |> List.filter ((<>) "")
                |> String.concat "; "
        }

    /// The verdict of evidence that was not refuted.
    let verdict evidence =
        match evidence.Violation, evidence.Undecided, evidence.Rung with
        | Some _, _, _ -> Verdict.Refuted
        | None, Some _, _ -> Verdict.Inconclusive
        | None, None, Rung.Spectral -> Verdict.Proved
        | None, None, (Rung.Moments | Rung.Enumerated) -> Verdict.Exhausted
        | None, None, Rung.Trajectories -> Verdict.Held
        | None, None, Rung.Replicates -> Verdict.Consistent

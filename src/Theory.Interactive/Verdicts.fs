namespace Theory.Interactive

open Theory

/// A refutation, from Core or from the facade.
[<NoComparison>]
type internal Refutation = {
    Instance: string
    Where: string
    Measured: float
    Bound: float
    Remark: string
    Token: string
}

/// What verification found, from Core or from the facade.
[<NoComparison>]
type internal Judged = {
    Claim: string
    Kind: string
    Statement: string
    Verdict: string
    Rung: string option
    Instances: int
    Comparisons: int
    IsErratum: bool
    AsClaimed: bool
    /// Smallest and largest measured/bound.
    Tightness: (float * float) option
    /// Name, and whether it was killed.
    Falsifiers: (string * bool) list
    Refutation: Refutation option
    Note: string
}

/// Verdicts of Core and of the facade seen alike.
[<RequireQualifiedAccess>]
module internal Judged =

    let private refutation (c: Counterexample) = {
        Instance = c.Instance
        Where = c.Violation.Label
        Measured = c.Violation.Measured
        Bound = c.Violation.Bound
        Remark = c.Note
        Token = c.Token
    }

    let private apiRefutation (c: Api.CounterexampleReport) = {
        Instance = c.Instance
        Where = c.Violation.Label
        Measured = c.Violation.Measured
        Bound = c.Violation.Bound
        Remark = c.Note
        Token = c.Token
    }

    let ofResult (r: ClaimResult) = {
        Claim = r.Claim
        Kind = string r.Kind
        Statement = r.Statement
        Verdict = string r.Verdict
        Rung = r.Rung |> Option.map string
        Instances = r.Instances
        Comparisons = r.Cases
        IsErratum = r.IsErratum
        AsClaimed = r.AsClaimed
        Tightness =
            if System.Double.IsNaN r.TightnessMax then
                None
            else
                Some(r.TightnessMin, r.TightnessMax)
        Falsifiers = r.Falsifiers |> List.map (fun f -> f.Name, f.Killed)
        Refutation = r.Counterexample |> Option.map refutation
        Note = r.Note
    }

    let ofReport (r: Api.ClaimReport) = {
        Claim = r.Claim
        Kind = string r.Kind
        Statement = r.Statement
        Verdict = string r.Verdict
        Rung = r.Rung |> Option.ofNullable |> Option.map string
        Instances = r.Instances
        Comparisons = r.Comparisons
        IsErratum = r.IsErratum
        AsClaimed = r.AsClaimed
        Tightness =
            match Option.ofNullable r.SmallestTightness, Option.ofNullable r.Tightness with
            | Some least, Some most -> Some(least, most)
            | _ -> None
        Falsifiers = [ for f in r.Falsifiers -> f.Name, f.Killed ]
        Refutation = r.Counterexample |> Option.ofObj |> Option.map apiRefutation
        Note = r.Note
    }

/// What is shown of verdicts, counterexamples, evidence and replays. Times are left out: the same check shows the same
/// text.
[<RequireQualifiedAccess>]
module internal VerdictViews =

    let private tone (j: Judged) =
        if j.Verdict = string Verdict.Inconclusive then Tone.Open
        elif j.AsClaimed then Tone.Good
        else Tone.Bad

    let private verdictText (j: Judged) =
        let rung = j.Rung |> Option.map (fun r -> $" ({r})") |> Option.defaultValue ""
        j.Verdict + (if j.IsErratum then ", as an erratum must be" else "") + rung

    let private tightness (j: Judged) =
        match j.Tightness with
        | Some(least, most) -> Number.ratios least most
        | None -> "–"

    let private killed (j: Judged) =
        if j.Falsifiers.IsEmpty then
            "–"
        else
            let dead = j.Falsifiers |> List.filter snd |> List.length
            $"{dead}/{j.Falsifiers.Length} killed"

    let private refuted (r: Refutation) : View = [
        Part.Line $"Counterexample at {r.Where}: measured {Number.text r.Measured}, bound {Number.text r.Bound}"
        if r.Remark <> "" then
            Part.Line r.Remark
        Part.Code("Instance", r.Instance)
        Part.Code("Replay token", r.Token)
    ]

    let private falsifiers (j: Judged) : View =
        if j.Falsifiers.IsEmpty then
            []
        else
            [
                Part.Table {
                    Header = [ "falsifier"; "fate" ]
                    Rows = [
                        for name, dead in j.Falsifiers -> [ name; (if dead then "killed" else "alive") ]
                    ]
                }
            ]

    /// One verdict in full.
    let one (j: Judged) : View = [
        Part.Title $"{j.Claim} ({j.Kind}): {j.Statement}"
        Part.Verdict(tone j, verdictText j)
        let tried = Number.many j.Instances "instance"
        let compared = Number.many j.Comparisons "comparison"
        Part.Line $"{tried}, {compared}, tightness {tightness j}"

        if j.Note <> "" && j.Refutation.IsNone then
            Part.Line j.Note

        yield! j.Refutation |> Option.map refuted |> Option.defaultValue []
        yield! falsifiers j
    ]

    /// Verdicts as a table.
    let many (all: Judged seq) : View =
        let all = List.ofSeq all
        let mark j = if tone j = Tone.Good then "" else " !"

        [
            Part.Table {
                Header = [ "claim"; "kind"; "verdict"; "instances"; "tightness"; "falsifiers" ]
                Rows = [
                    for j in all ->
                        [
                            j.Claim
                            j.Kind
                            verdictText j + mark j
                            Number.count j.Instances
                            tightness j
                            killed j
                        ]
                ]
            }
            let strange = all |> List.filter (fun j -> tone j <> Tone.Good)

            if strange.IsEmpty then
                Part.Verdict(Tone.Good, "Everything is as claimed.")
            else
                let names = strange |> List.map (fun j -> j.Claim) |> String.concat ", "
                Part.Verdict(Tone.Bad, $"Not as claimed: {names}.")
        ]

    /// A counterexample of its own.
    let counterexample (c: Counterexample) : View =
        Part.Verdict(Tone.Bad, "Refuted")
        :: refuted {
            Instance = c.Instance
            Where = c.Violation.Label
            Measured = c.Violation.Measured
            Bound = c.Violation.Bound
            Remark = c.Note
            Token = c.Token
        }

    /// A counterexample of the facade.
    let counterexampleReport (c: Api.CounterexampleReport) : View =
        Part.Verdict(Tone.Bad, "Refuted")
        :: refuted {
            Instance = c.Instance
            Where = c.Violation.Label
            Measured = c.Violation.Measured
            Bound = c.Violation.Bound
            Remark = c.Note
            Token = c.Token
        }

    /// Most rows that a replay shows.
    let private shown = 24

    let private rows (all: (string * float * float * bool) list) : View = [
        Part.Table {
            Header = [ "where"; "measured"; "bound"; "holds" ]
            Rows = [
                for label, measured, bound, holds in List.truncate shown all ->
                    [
                        label
                        Number.text measured
                        Number.text bound
                        (if holds then "yes" else "no")
                    ]
            ]
        }
        if all.Length > shown then
            Part.Line $"… and {all.Length - shown} more rows."
    ]

    let private toneOf verdict =
        match verdict with
        | "Refuted" -> Tone.Bad
        | "Inconclusive" -> Tone.Open
        | _ -> Tone.Good

    let private both claim falsifier instance verdict note all : View = [
        Part.Title(
            match falsifier with
            | Some name -> $"{claim}, falsifier “{name}”"
            | None -> claim
        )
        Part.Verdict(toneOf verdict, verdict)
        Part.Code("Instance", instance)
        if note <> "" then
            Part.Line note
        yield! rows all
    ]

    /// Both sides of a replay.
    let replayed (r: Replayed) =
        both
            r.Claim
            r.Falsifier
            r.Instance
            (string r.Verdict)
            r.Note
            (r.Rows |> List.map (fun row -> row.Label, row.Measured, row.Bound, row.Holds))

    /// Both sides of a replay of the facade.
    let replayReport (r: Api.ReplayReport) =
        both r.Claim (Option.ofObj r.Falsifier) r.Instance (string r.Verdict) r.Note [
            for row in r.Rows -> row.Label, row.Measured, row.Bound, row.Holds
        ]

    let private evidenceOf verdict rung tightness cases note undecided violation : View = [
        Part.Verdict(toneOf verdict, $"{verdict} ({rung})")
        let attained = tightness |> Option.map Number.ratio |> Option.defaultValue "–"
        let compared = Number.many cases "comparison"
        Part.Line $"{compared}, tightness {attained}"

        match violation with
        | Some(label, measured, bound) ->
            Part.Line $"First violation, {label}: measured {Number.text measured}, bound {Number.text bound}"
        | None -> ()

        match undecided with
        | Some reason -> Part.Line $"Undecided: {reason}"
        | None -> ()

        if note <> "" then
            Part.Line note
    ]

    /// What a check found on one instance.
    let evidence (e: Evidence) =
        evidenceOf
            (string (Evidence.verdict e))
            (string e.Rung)
            (if System.Double.IsNaN e.Tightness then
                 None
             else
                 Some e.Tightness)
            e.Cases
            e.Note
            e.Undecided
            (e.Violation |> Option.map (fun r -> r.Label, r.Measured, r.Bound))

    /// What a check of the facade found on one instance.
    let evidenceReport (e: Api.Evidence) =
        evidenceOf
            (string e.Verdict)
            (string e.Rung)
            (Option.ofNullable e.Tightness)
            e.Rows.Count
            e.Note
            (Option.ofObj e.Undecided)
            (e.Violation
             |> Option.ofObj
             |> Option.map (fun r -> r.Label, r.Measured, r.Bound))

namespace Theory.Interactive

open System
open Theory

/// What is shown of papers and claims: statements typeset, with where they come from.
[<RequireQualifiedAccess>]
module internal PaperViews =

    let private claimOf id kind formula statement assumptions source erratum : View = [
        Part.Title $"{id} ({kind})"
        if String.IsNullOrEmpty formula then
            Part.Line statement
        else
            Part.Formula formula
        if assumptions <> "" then
            Part.Line assumptions
        Part.Line source
        match erratum with
        | Some wrong -> Part.Verdict(Tone.Open, $"Erratum: {wrong}")
        | None -> ()
    ]

    /// A claim.
    let claim (c: Claim) =
        claimOf c.Id (string c.Kind) c.Formula c.Statement c.Assumptions c.Source c.Erratum

    /// A claim of the facade.
    let claimInfo (c: Api.ClaimInfo) =
        claimOf c.Id (string c.Kind) c.Formula c.Statement c.Assumptions c.Source (Option.ofObj c.Erratum)

    /// The formula; a statement without one as it stands, between marks that it does not contain.
    let private latexOf formula (statement: string) =
        if String.IsNullOrEmpty formula then
            let mark =
                "|!;=+/~" |> Seq.tryFind (statement.Contains >> not) |> Option.defaultValue '"'

            $"$$\\verb{mark}{statement}{mark}$$"
        else
            $"$${formula}$$"

    /// A claim's statement as text/latex.
    let claimLatex (c: Claim) = latexOf c.Formula c.Statement

    /// The same of the facade.
    let claimInfoLatex (c: Api.ClaimInfo) = latexOf c.Formula c.Statement

    let private paperOf key title citation problem methods claims : View = [
        Part.Title $"{key}: {title}"
        Part.Line citation
        Part.Line problem
        if not (List.isEmpty methods) then
            Part.Table {
                Header = [ "method"; "step" ]
                Rows = [ for name, summary in methods -> [ name; summary ] ]
            }
        if not (List.isEmpty claims) then
            Part.Table {
                Header = [ "claim"; "kind"; "statement" ]
                Rows = [ for id, kind, statement in claims -> [ id; kind; statement ] ]
            }
    ]

    /// A paper.
    let paper (p: Paper) =
        paperOf
            p.Key
            p.Title
            p.Citation
            p.Problem
            (p.Methods |> List.map (fun m -> m.Name, m.Summary))
            (p.Claims |> List.map (fun c -> c.Id, string c.Kind, c.Statement))

    /// A paper of the facade.
    let paperInfo (p: Api.PaperInfo) =
        paperOf p.Key p.Title p.Citation p.Problem [ for m in p.Methods -> m.Name, m.Summary ] [
            for c in p.Claims -> c.Id, string c.Kind, c.Statement
        ]

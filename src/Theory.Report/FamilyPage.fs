namespace Theory.Report

open Giraffe.ViewEngine
open Theory.Views

/// The page of a family: its methods with what they promise and do, its claims.
[<RequireQualifiedAccess>]
module FamilyPage =

    let private methodCells path (results: Map<string, Theory.ClaimResult>) (part: MethodPart) =
        let row = part.Row
        let certified, worst, longRun = MethodPieces.factors row

        let target =
            Layout.relative path (Layout.paper row.Paper.Key)
            + "#"
            + MethodPieces.anchor row.Entry.Name

        [
            Html.link target row.Entry.Name
            Html.link (Layout.relative path (Layout.paper row.Paper.Key)) row.Paper.Key
            match row.Claim with
            | Some claim -> Html.link (Layout.relative path (Layout.claim row.Paper.Key claim.Id)) claim.Id
            | None -> Html.text "–"
            Html.text certified
            Html.text worst
            Html.text longRun
            Html.text (
                row.Claim
                |> Option.bind (fun c -> results.TryFind c.Id)
                |> ClaimPieces.tightness
            )
            match row.Claim with
            | Some claim when claim.Formula <> "" ->
                span [ _class "math"; _data "tex" claim.Formula; _data "display" "inline" ] [
                    Html.text claim.Statement
                ]
            | Some claim -> Html.text claim.Statement
            | None -> Html.text "–"
            match row.Reference with
            | Some on -> code [] [ Html.text on.Instance ]
            | None -> Html.text "–"
            Html.text (
                match row.Compressors with
                | [] -> "–"
                | names -> String.concat ", " names
            )
            Html.text (
                match MethodPieces.cost row with
                | "" -> "–"
                | cost -> cost
            )
        ]

    let private methods path results (parts: MethodPart list) =
        Html.table
            "Methods: what their theorems promise and what they do on a reference instance"
            [
                Html.words "method"
                Html.words "paper"
                Html.words "claim"
                Html.numbers "certified"
                Html.numbers "worst step"
                Html.numbers "long run"
                Html.numbers "tightness"
                Html.sentences "rate"
                Html.words "instance"
                Html.words "compressor"
                Html.sentences "cost of a step"
            ]
            (parts |> List.map (methodCells path results))

    let private claims path (family: FamilyPart) =
        Html.table "Claims: tightness is the largest ratio of the two sides that was found, 1 is attained" [
            Html.words "claim"
            Html.sentences "statement"
            Html.words "kind"
            Html.words "verdict"
            Html.words "rung"
            Html.numbers "tightness"
        ] [
            for part in family.Papers do
                for claim, result in part.Claims ->
                    [
                        Html.link (Layout.relative path (Layout.claim part.Paper.Key claim.Id)) claim.Id
                        Html.text claim.Statement
                        Html.text (string claim.Kind)
                        Html.verdict result
                        Html.rung result
                        Html.text (ClaimPieces.tightness result)
                    ]
        ]

    /// Entries of the vectors at which compressors are placed in the plane of variance against bits.
    let private planeDimension = 64

    /// The page of a family.
    let page (drawn: bool) (family: FamilyPart) : PageContent =
        let path = Layout.family family.Family.Key
        let parts = family.Papers |> List.collect (fun p -> p.Methods)
        let results = family.Papers |> List.collect (fun p -> p.Results)
        let byId = results |> List.map (fun r -> r.Claim, r) |> Map.ofList

        {
            Path = path
            Title = family.Family.Title
            Summary = $"""{family.Family.Title}: {Words.count parts.Length "method"} with rates and exact factors."""
            Scripts = []
            Body = [
                h1 [] [ Html.text family.Family.Title ]
                p [ _class "lead" ] [
                    Html.text
                        $"""{Words.count family.Papers.Length "paper"}, {Words.count parts.Length "method"}, {Words.count (family.Papers |> List.sumBy (fun p -> p.Claims.Length)) "claim"}."""
                ]
                ul [ _class "cards" ] [
                    for part in family.Papers do
                        li [] [
                            Html.link (Layout.relative path (Layout.paper part.Paper.Key)) part.Paper.Key
                            span [] [ Html.text part.Paper.Title ]
                        ]
                ]
                if not parts.IsEmpty then
                    h2 [] [ Html.text "Methods" ]

                    Html.paragraph
                        "Certified is the factor per step that the theorem promises with its own parameters on the instance named in the row; worst step is the largest factor by which one step can change the theorem's own measure, over every state that a run can reach; long run is the factor per step of the expected squared distance after many steps. Floors of noise are left out of all three."

                    methods path byId parts
                if parts |> List.exists (fun part -> not part.Row.Compressors.IsEmpty) then
                    h2 [] [ Html.text "Compressors" ]
                    Html.chart drawn (Charts.plane planeDimension)
                h2 [] [ Html.text "Claims" ]
                claims path family
                if not (Charts.bounds results).IsEmpty then
                    Html.chart drawn (Charts.tightness results)
            ]
        }

namespace Theory.Views

open System
open Theory
open Theory.Algorithms

/// What a verification found, claim by claim.
[<RequireQualifiedAccess>]
module internal ClaimCharts =

    /// Bounds: an identity is attained by what it is, and an erratum is none.
    let boundsOf (results: ClaimResult list) =
        results
        |> List.filter (fun r -> not r.IsErratum && r.Kind <> ClaimKind.Exact && Double.IsFinite r.TightnessMax)

    let private rungName (result: ClaimResult) =
        match result.Rung with
        | Some rung -> string rung
        | None -> "nothing checked"

    let private rungs' = [
        "Spectral"
        "Moments"
        "Enumerated"
        "Trajectories"
        "Replicates"
        "nothing checked"
    ]

    let private rungsOf (results: ClaimResult list) =
        rungs'
        |> List.filter (fun r -> results |> List.exists (fun c -> rungName c = r))

    let tightness (results: ClaimResult list) : Chart =
        let claims = boundsOf results
        let bins = 20

        let bin (r: ClaimResult) =
            min (bins - 1) (int (float bins * max 0.0 (r.TightnessMax - 1e-9)))

        let rows =
            claims
            |> List.countBy (fun r -> bin r, rungName r)
            |> List.sortBy (fun ((b, rung), _) -> b, List.findIndex ((=) rung) rungs')
            |> List.map (fun ((b, rung), count) -> [
                "from", Vega.number (float b / float bins)
                "to", Vega.number (float (b + 1) / float bins)
                "series", Vega.text rung
                "claims", Vega.number (float count)
            ])

        let attained =
            claims |> List.filter (fun r -> r.TightnessMax >= 0.99) |> List.length

        Chart.create
            "How tight the bounds are"
            "largest measured/bound that was found; 1 is attained; identities left out"
            $"Of {claims.Length} bounds {attained} are attained to a hundredth on an instance that was tried."
            260.0
            rows
            [
                "mark", Vega.mark "bar" [ "tooltip", Vega.flag true ]
                "encoding",
                Vega.node [
                    "x",
                    Vega.quantity "from" "tightness" [
                        "bin", Vega.node [ "binned", Vega.flag true; "step", Vega.number (1.0 / float bins) ]
                        Vega.scale [ "domain", Vega.list [ Vega.number 0.0; Vega.number 1.0 ] ]
                    ]
                    "x2", Vega.node [ "field", Vega.text "to" ]
                    "y", Vega.quantity "claims" "claims" [ "axis", Vega.node [ "tickMinStep", Vega.number 1.0 ] ]
                    Vega.series (rungsOf claims)
                ]
            ]

    let rungs (papers: Paper list) (results: ClaimResult list) : Chart =
        let titles =
            FamilyTable.families |> List.map (fun f -> f.Key, f.Title) |> Map.ofList

        let family (r: ClaimResult) =
            match papers |> List.tryFind (fun p -> p.Key = r.Paper) with
            | Some p -> titles.TryFind p.Family |> Option.defaultValue p.Family
            | None -> "other"

        let present = rungsOf results

        let rows =
            results
            |> List.countBy (fun r -> family r, rungName r)
            |> List.map (fun ((family, rung), count) -> [
                "family", Vega.text family
                "series", Vega.text rung
                "order", Vega.number (float (List.findIndex ((=) rung) rungs'))
                "claims", Vega.number (float count)
            ])

        let shares =
            present
            |> List.map (fun rung ->
                let count = results |> List.filter (fun r -> rungName r = rung) |> List.length
                $"{count} on {rung}")
            |> String.concat ", "

        let families = results |> List.map family |> List.distinct

        Chart.create
            "What the verdicts stand on"
            "claims by rung of evidence"
            $"{results.Length} claims: {shares}."
            (44.0 * float families.Length)
            rows
            [
                "mark", Vega.mark "bar" [ "tooltip", Vega.flag true ]
                "encoding",
                Vega.node [
                    "y",
                    Vega.name "family" "" [ "axis", Vega.node [ "labelLimit", Vega.number 260.0; "title", Node.Null ] ]
                    "x", Vega.quantity "claims" "claims" []
                    "order", Vega.node [ "field", Vega.text "order"; "type", Vega.text "quantitative" ]
                    Vega.series present
                ]
            ]

namespace Theory.Views

open System
open Theory
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// The charts of runs, rates, verifications and compressors: one function each from results to a specification.
[<RequireQualifiedAccess>]
module Charts =

    let private series (names: string list) =
        "color",
        Vega.node [
            "field", Vega.text "series"
            "type", Vega.text "nominal"
            Vega.colours names
            Vega.legend
        ]

    let private summaryName (bound: BoundRecord) =
        match bound.Summary with
        | Summary.Last -> ""
        | Summary.RunningMean -> "running mean of "
        | Summary.RunningMin -> "running minimum of "

    let private positive (value: float) =
        if value > 0.0 && Double.IsFinite value then value else nan

    /// A bound beside what was measured along a run: the mean over lanes for a bound on an expectation, else the largest lane,
    /// with a band from the lanes' 10 % to their 90 % quantile. The y-axis is logarithmic; the x-axis too where the bound
    /// falls as a power of k.
    /// Raises ArgumentException where the run does not count `by`, or the bound needs every step and the run skipped some.
    let run (problem: IProblem) (by: Spending) (name: string) (run: MethodRun) (bound: BoundRecord) : Chart =
        if bound.Measured.Length = 0 then
            invalidArg (nameof bound) $"{bound.Name} summarises every step; record every step of the run."

        let lanes = run.DivergedAt.Length
        let spent = Axis.amounts problem by run
        let bounds = bound.Bound |> Array.map Array.average
        let logarithmic = Axis.polynomial bounds

        let measured (values: float[]) =
            if bound.InExpectation then
                Array.average values
            else
                Array.max values

        let what =
            match lanes, bound.InExpectation with
            | 1, _ -> "measured"
            | n, true -> $"measured, mean of {n} runs"
            | n, false -> $"measured, worst of {n} runs"

        let shown =
            Axis.shown logarithmic run.Steps
            |> List.filter (fun at -> not logarithmic || spent[at] > 0.0)

        let rows =
            shown
            |> List.map (fun at -> [
                "step", Vega.number (float run.Steps[at])
                "spent", Vega.number spent[at]
                "measured", Vega.number (positive (measured bound.Measured[at]))
                "low", Vega.number (positive (Axis.quantile 0.1 bound.Measured[at]))
                "high", Vega.number (positive (Axis.quantile 0.9 bound.Measured[at]))
                "bound", Vega.number (positive bounds[at])
            ])

        let x =
            "x", Vega.quantity "spent" (Axis.title by) [ if logarithmic then Vega.log else Vega.linear ]

        let y field properties =
            "y", Vega.quantity field (summaryName bound + bound.Name) (Vega.log :: properties)

        let line field dash label =
            Vega.node [
                "mark",
                Vega.mark "line" [
                    "strokeWidth", Vega.number 2.2
                    "tooltip", Vega.flag true
                    if dash then
                        "strokeDash", Vega.list [ Vega.number 6.0; Vega.number 4.0 ]
                ]
                "encoding",
                Vega.node [
                    x
                    y field []
                    "color",
                    Vega.node [
                        "datum", Vega.text label
                        Vega.colours [ what; "the paper's bound" ]
                        Vega.legend
                    ]
                ]
            ]

        let band =
            Vega.node [
                "mark", Vega.mark "area" [ "opacity", Vega.number 0.25; "color", Vega.text Vega.palette[0] ]
                "encoding", Vega.node [ x; y "low" []; "y2", Vega.node [ "field", Vega.text "high" ] ]
            ]

        let last = run.Steps.Length - 1

        Chart.create
            $"{name}: {bound.Name}"
            problem.Name
            $"{bound.Name} of {name} on {problem.Name} against {Axis.title by}: {what} is {measured bound.Measured[last]:G3} after {run.Steps[last]} steps, where the paper's bound is {bounds[last]:G3}."
            300.0
            rows
            [
                "layer",
                Vega.list [
                    if lanes > 1 then
                        band
                    line "measured" false what
                    line "bound" true "the paper's bound"
                ]
            ]

    let private distance (run: MethodRun) =
        run.Measures
        |> List.tryFind (fun m -> m.Name.StartsWith '‖' && m.Name.Contains '*')

    /// The relative squared distance to the solution of several methods on one problem by what they spend, means over lanes.
    /// Raises ArgumentException where a method does not count `by` or the problem has no known solution.
    let runs (problem: IProblem) (by: Spending) (runs: (string * MethodRun) list) : Chart =
        let curve (name: string, run: MethodRun) =
            match distance run with
            | None -> invalidArg (nameof problem) $"{problem.Name} has no known solution, so no distance to show."
            | Some errors ->
                let mean = errors.Values |> Array.map Array.average
                let spent = Axis.amounts problem by run

                Axis.shown false run.Steps
                |> List.map (fun at -> [
                    "series", Vega.text name
                    "step", Vega.number (float run.Steps[at])
                    "spent", Vega.number spent[at]
                    "error", Vega.number (positive (mean[at] / mean[0]))
                ])

        let ends =
            runs
            |> List.choose (fun (name, run) ->
                distance run
                |> Option.map (fun e ->
                    $"{name} reaches {Array.average (Array.last e.Values) / Array.average e.Values[0]:G2}"))
            |> String.concat ", "

        Chart.create
            $"Distance to the solution by {Axis.title by}"
            problem.Name
            $"Relative squared distance to the solution on {problem.Name} against {Axis.title by}: {ends}."
            320.0
            (runs |> List.collect curve)
            [
                "mark", Vega.mark "line" [ "strokeWidth", Vega.number 2.2; "tooltip", Vega.flag true ]
                "encoding",
                Vega.node [
                    "x", Vega.quantity "spent" (Axis.title by) [ Vega.linear ]
                    "y", Vega.quantity "error" "‖x − x*‖² / ‖x⁰ − x*‖²" [ Vega.log ]
                    series (runs |> List.map fst)
                ]
            ]

    /// Exact factors per step over a grid of stepsizes: what the theorem promises, the worst step, the long run; the theorem's
    /// stepsize is marked. Factors above 1.2 are cut off.
    let rates (curve: StepsizeCurve) : Chart =
        let top = 1.2

        let lines = [
            "the paper's factor", (fun (p: StepsizePoint) -> p.Certified)
            "worst step", (fun (p: StepsizePoint) -> p.Worst)
            "long run", (fun (p: StepsizePoint) -> Some p.LongRun)
        ]

        let rows =
            lines
            |> List.collect (fun (name, pick) ->
                curve.Points
                |> List.choose (fun p -> pick p |> Option.map (fun f -> p, f))
                |> List.filter (fun (_, factor) -> factor <= top)
                |> List.map (fun (p, factor) -> [
                    "series", Vega.text name
                    "stepsize", Vega.number p.Stepsize
                    "factor", Vega.number factor
                ]))

        let least = curve.Points |> List.filter (fun p -> Double.IsFinite p.LongRun)

        let best =
            if least.IsEmpty then
                ""
            else
                let p = least |> List.minBy (fun p -> p.LongRun)
                $" The long run is fastest at {p.Stepsize:G3}, with {p.LongRun:G4}."

        let marked =
            Vega.node [
                "data", Vega.node [ "values", Vega.list [ Vega.node [ "theorem", Vega.number curve.Theorem ] ] ]
                "mark",
                Vega.mark "rule" [
                    "strokeDash", Vega.list [ Vega.number 2.0; Vega.number 3.0 ]
                    "color", Vega.text "#7d7d7d"
                ]
                "encoding", Vega.node [ "x", Vega.quantity "theorem" curve.Parameter [] ]
            ]

        let label =
            Vega.node [
                "data", Vega.node [ "values", Vega.list [ Vega.node [ "theorem", Vega.number curve.Theorem ] ] ]
                "mark",
                Vega.mark "text" [
                    "text", Vega.text "theorem"
                    "align", Vega.text "left"
                    "dx", Vega.number 4.0
                    "y", Vega.number 8.0
                ]
                "encoding", Vega.node [ "x", Vega.quantity "theorem" curve.Parameter [] ]
            ]

        Chart.create
            $"{curve.Method}: exact factors over the stepsize"
            $"{curve.Problem}; {curve.Bound}"
            $"Factors per step of {curve.Method} on {curve.Problem} for stepsizes up to {(List.last curve.Points).Stepsize:G3}; the theorem's is {curve.Theorem:G4}.{best}"
            300.0
            rows
            [
                "layer",
                Vega.list [
                    Vega.node [
                        "mark",
                        Vega.mark "line" [
                            "strokeWidth", Vega.number 2.2
                            "tooltip", Vega.flag true
                            "clip", Vega.flag true
                        ]
                        "encoding",
                        Vega.node [
                            "x", Vega.quantity "stepsize" curve.Parameter [ Vega.linear ]
                            "y", Vega.quantity "factor" "factor per step" [ Vega.linear ]
                            series (lines |> List.map fst)
                        ]
                    ]
                    marked
                    label
                ]
            ]

    let private asProved (results: ClaimResult list) =
        results
        |> List.filter (fun r -> not r.IsErratum && Double.IsFinite r.TightnessMax)

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

    /// How many claims have which tightness (largest measured/bound), errata left out, in bins of a twentieth.
    let tightness (results: ClaimResult list) : Chart =
        let claims = asProved results
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
            "largest measured/bound that was found; 1 is attained"
            $"Of {claims.Length} claims {attained} are attained to a hundredth on an instance that was tried."
            260.0
            rows
            [
                "mark", Vega.mark "bar" [ "tooltip", Vega.flag true ]
                "encoding",
                Vega.node [
                    "x",
                    Vega.quantity "from" "tightness" [
                        "bin", Vega.node [ "binned", Vega.flag true; "step", Vega.number (1.0 / float bins) ]
                    ]
                    "x2", Vega.node [ "field", Vega.text "to" ]
                    "y", Vega.quantity "claims" "claims" []
                    series (rungsOf claims)
                ]
            ]

    /// The share of claims on each rung of evidence, family by family.
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
                    series present
                ]
            ]

    /// Compressors for vectors of `dimension` entries in the plane of variance against bits, with the line 4^(−b/d) that no
    /// compressor passes.
    let plane (dimension: int) : Chart =
        if dimension < 2 then
            invalidArg (nameof dimension) $"The plane needs a dimension of at least 2, got {dimension}."

        let points =
            UncertaintyPlane.catalogue dimension
            |> List.choose (fun (kind, c) -> UncertaintyPlane.place c dimension |> Option.map (fun p -> kind, c, p))
            |> List.filter (fun (_, _, p) -> p.Variance > 0.0)

        let kinds = points |> List.map (fun (kind, _, _) -> kind) |> List.distinct

        let rows =
            points
            |> List.map (fun (kind, c, p) -> [
                "compressor", Vega.text c.Name
                "series", Vega.text kind
                "bits", Vega.number p.BitsPerEntry
                "variance", Vega.number p.Variance
                "product", Vega.number p.Product
            ])

        let bits = "x", Vega.quantity "bits" "bits per entry" [ Vega.log ]

        let limit =
            let least = points |> List.map (fun (_, _, p) -> p.BitsPerEntry) |> List.min
            let floor = points |> List.map (fun (_, _, p) -> p.Variance) |> List.min

            [ for i in 0..60 -> least * (16.0 / least) ** (float i / 60.0) ]
            |> List.filter (fun b -> 4.0 ** -b >= 0.3 * floor)
            |> List.map (fun b -> Vega.node [ "bits", Vega.number b; "variance", Vega.number (4.0 ** -b) ])

        let nearest =
            points
            |> List.minBy (fun (_, _, p) -> p.Product)
            |> fun (_, c, p) -> $"{c.Name} comes nearest to the line, with a product of {p.Product:G3}"

        Chart.create
            "Compressors: variance against bits"
            $"vectors of {dimension} entries; no compressor lies below the line α = 4^(−bits per entry)"
            $"{points.Length} compressors for vectors of {dimension} entries by bits per entry and variance α after the best scaling; {nearest}."
            340.0
            rows
            [
                "layer",
                Vega.list [
                    Vega.node [
                        "data", Vega.node [ "values", Vega.list limit ]
                        "mark",
                        Vega.mark "line" [
                            "color", Vega.text "#7d7d7d"
                            "strokeDash", Vega.list [ Vega.number 6.0; Vega.number 4.0 ]
                        ]
                        "encoding", Vega.node [ bits; "y", Vega.quantity "variance" "variance α" [ Vega.log ] ]
                    ]
                    Vega.node [
                        "mark",
                        Vega.mark "point" [
                            "filled", Vega.flag true
                            "size", Vega.number 70.0
                            "tooltip", Vega.flag true
                            "opacity", Vega.number 0.9
                        ]
                        "encoding",
                        Vega.node [ bits; "y", Vega.quantity "variance" "variance α" [ Vega.log ]; series kinds ]
                    ]
                ]
            ]

    /// What the contenders of a comparison spent until its target; those that did not reach it stand without a mark.
    let comparison (compared: Compared) : Chart =
        let c = compared.Comparison

        let name (contender: Contender) =
            match contender.Parameters with
            | [] -> contender.Method
            | parameters ->
                let changed =
                    parameters |> List.map (fun (n, v) -> $"{n} = {v:G4}") |> String.concat ", "

                $"{contender.Method} ({changed})"

        let rows =
            compared.Spent
            |> List.map (fun (contender, _, amount) -> [
                "method", Vega.text (name contender)
                "spent", Vega.number (amount |> Option.defaultValue nan)
                "label",
                Vega.text (
                    match amount with
                    | Some a -> a.ToString("G4", Globalization.CultureInfo.InvariantCulture)
                    | None -> $"not in {c.Steps} steps"
                )
            ])

        let words =
            compared.Spent
            |> List.map (fun (contender, _, amount) ->
                match amount with
                | Some a -> $"{name contender} {a:G4}"
                | None -> $"{name contender} not in {c.Steps} steps")
            |> String.concat ", "

        let y =
            "y", Vega.name "method" "" [ "axis", Vega.node [ "labelLimit", Vega.number 220.0; "title", Node.Null ] ]

        Chart.create
            $"{c.Key}: {c.Claim}"
            $"{c.Problem}, until {c.Target:G2} of the start's squared distance"
            $"By {Axis.title c.By}: {words}."
            (36.0 * float compared.Spent.Length)
            rows
            [
                "layer",
                Vega.list [
                    Vega.node [
                        "mark", Vega.mark "bar" [ "color", Vega.text Vega.palette[0]; "tooltip", Vega.flag true ]
                        "encoding", Vega.node [ y; "x", Vega.quantity "spent" (Axis.title c.By) [] ]
                    ]
                    Vega.node [
                        "mark", Vega.mark "text" [ "align", Vega.text "left"; "dx", Vega.number 5.0 ]
                        "encoding",
                        Vega.node [
                            y
                            "x", Vega.quantity "spent" (Axis.title c.By) []
                            "text", Vega.node [ "field", Vega.text "label"; "type", Vega.text "nominal" ]
                        ]
                    ]
                ]
            ]

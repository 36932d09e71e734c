namespace Theory.Report

open System
open System.Diagnostics
open System.Reflection
open System.Threading
open System.Threading.Tasks
open Theory
open Theory.Algorithms

/// How far the making of a report is.
type ReportProgress = {
    /// "verifying claims", say.
    Stage: string
    Done: int
    Total: int
    /// What was done last.
    Current: string
}

/// Verifies, runs and measures what the pages show.
[<RequireQualifiedAccess>]
module Gather =

    /// `work` on every item, so many at a time; results in the order of the items.
    let private spread (settings: VerifySettings) report stage (name: 'T -> string) (work: 'T -> 'R) (items: 'T list) =
        let items = Array.ofList items
        let results: 'R option[] = Array.create items.Length None
        let mutable finished = 0
        let gate = obj ()

        let options =
            ParallelOptions(MaxDegreeOfParallelism = settings.Threads, CancellationToken = settings.Cancellation)

        let one index =
            results[index] <- Some(work items[index])

            lock gate (fun () ->
                finished <- finished + 1

                report {
                    Stage = stage
                    Done = finished
                    Total = items.Length
                    Current = name items[index]
                })

        try
            Parallel.For(0, items.Length, options, one) |> ignore
        with :? AggregateException as failures ->
            raise (failures.Flatten().InnerExceptions[0])

        results |> Array.choose id |> List.ofArray

    let private verified (catalogue: Catalogue) settings selected report =
        let mutable finished = 0

        catalogue.Verify(
            settings,
            selected,
            fun result ->
                finished <- finished + 1

                report {
                    Stage = "verifying claims"
                    Done = finished
                    Total = selected.Length
                    Current = result.Claim
                }
        )

    let private families (papers: Paper list) : FamilyTable.Family list =
        let unknown =
            papers
            |> List.map (fun p -> p.Family)
            |> List.distinct
            |> List.filter (fun key -> FamilyTable.families |> List.forall (fun f -> f.Key <> key))
            |> List.map (fun key -> {
                FamilyTable.Key = key
                FamilyTable.Title = key
                FamilyTable.References = []
            })

        (FamilyTable.families @ unknown)
        |> List.filter (fun f -> papers |> List.exists (fun p -> p.Family = f.Key))

    let private methodPart ctx sources (paper: Paper, references, entry: MethodEntry) =
        let row = FamilyTable.methodRow references paper entry
        let charts, notes = MethodCharts.ofRow ctx row

        {
            Row = row
            Listing = Listing.ofMethod sources entry.Modules entry.Name
            Charts = charts
            Notes = notes
        }

    let private comparisons (catalogue: Catalogue) (papers: Paper list) =
        Comparisons.all
        |> List.filter (fun c -> papers |> List.exists (fun p -> p.Key = c.Source))
        |> List.filter (fun c ->
            c.Order
            |> List.forall (fun o -> catalogue.Methods |> List.exists (fun (_, m) -> m.Name = o.Method)))

    /// Verifies the selected claims and computes the charts of their papers. Raises OperationCanceledException on
    /// cancellation.
    let report
        (catalogue: Catalogue)
        (settings: VerifySettings)
        (selected: (Paper * Claim) list)
        (report: ReportProgress -> unit)
        : ReportData =
        let clock = Stopwatch.StartNew()

        let results =
            verified catalogue settings selected report
            |> List.map (fun r -> r.Claim, r)
            |> Map.ofList

        settings.Cancellation.ThrowIfCancellationRequested()
        let seconds = clock.Elapsed.TotalSeconds
        let papers = selected |> List.map fst |> List.distinctBy (fun p -> p.Key)
        let families = families papers
        let sources = Sources.OfAssembly(typeof<Comparison>.Assembly)
        let ctx = catalogue.Context settings

        let methods =
            families
            |> List.collect (fun family ->
                let references = FamilyTable.references family

                papers
                |> List.filter (fun p -> p.Family = family.Key)
                |> List.collect (fun p -> p.Methods |> List.map (fun m -> p, references, m)))
            |> spread settings report "running methods" (fun (_, _, m) -> m.Name) (methodPart ctx sources)
            |> List.groupBy (fun m -> m.Row.Paper.Key)
            |> Map.ofList

        let paperPart (paper: Paper) = {
            Paper = paper
            Claims = paper.Claims |> List.map (fun c -> c, results.TryFind c.Id)
            Methods = methods.TryFind paper.Key |> Option.defaultValue []
        }

        {
            Families =
                families
                |> List.map (fun family -> {
                    Family = family
                    Papers = papers |> List.filter (fun p -> p.Family = family.Key) |> List.map paperPart
                })
            Comparisons =
                comparisons catalogue papers
                |> spread
                    settings
                    report
                    "comparing methods"
                    (fun c -> c.Key)
                    (ComparisonCharts.run ctx catalogue.Papers)
            Settings = settings
            StatisticalClaims = catalogue.StatisticalClaims
            Seconds = seconds
        }

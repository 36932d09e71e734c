namespace Theory.Report

open Theory
open Theory.Algorithms
open Theory.Views

/// A method with everything that its section shows.
[<NoEquality; NoComparison>]
type MethodPart = {
    Row: FamilyTable.MethodRow
    /// Error says why there is no listing.
    Listing: Result<Listing, string>
    Charts: Chart list
    /// Why a chart is not there.
    Notes: string list
}

/// A paper with the results of those of its claims that were verified.
[<NoEquality; NoComparison>]
type PaperPart = {
    Paper: Paper
    Claims: (Claim * ClaimResult option) list
    Methods: MethodPart list
} with

    /// The results there are.
    member p.Results = p.Claims |> List.choose snd

/// A comparison that a paper claims, with its contenders' runs by each counter that all of them have.
[<NoEquality; NoComparison>]
type ComparisonPart = {
    Compared: Compared
    /// Per contender, in the order of the comparison: its name and what it spent by each counter.
    Spent: (string * (Spending * float option) list) list
    /// What it spent until the target, and its distance along the run, by each counter that every contender counts.
    Charts: (Spending * Chart list) list
}

/// A family of papers as the report shows it.
[<NoEquality; NoComparison>]
type FamilyPart = {
    Family: FamilyTable.Family
    Papers: PaperPart list
}

/// Everything that the pages show.
[<NoEquality; NoComparison>]
type ReportData = {
    Families: FamilyPart list
    Comparisons: ComparisonPart list
    Settings: VerifySettings
    /// Claims over which the error budget is split.
    StatisticalClaims: int
    /// How long the verification took, in seconds.
    Seconds: float
} with

    /// All papers, in the order of the catalogue.
    member d.Papers = d.Families |> List.collect (fun f -> f.Papers)

    /// All results.
    member d.Results = d.Papers |> List.collect (fun p -> p.Results)

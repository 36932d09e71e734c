namespace Theory.Report

open System
open System.Globalization
open System.IO
open System.Reflection
open Theory.Views

/// A written report.
type Written = {
    /// The first page.
    Index: string
    Pages: int
    /// What is missing among the scripts, and how to get it; None where formulas and charts are shown.
    Missing: string option
}

/// Writes the pages of a report and what they need into a folder.
[<RequireQualifiedAccess>]
module Site =

    /// Tells a report from a folder that someone else uses.
    let private marker = ".theory-report"

    let private own (file: string) =
        match Assembly.GetExecutingAssembly().GetManifestResourceStream $"assets/{file}" with
        | null -> invalidOp $"The resource {file} is missing from Theory.Report."
        | stream ->
            use reader = new StreamReader(stream)
            reader.ReadToEnd()

    /// Raises ArgumentException, before anything is computed, when a report may not be written to the folder.
    let check (folder: string) : unit =
        if File.Exists folder then
            invalidArg (nameof folder) $"{folder} is a file; a report is a folder."

        if
            Directory.Exists folder
            && not (File.Exists(Path.Combine(folder, marker)))
            && not (Seq.isEmpty (Directory.EnumerateFileSystemEntries folder))
        then
            invalidArg
                (nameof folder)
                $"{folder} holds other files; a report overwrites only an empty folder or an earlier report."

    /// Empties a folder that is empty or holds an earlier report.
    let private prepare (folder: string) =
        let earlier = File.Exists(Path.Combine(folder, marker))

        for part in [ "papers"; "families"; "assets" ] do
            let path = Path.Combine(folder, part)

            if earlier && Directory.Exists path then
                Directory.Delete(path, true)

            Directory.CreateDirectory path |> ignore

        File.WriteAllText(Path.Combine(folder, marker), "A report of `theory report`; the next one overwrites it.\n")

    let private copyAssets (folder: string) (assets: WebAssets) =
        let target = Path.Combine(folder, "assets")

        for file in WebAssets.ChartScripts @ [ "katex.min.js"; "katex.min.css" ] do
            File.Copy(Path.Combine(assets.Folder, file), Path.Combine(target, file), true)

        for licence in DirectoryInfo(assets.Folder).EnumerateFiles "*.LICENSE" do
            File.Copy(licence.FullName, Path.Combine(target, licence.Name), true)

        let fonts = Path.Combine(assets.Folder, "fonts")

        if Directory.Exists fonts then
            let fontsTarget = Directory.CreateDirectory(Path.Combine(target, "fonts")).FullName

            for font in DirectoryInfo(fonts).EnumerateFiles() do
                File.Copy(font.FullName, Path.Combine(fontsTarget, font.Name), true)

        File.WriteAllText(Path.Combine(target, "charts-theme.js"), Page.theme)

    /// Every page of a report.
    let pages (drawn: bool) (data: ReportData) : PageContent list = [
        OverviewPage.page drawn data
        ErrataPage.page data
        ComparePage.page drawn data
        for family in data.Families do
            FamilyPage.page drawn family

            for part in family.Papers do
                PaperPage.page drawn family part
    ]

    let private footer (data: ReportData) =
        let version =
            match Assembly.GetExecutingAssembly().GetName().Version with
            | null -> ""
            | v -> $" {v.ToString 3}"

        let alpha = data.Settings.Alpha.ToString("G3", CultureInfo.InvariantCulture)
        let seconds = data.Seconds.ToString("0.0", CultureInfo.InvariantCulture)
        let statistical = Words.count data.StatisticalClaims "statistical claim"

        $"""Made by theory{version} on {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: {(string data.Settings.Profile).ToLowerInvariant()} profile, seed {data.Settings.Seed}, verified in {seconds} s. Error budget: α = {alpha} for the whole catalogue, split over {statistical}."""

    /// Writes the report. Without web assets formulas stay Unicode text and charts are tables. Raises
    /// ArgumentException when the folder holds something else, IOException when it cannot be written.
    let write (folder: string) (assets: Result<WebAssets, string>) (data: ReportData) : Written =
        let folder = Path.GetFullPath folder
        check folder
        prepare folder

        for file in [ "site.css"; "theme.js"; "page.js"; "claims.js"; "compare.js" ] do
            File.WriteAllText(Path.Combine(folder, "assets", file), own file)

        Result.iter (copyAssets folder) assets
        let pages = pages assets.IsOk data
        let footer = footer data

        for page in pages do
            File.WriteAllText(Path.Combine(folder, page.Path), Layout.render assets.IsOk footer page)

        {
            Index = Path.Combine(folder, Layout.overview)
            Pages = pages.Length
            Missing =
                match assets with
                | Ok _ -> None
                | Error reason -> Some reason
        }

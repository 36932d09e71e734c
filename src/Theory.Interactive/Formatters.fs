namespace Theory.Interactive

open System
open System.Collections.Generic
open System.IO
open Theory
open Theory.Views

/// How values of one type are written in one format.
[<Sealed>]
type OutputFormat internal (formatted: Type, mimeType: string, preferred: bool, write: Action<obj, TextWriter>) =
    /// The type, base type or interface that values must have.
    member _.Type = formatted
    /// The format, as text/html.
    member _.MimeType = mimeType
    /// Whether a kernel shows it unasked. Notebooks store the others beside it.
    member _.Preferred = preferred
    /// Writes a value of the type. Raises InvalidCastException for a value of another type.
    member _.Write = write

    /// The value's text in this format. Raises InvalidCastException for a value of another type.
    member _.Format(value: obj) : string =
        use writer = new StringWriter()
        write.Invoke(value, writer)
        string writer

/// The formats, type by type.
module internal Formats =

    let private format<'T> mimeType preferred (text: 'T -> string) =
        OutputFormat(typeof<'T>, mimeType, preferred, Action<obj, TextWriter>(fun v w -> w.Write(text (unbox<'T> v))))

    let private shown<'T> (view: 'T -> View) = [
        format<'T> "text/html" true (view >> Html.ofView)
        format<'T> "text/plain" true (view >> Text.ofView)
    ]

    let private typeset<'T> (latex: 'T -> string) (view: 'T -> View) =
        format<'T> "text/latex" true latex :: shown view

    /// Vega-Lite's own type is for stored notebooks: the Jupyter protocol of .NET Interactive sends it as a text, which
    /// JupyterLab takes for an address.
    let private drawn<'T> (chart: 'T -> Chart) = [
        format<'T> ChartViews.mimeType false (chart >> ChartViews.vegaLite)
        format<'T> "text/html" true (chart >> ChartViews.html)
        format<'T> "text/plain" true (chart >> ChartViews.text)
    ]

    let all: OutputFormat list =
        List.concat [
            shown<ClaimResult>(Judged.ofResult >> VerdictViews.one)
            shown<seq<ClaimResult>>(Seq.map Judged.ofResult >> VerdictViews.many)
            shown<Api.ClaimReport>(Judged.ofReport >> VerdictViews.one)
            shown<seq<Api.ClaimReport>>(Seq.map Judged.ofReport >> VerdictViews.many)
            shown<Counterexample> VerdictViews.counterexample
            shown<Api.CounterexampleReport> VerdictViews.counterexampleReport
            shown<Replayed> VerdictViews.replayed
            shown<Api.ReplayReport> VerdictViews.replayReport
            shown<Evidence> VerdictViews.evidence
            shown<Api.Evidence> VerdictViews.evidenceReport
            typeset<Claim> PaperViews.claimLatex PaperViews.claim
            typeset<Api.ClaimInfo> PaperViews.claimInfoLatex PaperViews.claimInfo
            shown<Paper> PaperViews.paper
            shown<Api.PaperInfo> PaperViews.paperInfo
            shown<MethodRun> RunViews.methodRun
            shown<Api.RunReport> RunViews.runReport
            shown<ExactRates> RunViews.rates
            shown<Api.RateReport> RunViews.rateReport
            drawn<Chart> id
            drawn<Api.Chart> ChartViews.ofFacade
        ]

/// Formats of the library's values, for notebooks. The package's extension.dib registers them with the kernel that loads
/// the package; whatever else shows values takes them from here.
[<AbstractClass; Sealed>]
type Formatters private () =

    /// All formats; the first that fits a value and a MIME type counts.
    static member All: IReadOnlyList<OutputFormat> = Formats.all

    /// The formats of a value, in order; empty when the library does not know its type.
    static member Of(value: obj | null) : IReadOnlyList<OutputFormat> =
        match value with
        | null -> []
        | value ->
            Formats.all
            |> List.filter (fun f -> f.Type.IsInstanceOfType value)
            |> List.distinctBy (fun f -> f.MimeType)
            :> IReadOnlyList<OutputFormat>

    /// What a kernel's Register(type, write, mimeType) takes, format by format; in types of the base library alone, for
    /// callers that hold no reference to this assembly.
    static member Registrations() : struct (Type * string * Action<obj, TextWriter>)[] = [|
        for f in Formats.all -> struct (f.Type, f.MimeType, f.Write)
    |]

    /// What a kernel's SetPreferredMimeTypesFor(type, mimeTypes) takes.
    static member Preferences() : struct (Type * string[])[] = [|
        for formatted, formats in Formats.all |> List.groupBy (fun f -> f.Type) ->
            struct (formatted,
                    [|
                        for f in formats do
                            if f.Preferred then
                                f.MimeType
                    |])
    |]

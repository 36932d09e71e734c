using Theory.Views;

namespace Theory.Api;

/// <summary>A chart as data: a Vega-Lite specification with its numbers inside.</summary>
public sealed class Chart
{
    private readonly Views.Chart chart;

    internal Chart(Views.Chart chart) => this.chart = chart;

    /// <summary>The title.</summary>
    public string Title => chart.Title;

    /// <summary>What there is to see, in a sentence.</summary>
    public string Description => chart.Description;

    /// <summary>The Vega-Lite specification, as JSON.</summary>
    public string VegaLite => ChartModule.json(chart);

    /// <summary>The chart as an HTML page that needs no network.</summary>
    /// <exception cref="InvalidOperationException">The scripts of Vega were not found; the message says how to get them.</exception>
    public string ToHtml() => Page.standalone(Assets(), Fs.List([chart]));

    /// <summary>The chart as SVG, drawn by Node.js.</summary>
    /// <exception cref="InvalidOperationException">Node.js or the scripts of Vega were not found; the message says how to get
    /// them.</exception>
    public string ToSvg() => Known(Svg.render(Assets(), chart));

    /// <summary>Writes the chart to an .html, .svg or .json file.</summary>
    /// <exception cref="ArgumentException">The file has another ending.</exception>
    /// <exception cref="InvalidOperationException">What the format needs was not found.</exception>
    public void Save(string path) => File.WriteAllText(
        Check.Text(path),
        Path.GetExtension(path) switch
        {
            ".html" => ToHtml(),
            ".svg" => ToSvg(),
            ".json" => VegaLite,
            _ => throw new ArgumentException($"A chart is written to .html, .svg or .json, not to '{path}'.", nameof(path)),
        });

    /// <inheritdoc/>
    public override string ToString() => $"{Title}: {Description}";

    private static WebAssets Assets() => Known(WebAssets.Find());

    private static T Known<T>(Microsoft.FSharp.Core.FSharpResult<T, string> result) =>
        result.IsOk ? result.ResultValue : throw new InvalidOperationException(result.ErrorValue);
}

namespace Theory.Views

open System.IO
open System.Net
open System.Text.Encodings.Web
open System.Text.Json

/// Charts on a page of their own.
[<RequireQualifiedAccess>]
module Page =

    let private options =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    /// The function theoryTheme(dark): colours of a chart on a light and on a dark page, for vega-embed's `config`.
    let theme: string =
        match typeof<Chart>.Assembly.GetManifestResourceStream "theme.js" with
        | null -> invalidOp "The resource theme.js is missing from Theory.Views."
        | stream ->
            use reader = new StreamReader(stream)
            reader.ReadToEnd()

    /// A specification that stands inside a script element: nothing in it can end the element.
    let embedded (chart: Chart) : string =
        chart.Spec.ToJsonString(options).Replace("<", "\\u003c")

    let private inlined (script: string) =
        script.Replace("</script", "<\\/script")

    let private figure index (chart: Chart) =
        let title = WebUtility.HtmlEncode chart.Title
        let description = WebUtility.HtmlEncode chart.Description

        $"""<figure aria-label="{title}"><div class="chart" id="chart{index}"></div><figcaption>{description}</figcaption>
<script type="application/json" class="spec" data-for="chart{index}">{embedded chart}</script></figure>"""

    let private style =
        ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
        + "figure{margin:0 0 3rem}.chart{width:100%;overflow-x:auto}figcaption{font-size:.9rem;opacity:.8}"

    let private script =
        """
const dark = matchMedia('(prefers-color-scheme: dark)');
function draw() {
  for (const spec of document.querySelectorAll('script.spec'))
    vegaEmbed('#' + spec.dataset.for, JSON.parse(spec.textContent), { config: theoryTheme(dark.matches), renderer: 'svg', actions: { export: true, source: true, compiled: false, editor: false } });
}
dark.addEventListener('change', draw);
draw();
"""

    /// One HTML file that shows the charts without a network: the scripts are inside.
    let standalone (assets: WebAssets) (charts: Chart list) : string =
        let title =
            match charts with
            | [ chart ] -> chart.Title
            | _ -> $"{charts.Length} charts"

        let scripts =
            (WebAssets.ChartScripts |> List.map assets.Text) @ [ theme; script ]
            |> List.map (fun text -> $"<script>{inlined text}</script>")
            |> String.concat "\n"

        let figures = charts |> List.mapi figure |> String.concat "\n"

        $"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{WebUtility.HtmlEncode title}</title><style>{style}</style></head>
<body><main>
{figures}
</main>
{scripts}
</body></html>
"""

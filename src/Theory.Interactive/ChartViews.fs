namespace Theory.Interactive

open System.Net
open System.Security.Cryptography
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Theory.Views

/// Charts in notebooks: the specification where a viewer draws Vega-Lite itself, else a page fragment that draws it with
/// vega-embed from the network, and says in words what there is to see where there is none.
[<RequireQualifiedAccess>]
module internal ChartViews =

    /// What notebook viewers of today draw by themselves. They carry Vega-Lite 5; the charts use nothing of version 6.
    let mimeType = "application/vnd.vegalite.v5+json"

    let private viewersSchema = "https://vega.github.io/schema/vega-lite/v5.json"

    /// A chart of the facade.
    let ofFacade (chart: Theory.Api.Chart) : Chart =
        match JsonNode.Parse chart.VegaLite with
        | :? JsonObject as spec -> {
            Title = chart.Title
            Description = chart.Description
            Spec = spec
          }
        | _ -> invalidArg (nameof chart) $"The specification of '{chart.Title}' is no JSON object."

    /// The specification as the viewers' version.
    let vegaLite (chart: Chart) : string =
        let spec = chart.Spec.DeepClone().AsObject()
        spec["$schema"] <- JsonValue.Create viewersSchema
        spec.ToJsonString(JsonSerializerOptions(Encoder = Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping))

    /// In words.
    let text (chart: Chart) = $"{chart.Title}\n{chart.Description}"

    let private scripts = "https://cdn.jsdelivr.net/npm/vega-embed@7/+esm"

    /// A class for the chart's place: the same chart twice in a notebook is drawn in both places.
    let private placeOf (spec: string) =
        let digest = SHA256.HashData(Encoding.UTF8.GetBytes spec)

        "theory-chart-"
        + System.Convert.ToHexString(digest).Substring(0, 12).ToLowerInvariant()

    /// A fragment that draws the chart, in the colours of the page around it.
    let html (chart: Chart) : string =
        let spec = Page.embedded chart
        let place = placeOf spec
        let title = WebUtility.HtmlEncode chart.Title
        let description = WebUtility.HtmlEncode chart.Description

        $"""<figure aria-label="{title}"><div class="{place}">{title}</div><figcaption>{description}</figcaption></figure>
<script>
(async () => {{
{Page.theme}
const spec = {spec};
const {{ default: embed }} = await import("{scripts}");
for (const place of document.getElementsByClassName("{place}")) {{
  const ink = getComputedStyle(place).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const dark = ink[0] + ink[1] + ink[2] > 384;
  await embed(place, spec, {{ config: theoryTheme(dark), renderer: "svg", actions: false }});
}}
}})();
</script>"""

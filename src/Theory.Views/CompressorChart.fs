namespace Theory.Views

open Theory.Algorithms.CommunicationEfficient.Compressors

/// Compressors in the plane of variance against bits.
[<RequireQualifiedAccess>]
module internal CompressorChart =

    let create (dimension: int) : Chart =
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

        let least = points |> List.map (fun (_, _, p) -> p.BitsPerEntry) |> List.min
        let most = points |> List.map (fun (_, _, p) -> p.BitsPerEntry) |> List.max
        let floor = points |> List.map (fun (_, _, p) -> p.Variance) |> List.min

        let bits =
            "x", Vega.onLogAt [ for i in -3 .. 5 -> 2.0 ** float i ] (0.8 * least, 1.25 * most) "bits" "bits per entry"

        let variance =
            "y", Vega.onLogAt [ for i in 0..12 -> 10.0 ** -(float i) ] (0.3 * floor, 1.2) "variance" "variance α"

        let limit =
            [ for i in 0..60 -> least * (16.0 / least) ** (float i / 60.0) ]
            |> List.filter (fun b -> 4.0 ** -b >= 0.3 * floor)
            |> List.map (fun b -> Vega.node [ "bits", Vega.number b; "variance", Vega.number (4.0 ** -b) ])

        let nearest =
            points
            |> List.minBy (fun (_, _, p) -> p.Product)
            |> fun (_, c, p) -> $"{c.Name} comes nearest to the line, with a product of {Vega.words p.Product}"

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
                        Vega.values limit
                        "mark", Vega.mark "line" [ "color", Vega.text Vega.grey; Vega.dashed 6.0 4.0 ]
                        "encoding", Vega.node [ bits; variance ]
                    ]
                    Vega.node [
                        "mark",
                        Vega.mark "point" [
                            "filled", Vega.flag true
                            "size", Vega.number 70.0
                            "tooltip", Vega.flag true
                            "opacity", Vega.number 0.9
                        ]
                        "encoding", Vega.node [ bits; variance; Vega.series kinds ]
                    ]
                ]
            ]

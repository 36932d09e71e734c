namespace Theory.Algorithms.CommunicationEfficient.Compressors

/// A compressor's place in the plane of variance against bits.
[<NoComparison>]
type PlanePoint = {
    /// b/d: bits that a worker sends per entry.
    BitsPerEntry: float
    /// α with E‖C(x) − x‖² ≤ α‖x‖² after the best scaling: 1 − Alpha for a contractive compressor, ω/(1 + ω) for an
    /// unbiased one.
    Variance: float
    /// α·4^{b/d}, which no compressor brings below 1.
    Product: float
}

/// Where compressors stand in the uncertainty principle of Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958:
/// α·4^{b/d} ≥ 1 for every compressor that sends b bits per vector of R^d.
[<RequireQualifiedAccess>]
module UncertaintyPlane =

    /// The place of a compressor for vectors of dimension d; None where it has neither constant.
    let place (c: Compressor) (d: int) : PlanePoint option =
        let variance =
            match c.Omega d, c.Alpha d with
            | Some omega, _ -> Some(omega / (1.0 + omega))
            | None, Some alpha -> Some(1.0 - alpha)
            | None, None -> None

        variance
        |> Option.map (fun alpha ->
            let bits = c.Bits d / float d

            {
                BitsPerEntry = bits
                Variance = alpha
                Product = alpha * 4.0 ** bits
            })

    /// Compressors of every kind for vectors of dimension d, named by their kind: the points of the plane.
    let catalogue (d: int) : (string * Compressor) list =
        let numbers candidates =
            candidates |> List.filter (fun k -> k >= 1 && k < d) |> List.distinct

        let shares = numbers [ 1; d / 20; d / 10; d / 5; d / 3; d / 2; 3 * d / 4 ]

        [
            yield! shares |> List.map (fun k -> "Rand-k", randK k)
            yield! shares |> List.map (fun k -> "Top-k", topK k)
            yield! [ 0.05; 0.25; 0.5 ] |> List.map (fun p -> "Bernoulli", bernoulli p)
            "sign", scaledSign
            "natural", natural
            "ternary", ternary
            yield! [ 1; 2; 4; 8; 16; 64; 256 ] |> List.map (fun s -> "dithering", dithering s)
            yield! [ 2; 3; 5; 9; 17 ] |> List.map (fun levels -> "Kashin", kashin levels)
        ]

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

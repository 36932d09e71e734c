/// Compressors with exact constants.
module Theory.Algorithms.CommunicationEfficient.Compressors

open Theory
open Theory.Numerics

/// The outcome of a compressor's own randomness, the same type for all compressors.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type CompressorDraw =
    | Nothing
    | Coins of Mask
    | Coordinates of Indices
    | Numbers of Block

/// A compressor C of R^d for n workers, each with its own randomness.
[<NoEquality; NoComparison>]
type Compressor = {
    Name: string
    /// What n workers draw for vectors of dimension d.
    Draw: int -> int -> Draw<CompressorDraw>
    /// C applied for every worker and lane.
    Apply: CompressorDraw -> Block -> Block
    /// ω with E‖C(x) − x‖² ≤ ω‖x‖² and E C(x) = x; None for a biased compressor.
    Omega: int -> float option
    /// α with E‖C(x) − x‖² ≤ (1 − α)‖x‖²; None where none holds (an unbiased compressor with ω ≥ 1).
    Alpha: int -> float option
    /// Floats that one worker sends for a vector of dimension d, on average.
    Floats: int -> float
    /// Bits that one worker sends for a vector of dimension d, on average.
    Bits: int -> float
}

let private coordinates draw =
    match draw with
    | CompressorDraw.Coordinates c -> c
    | _ -> invalidArg (nameof draw) "This compressor draws coordinates."

/// (d/k)·x on a uniform k-subset: ω = d/k − 1 with equality for every x.
let randK (k: int) : Compressor = {
    Name = $"Rand-{k}"
    Draw = fun n d -> Draw.subsets n k d |> Draw.map CompressorDraw.Coordinates
    Apply = fun draw x -> (float x.Dimension / float k) * x.Keep(coordinates draw)
    Omega = fun d -> Some(float d / float k - 1.0)
    Alpha = fun d -> if 2 * k > d then Some(2.0 - float d / float k) else None
    Floats = fun _ -> float k
    Bits = fun _ -> 64.0 * float k
}

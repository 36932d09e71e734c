/// Three-point compressors of Hessians: what a worker that last sent H, and was then at Y, makes of X.
///
/// Islamov, Qian, Hanzely, Safaryan, Richtárik, 2022, arXiv 2206.03588; three-point compressors: Richtárik et al., 2022,
/// arXiv 2202.00998. Class 3PC(A, B): E‖C_{H,Y}(X) − X‖² ≤ (1−A)‖H − Y‖² + B‖X − Y‖².
module Theory.Algorithms.CommunicationEfficient.Mechanisms

open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// What a mechanism draws: the workers' coins and their compressors' randomness.
type MechanismDraw = Mask * CompressorDraw

[<NoComparison; NoEquality>]
type Mechanism = {
    Name: string
    /// Probability with which a worker computes and sends in a round.
    P: float
    /// What n workers draw for D entries.
    Draw: int -> int -> Draw<MechanismDraw>
    /// Outcome, H, Y, X ↦ C_{H,Y}(X).
    Apply: MechanismDraw -> Block -> Block -> Block -> Block
    /// A and B for D entries.
    Constants: int -> float * float
    /// α of the compressor for D entries, times P: what the mechanism keeps on average.
    Kept: int -> float
    /// Floats and bits that a worker that sends needs at most, for D entries.
    Floats: int -> float
    Bits: int -> float
} with

    override m.ToString() = m.Name

let private drawWith p (c: Compressor) n entries =
    Draw.both (Draw.coins n p) (c.Draw n entries)

/// A and B of an error 1 − α split with weight s: ‖H − X‖² ≤ (1+s)‖H − Y‖² + (1+1/s)‖X − Y‖².
let private split (s: float) (kept: float) =
    1.0 - (1.0 - kept) * (1.0 + s), (1.0 - kept) * (1.0 + 1.0 / s)

/// H + C(X − H) with probability p, else H (compressed Bernoulli aggregation); `s` weighs the split, from α·p.
let bernoulli (p: float) (split': float -> float) (c: Compressor) : Mechanism =
    let kept entries = p * alphaOf c entries

    {
        Name =
            if p = 1.0 then
                $"EF21 with {c.Name}"
            else
                $"CBAG-{p:G3} with {c.Name}"
        P = p
        Draw = drawWith p c
        Apply = fun (coins, draw) h _ x -> Block.choose coins (h + c.Apply draw (x - h)) h
        Constants = fun entries -> split (split' (kept entries)) (kept entries)
        Kept = kept
        Floats = c.Floats
        Bits = c.Bits
    }

/// H + C(X − H): EF21, or FedNL.
let ef21 (split': float -> float) (c: Compressor) : Mechanism = bernoulli 1.0 split' c

/// Per worker and lane: is ‖X − H‖² > ζ‖X − Y‖²?
let private farFrom (zeta: float) (h: Block) (y: Block) (x: Block) : Mask =
    let moved, drifted = (x - h).NormSquared(), (x - y).NormSquared()
    Mask(moved.Workers, moved.Lanes, Array.map2 (fun m d -> m > zeta * d) (moved.ToArray()) (drifted.ToArray()))

/// CLAG: H + C(X − H) where ‖X − H‖² > ζ‖X − Y‖², else H.
let lazily (zeta: float) (split': float -> float) (c: Compressor) : Mechanism = {
    ef21 split' c with
        Name = $"CLAG, ζ = {zeta:G3}, with {c.Name}"
        Apply = fun (_, draw) h y x -> Block.choose (farFrom zeta h y x) (h + c.Apply draw (x - h)) h
        Constants =
            fun entries ->
                let a, b = split (split' (alphaOf c entries)) (alphaOf c entries)
                a, max b zeta
}

/// LAG: X where ‖X − H‖² > ζ‖X − Y‖², else H.
let lag (zeta: float) : Mechanism = {
    lazily zeta (fun _ -> 1.0) identity with
        Name = $"LAG, ζ = {zeta:G3}"
        Constants = fun _ -> 1.0, zeta
}

/// s = α/2, which keeps A ≥ α/2.
let half (kept: float) = kept / 2.0

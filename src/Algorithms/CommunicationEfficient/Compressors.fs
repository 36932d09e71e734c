/// Compressors C: R^d → R^d with exact laws and exact constants.
///
/// Rand-k, Top-k, sign and dithering: folklore and Alistarh et al., 2017, arXiv 1610.02132; natural compression:
/// Horváth et al., 2019, arXiv 1905.10988; mix and comp: Condat, Yi, Richtárik, 2022, arXiv 2205.04180.
module Theory.Algorithms.CommunicationEfficient.Compressors

open System
open Theory
open Theory.Numerics

/// The outcome of a compressor's own randomness, the same type for all compressors.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type CompressorDraw =
    | Nothing
    | Coins of Mask
    | Coordinates of Indices
    | Numbers of Block
    | Pair of CompressorDraw * CompressorDraw

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
    /// η and ω_r with ‖E C(x) − x‖ ≤ η‖x‖ and E‖C(x) − E C(x)‖² ≤ ω_r‖x‖².
    Relative: int -> float * float
    /// The law of C(x) given x: outputs with probabilities (outputs may repeat).
    ExactLaw: float[] -> (float * float[]) list
    /// Floats that one worker sends for a vector of dimension d, at most on average; quantised entries count as bits/32.
    Floats: int -> float
    /// Bits that one worker sends, with floats of 32 bits as papers count them; seeds are shared and cost nothing.
    Bits: int -> float
} with

    override c.ToString() = c.Name

let private floatBits = 32.0
let private indexBits (d: int) = ceil (Math.Log2(float d))
let private ratio (k: int) (d: int) = float k / float d

/// The law of a compressor whose draws have a finite law.
let private lawOf (draw: int -> int -> Draw<CompressorDraw>) (apply: CompressorDraw -> Block -> Block) (x: float[]) = [
    for o in (draw 1 x.Length).Outcomes -> o.Probability, (apply o.Outcome (Block.vector x)).ToArray()
]

let private unbiased name draw apply omega floats : Compressor = {
    Name = name
    Draw = draw
    Apply = apply
    Omega = fun d -> Some(omega d)
    Alpha = fun d -> if omega d < 1.0 then Some(1.0 - omega d) else None
    Relative = fun d -> 0.0, omega d
    ExactLaw = lawOf draw apply
    Floats = floats
    Bits = fun d -> floatBits * floats d
}

let private biased name draw apply alpha relative floats : Compressor = {
    unbiased name draw apply (fun _ -> 0.0) floats with
        Omega = fun _ -> None
        Alpha = alpha
        Relative = relative
}

let private nothing: int -> int -> Draw<CompressorDraw> =
    fun _ _ -> Draw.always CompressorDraw.Nothing

let private deterministic name apply alpha floats =
    biased name nothing (fun _ x -> apply x) (alpha >> Some) (fun d -> sqrt (max 0.0 (1.0 - alpha d)), 0.0) floats

let private coordinates draw =
    match draw with
    | CompressorDraw.Coordinates c -> c
    | _ -> invalidArg (nameof draw) "This compressor draws coordinates."

let private coordinateDraw k n d =
    Draw.subsets n k d |> Draw.map CompressorDraw.Coordinates

/// C(x) = x.
let identity: Compressor =
    unbiased "Identity" nothing (fun _ x -> x) (fun _ -> 0.0) float

/// (d/k)·x on a uniform k-subset: ω = d/k − 1 with equality for every x.
let randK (k: int) : Compressor =
    let apply draw (x: Block) =
        (1.0 / ratio k x.Dimension) * x.Keep(coordinates draw)

    unbiased $"Rand-{k}" (coordinateDraw k) apply (fun d -> 1.0 / ratio k d - 1.0) (fun _ -> float k)

/// x on a uniform k-subset: α = k/d with equality for every x; η = 1 − k/d, ω_r = (k/d)(1 − k/d).
let contractiveRandK (k: int) : Compressor =
    let relative d =
        1.0 - ratio k d, ratio k d * (1.0 - ratio k d)

    biased
        $"contractive Rand-{k}"
        (coordinateDraw k)
        (fun draw x -> x.Keep(coordinates draw))
        (fun d -> Some(ratio k d))
        relative
        (fun _ -> float k)

/// x/p with probability p, else 0: ω = 1/p − 1 with equality for every x.
let bernoulli (p: float) : Compressor =
    let apply draw (x: Block) =
        match draw with
        | CompressorDraw.Coins heads -> Block.choose heads (x / p) (0.0 * x)
        | _ -> invalidArg (nameof draw) "This compressor draws coins."

    unbiased
        $"Bernoulli-{p:G3}"
        (fun n _ -> Draw.coins n p |> Draw.map CompressorDraw.Coins)
        apply
        (fun _ -> 1.0 / p - 1.0)
        (fun d -> p * float d)

/// The k entries of largest magnitude (ties: lowest index): α = k/d, attained when all entries have equal size.
let topK (k: int) : Compressor = {
    deterministic $"Top-{k}" (fun x -> x.TopK k) (ratio k) (fun _ -> float k) with
        Bits = fun d -> float k * (floatBits + indexBits d)
}

/// (‖x‖₁/d)·sign(x): ‖C(x) − x‖² = ‖x‖² − ‖x‖₁²/d when no entry vanishes, so α = 1/d.
let scaledSign: Compressor =
    let apply (x: Block) =
        (x.Reduce Reduction.SumAbs / float x.Dimension) * Block.sign x

    let bits d = float d + floatBits

    {
        deterministic "scaled sign" apply (fun d -> 1.0 / float d) (fun d -> bits d / floatBits) with
            Bits = bits
    }

/// A function of one vector applied to every worker and lane (workers and lanes at least those asked for).
let private eachVector workers lanes (f: int -> int -> float[] -> float[]) (x: Block) : Block =
    let workers, lanes, d = max workers x.Workers, max lanes x.Lanes, x.Dimension
    let values = x.ToArray()
    let result = Array.zeroCreate (workers * lanes * d)

    for w in 0 .. workers - 1 do
        for lane in 0 .. lanes - 1 do
            let from =
                ((if x.Workers = 1 then 0 else w) * x.Lanes + (if x.Lanes = 1 then 0 else lane))
                * d

            Array.blit (f w lane (Array.sub values from d)) 0 result ((w * lanes + lane) * d) d

    let block = Block.Own((x.Shape.WithWorkers workers).WithLanes lanes, result)
    // Back to where x lives.
    if x.IsHost then block else block.On x.Engine

/// Entries of at least λ times the largest magnitude: α ≥ max{1 − dλ², 1/d}.
let threshold (lambda: float) : Compressor =
    let keep (x: float[]) =
        let least = lambda * (x |> Array.map abs |> Array.max)
        x |> Array.map (fun v -> if abs v >= least then v else 0.0)

    let alpha d =
        max (1.0 - float d * lambda * lambda) (1.0 / float d)

    deterministic $"threshold {lambda:G3}" (eachVector 1 1 (fun _ _ x -> keep x)) alpha float

/// The best approximation of rank r of a rows × columns matrix (truncated SVD): α = r/min(rows, columns) in the
/// Frobenius norm, attained when all singular values are equal.
let lowRank (r: int) (rows: int) (columns: int) : Compressor =
    let truncate (x: float[]) =
        if not (Array.forall Double.IsFinite x) then
            x |> Array.map (fun _ -> nan)
        else
            let svd = Decompositions.Svd(Matrix(rows, columns, x))

            Array.init x.Length (fun at ->
                let i, j = at / columns, at % columns
                Seq.sum (Seq.init (min r svd.Values.Count) (fun k -> svd.Left[i, k] * svd.Values[k] * svd.Right[j, k])))

    let alpha _ = min 1.0 (ratio r (min rows columns))

    let floats _ =
        float (min (r * (rows + columns)) (rows * columns))

    deterministic $"rank {r} of {rows}×{columns}" (eachVector 1 1 (fun _ _ x -> truncate x)) alpha floats

/// Indices by decreasing magnitude, ties by lowest index.
let private ranking (x: float[]) =
    [| 0 .. x.Length - 1 |] |> Array.sortBy (fun i -> -(abs x[i]), i)

let private pickRanks draw (choose: int[] -> float[] -> float[]) (x: Block) =
    let ranks = coordinates draw
    eachVector ranks.Workers ranks.Lanes (fun w lane v -> choose (ranks.At(w, lane).ToArray()) v) x

/// Top-k kept, plus k′ uniform ones of the other d − k entries, unscaled: η = (d−k−k′)/√((d−k)d),
/// ω_r = k′(d−k−k′)/((d−k)d), α = (k+k′)/d; attained when all entries have equal size.
let mix (k: int) (k': int) : Compressor =
    let apply draw =
        pickRanks draw (fun ranks x ->
            let order = ranking x
            let others = Array.sort order[k..]

            let kept =
                Set.ofArray (Array.append order[.. k - 1] (ranks |> Array.map (fun r -> others[r])))

            x |> Array.mapi (fun i v -> if kept.Contains i then v else 0.0))

    let relative d =
        let rest, left = float (d - k), float (d - k - k')
        left / sqrt (rest * float d), float k' * left / (rest * float d)

    let draw n d = coordinateDraw k' n (d - k)

    {
        biased $"mix-({k},{k'})" draw apply (fun d -> Some(ratio (k + k') d)) relative (fun _ -> float (k + k')) with
            Bits = fun d -> floatBits * float (k + k') + float k * indexBits d
    }

/// Rand-k, scaled by k′/k, among the Top-k′ entries: η = √((d−k′)/d), ω_r = (k′−k)/k.
let comp (k: int) (k': int) : Compressor =
    let apply draw =
        pickRanks draw (fun ranks x ->
            let top = (ranking x)[.. k' - 1] |> Array.sort
            let kept = ranks |> Array.map (fun r -> top[r]) |> Set.ofArray

            x
            |> Array.mapi (fun i v -> if kept.Contains i then (1.0 / ratio k k') * v else 0.0))

    let spread = float (k' - k) / float k
    // ‖x − Top‖² + ω_r‖Top‖² with ‖Top‖² ≥ (k′/d)‖x‖².
    let alpha d =
        if spread < 1.0 then
            Some((1.0 - spread) * ratio k' d)
        else
            None

    {
        biased
            $"comp-({k},{k'})"
            (fun n _ -> coordinateDraw k n k')
            apply
            alpha
            (fun d -> sqrt (1.0 - ratio k' d), spread)
            (fun _ -> float k) with
            Bits = fun d -> float k * (floatBits + indexBits d)
    }

/// A compressor that rounds each entry up or down, independently: x ↦ (low, high, probability of high) per entry.
let private rounding name (entries: float[] -> struct (float * float * float)[]) omega bits : Compressor =
    let apply draw (x: Block) =
        match draw with
        | CompressorDraw.Numbers u ->
            let uniforms = u.ToArray()

            let round w lane (v: float[]) =
                let from =
                    ((if u.Workers = 1 then 0 else w) * u.Lanes + (if u.Lanes = 1 then 0 else lane))
                    * v.Length

                entries v
                |> Array.mapi (fun i (struct (low, high, p)) -> if uniforms[from + i] < p then high else low)

            eachVector u.Workers u.Lanes round x
        | _ -> invalidArg (nameof draw) "This compressor draws numbers."

    let law (x: float[]) =
        let prepend (struct (low, high, p)) tails = [
            for q, tail in tails do
                if p < 1.0 then
                    q * (1.0 - p), low :: tail

                if p > 0.0 then
                    q * p, high :: tail
        ]

        Array.foldBack prepend (entries x) [ 1.0, [] ]
        |> List.map (fun (q, values) -> q, Array.ofList values)

    {
        unbiased name (fun n d -> Draw.uniforms n d |> Draw.map CompressorDraw.Numbers) apply omega (fun d ->
            bits d / floatBits) with
            ExactLaw = law
            Bits = bits
    }

/// Each entry rounded without bias to one of the two neighbouring powers of two: ω = 1/8, attained when every nonzero
/// entry has size (4/3)·2^a. Sign and exponent: 9 bits.
let natural: Compressor =
    let entry (t: float) =
        if t = 0.0 || not (Double.IsFinite t) then
            struct (t, t, 0.0)
        else
            let low = Math.ScaleB(1.0, Math.ILogB t)
            struct (Math.CopySign(low, t), Math.CopySign(2.0 * low, t), (abs t - low) / low)

    rounding "natural" (Array.map entry) (fun _ -> 0.125) (fun d -> 9.0 * float d)

/// Each |x_i| rounded without bias on the grid ℓ·scale/s.
let private grid (s: int) (scale: float) (x: float[]) =
    x
    |> Array.map (fun v ->
        let level = if scale > 0.0 then float s * abs v / scale else 0.0
        let below = floor level
        let unit = Math.CopySign(scale / float s, v)
        struct (below * unit, (below + 1.0) * unit, level - below))

/// Dithering (QSGD) with s levels of the 2-norm: ω = √d − 1 for s = 1 (attained for entries of equal size), else
/// ω ≤ min{d/(4s²), √d/s}.
let dithering (s: int) : Compressor =
    let norm (x: float[]) =
        sqrt (x |> Array.sumBy (fun v -> v * v))

    let omega d =
        let d = float d

        if s = 1 then
            sqrt d - 1.0
        else
            min (d / float (4 * s * s)) (sqrt d / float s)

    // s = 1 sends sign and index of at most √d entries on average; any s can send sign and level of every entry.
    let bits d =
        let dense = float d * (1.0 + ceil (Math.Log2(float (s + 1))))

        let sparse =
            if s = 1 then
                sqrt (float d) * (1.0 + indexBits d)
            else
                infinity

        floatBits + min dense sparse

    rounding $"dithering-{s}" (fun x -> grid s (norm x) x) omega bits

/// ‖x‖_∞·sign(x_i) with probability |x_i|/‖x‖_∞, else 0: ω = (√d − 1)/2, attained at (1, t, …, t), t = 1/(1 + √d).
let ternary: Compressor =
    let largest (x: float[]) = x |> Array.map abs |> Array.max

    rounding "ternary" (fun x -> grid 1 (largest x) x) (fun d -> (sqrt (float d) - 1.0) / 2.0) (fun d ->
        floatBits + 2.0 * float d)

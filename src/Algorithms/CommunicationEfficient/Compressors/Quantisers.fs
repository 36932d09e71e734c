namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors.Building

/// Compressors that send every entry coarsely.
///
/// Dithering: Alistarh et al., 2017, arXiv 1610.02132; natural compression: Horváth et al., 2019, arXiv 1905.10988; signs
/// and ternary: folklore.
[<AutoOpen>]
module Quantisers =

    /// (‖x‖₁/d)·sign(x): ‖C(x) − x‖² = ‖x‖² − ‖x‖₁²/d when no entry vanishes, so α = 1/d. Vectors with a zero entry cost a
    /// second bit per entry, which the length of the message tells.
    let scaledSign: Compressor =
        let apply (x: Block) =
            (x.Reduce Reduction.SumAbs / float x.Dimension) * Block.sign x

        let secondMoment (x: float[]) =
            let scale = (x |> Array.sumBy abs) / float x.Length
            float (x |> Array.filter ((<>) 0.0) |> Array.length) * scale * scale

        let encoding (_: CompressorDraw -> Block -> Block) = {
            Encode =
                fun _ x ->
                    let writer = MessageWriter().WriteFloat((x |> Array.sumBy abs) / float x.Length)

                    let zeros = x |> Array.contains 0.0

                    for v in x do
                        writer.Write((if v > 0.0 then 1UL else 0UL), 1) |> ignore

                        if zeros then
                            writer.Write((if v = 0.0 then 1UL else 0UL), 1) |> ignore

                    writer.ToMessage()
            Decode =
                fun d _ message ->
                    let reader = MessageReader message
                    let scale = reader.ReadFloat()
                    let zeros = reader.Length > 32 + d

                    Array.init d (fun _ ->
                        let up = reader.Read 1 = 1UL
                        let vanishes = zeros && reader.Read 1 = 1UL

                        if vanishes then 0.0
                        elif up then scale
                        else -scale)
        }

        let bits d = float d + floatBits

        {
            deterministic
                "scaled sign"
                apply
                (fun d -> 1.0 / float d)
                secondMoment
                (fun d -> bits d / floatBits)
                encoding with
                Bits = bits
        }

    /// An entry's two neighbours on a grid and the probability of the higher one.
    type private Rounded = (struct (float * float * float))

    /// A compressor that rounds each entry up or down, independently: x ↦ (low, high, probability of high) per entry.
    let private rounding name (entries: float[] -> Rounded[]) omega bits encoding : Compressor =
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

        let secondMoment x =
            entries x
            |> Array.sumBy (fun (struct (low, high, p)) -> (1.0 - p) * low * low + p * high * high)

        {
            unbiased
                name
                (fun n d -> Draw.uniforms n d |> Draw.map CompressorDraw.Numbers)
                apply
                omega
                secondMoment
                (fun d -> bits d / floatBits)
                (encoding apply) with
                ExactLaw = law
                Bits = bits
        }

    /// Each entry rounded without bias to one of the two neighbouring powers of two: ω = 1/8, attained when every nonzero
    /// entry has size (4/3)·2^a. Sign and exponent: 9 bits; sizes outside 2^-126 … 2^127 have no code.
    let natural: Compressor =
        let entry (t: float) =
            if t = 0.0 || not (Double.IsFinite t) then
                struct (t, t, 0.0)
            else
                let low = Math.ScaleB(1.0, Math.ILogB t)
                struct (Math.CopySign(low, t), Math.CopySign(2.0 * low, t), (abs t - low) / low)

        // The sign and the exponent of a single-precision float; a power of two has no other bits.
        let encoding apply = {
            Encode =
                fun draw x ->
                    let writer = MessageWriter()

                    for v in first apply draw x do
                        let bits = BitConverter.SingleToUInt32Bits(float32 v)

                        if bits &&& 0x7FFFFFu <> 0u then
                            invalidArg
                                (nameof x)
                                $"Natural compression has no code for {v}: not a power of two in 2^-126 … 2^127."

                        writer.Write(uint64 (bits >>> 23), 9) |> ignore

                    writer.ToMessage()
            Decode =
                fun d _ message ->
                    let reader = MessageReader message
                    Array.init d (fun _ -> float (BitConverter.UInt32BitsToSingle(uint32 (reader.Read 9) <<< 23)))
        }

        rounding "natural" (Array.map entry) (fun _ -> 0.125) (fun d -> 9.0 * float d) encoding

    /// Each |x_i| rounded without bias on the grid ℓ·scale/s.
    let private grid (s: int) (scale: float) (x: float[]) =
        x
        |> Array.map (fun v ->
            let level = if scale > 0.0 then float s * abs v / scale else 0.0
            // Rounding of the scale may lift the largest entry a hair above the top level.
            let below = min (floor level) (float s)
            let unit = Math.CopySign(scale / float s, v)
            struct (below * unit, (below + 1.0) * unit, (if below = float s then 0.0 else level - below)))

    let private levelWidth (s: int) = int (ceil (Math.Log2(float (s + 1))))

    /// Scale, then sign and level of each entry; for one level, sign and index of the nonzeros where that is shorter,
    /// which the length of the message tells.
    let private levels s (scaleOf: float[] -> float) apply : Encoding =
        let width = levelWidth s
        let denseLength d = 32 + d * (1 + width)

        {
            Encode =
                fun draw x ->
                    let scale = scaleOf x

                    let codes =
                        first apply draw x
                        |> Array.map (fun v ->
                            (if v < 0.0 then 1UL else 0UL),
                            (if scale > 0.0 then
                                 uint64 (round (float s * abs v / scale))
                             else
                                 0UL))

                    let writer = MessageWriter().WriteFloat scale
                    let entries = [| 0 .. x.Length - 1 |] |> Array.filter (fun i -> snd codes[i] > 0UL)

                    if s = 1 && 32 + entries.Length * (1 + indexWidth x.Length) < denseLength x.Length then
                        for i in entries do
                            writer.Write(fst codes[i], 1).Write(uint64 i, indexWidth x.Length) |> ignore
                    else
                        for sign, level in codes do
                            writer.Write(sign, 1).Write(level, width) |> ignore

                    writer.ToMessage()
            Decode =
                fun d _ message ->
                    let reader = MessageReader message
                    let unit = reader.ReadFloat() / float s
                    let signed sign size = if sign = 1UL then -size else size

                    if reader.Length = denseLength d then
                        Array.init d (fun _ ->
                            let sign = reader.Read 1
                            signed sign (float (reader.Read width) * unit))
                    else
                        let y = Array.zeroCreate d

                        while not reader.Finished do
                            let sign = reader.Read 1
                            y[int (reader.Read(indexWidth d))] <- signed sign unit

                        y
        }

    /// Dithering (QSGD) with s levels of the 2-norm: ω = √d − 1 for s = 1 (attained for entries of equal size), else
    /// ω ≤ min{d/(4s²), √d/s}.
    let dithering (s: int) : Compressor =
        let norm x = sqrt (square x)

        let omega d =
            let d = float d

            if s = 1 then
                sqrt d - 1.0
            else
                min (d / float (4 * s * s)) (sqrt d / float s)

        // s = 1 sends sign and index of at most √d entries on average; any s can send sign and level of every entry.
        let bits d =
            let dense = float d * (1.0 + float (levelWidth s))

            let sparse =
                if s = 1 then
                    sqrt (float d) * (1.0 + indexBits d)
                else
                    infinity

            floatBits + min dense sparse

        rounding $"dithering-{s}" (fun x -> grid s (norm x) x) omega bits (levels s norm)

    /// ‖x‖_∞·sign(x_i) with probability |x_i|/‖x‖_∞, else 0: ω = (√d − 1)/2, attained at (1, t, …, t), t = 1/(1 + √d).
    let ternary: Compressor =
        let largest (x: float[]) = x |> Array.map abs |> Array.max

        rounding
            "ternary"
            (fun x -> grid 1 (largest x) x)
            (fun d -> (sqrt (float d) - 1.0) / 2.0)
            (fun d -> floatBits + 2.0 * float d)
            (levels 1 largest)

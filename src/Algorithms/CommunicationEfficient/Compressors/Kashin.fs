namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors.Building

/// Kashin representations: x = Ua with all entries of a of about the same size. Lyubarskii, Vershynin, 2010,
/// arXiv math/0611343.
[<RequireQualifiedAccess>]
module Kashin =

    /// Where the algorithm stands after some rounds.
    [<NoComparison; NoEquality>]
    type Round = {
        /// a.
        Coefficients: float[]
        /// y = x − Ua.
        Residual: float[]
        /// B, at which the next round clips.
        Level: float
    }

    let private times (m: Matrix) (x: float[]) =
        LinearAlgebra.Multiply(m, ReadOnlySpan x)

    /// a = 0, y = x, B = ‖x‖/√(δD).
    let start (u: FrameMatrix) (delta: float) (x: float[]) : Round = {
        Coefficients = Array.zeroCreate u.Size
        Residual = x
        Level = sqrt (square x) / sqrt (delta * float u.Size)
    }

    /// The residual's coefficients Uᵀy.
    let analyse (u: FrameMatrix) (s: Round) : float[] = times u.Analysis s.Residual

    /// b = Uᵀy; b̂ = b clipped at B; y ← y − Ub̂; a ← a + b̂; B ← ηB.
    let round (u: FrameMatrix) (eta: float) (s: Round) : Round =
        let clipped = analyse u s |> Array.map (fun v -> max -s.Level (min s.Level v))

        {
            Coefficients = Array.map2 (+) s.Coefficients clipped
            Residual = Array.map2 (-) s.Residual (times u.Synthesis clipped)
            Level = eta * s.Level
        }

    /// The first rounds, beginning with the start.
    let rounds (frame: Frame) (count: int) (x: float[]) : Round list =
        let u = frame.At x.Length
        let eta, delta = frame.Levels x.Length
        List.scan (fun s _ -> round u eta s) (start u delta x) [ 1..count ]

    /// a after `count` rounds and a last one without clipping: Ua = x.
    let represent (frame: Frame) (count: int) (x: float[]) : float[] =
        let last = List.last (rounds frame count x)
        Array.map2 (+) last.Coefficients (analyse (frame.At x.Length) last)

    /// A bound on ‖a‖_∞/‖x‖ for `represent`: the levels of all rounds, then the largest column times what is left of ‖y‖,
    /// η^r by the uncertainty principle, else 1.
    let spread (frame: Frame) (count: int) (d: int) : float =
        let u = frame.At d
        let eta, delta = frame.Levels d
        let shrunk = eta ** float count
        let clipped = (1.0 - shrunk) / ((1.0 - eta) * sqrt (delta * float u.Size))
        clipped + (if frame.Proved then shrunk else 1.0) * sqrt (Array.max u.Columns)

/// Kashin compression: Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958.
[<AutoOpen>]
module KashinCompressors =

    /// a, ‖a‖_∞, and for each entry the index below and the probability of the index above on m levels of [−A, A].
    let private rounded (levels: int) (a: float[]) =
        let largest = a |> Array.fold (fun most v -> max most (abs v)) 0.0
        let top = float (levels - 1)

        largest,
        a
        |> Array.map (fun v ->
            if largest > 0.0 then
                let place = 0.5 * top * (v / largest + 1.0)
                let low = max 0.0 (min (floor place) (top - 1.0))
                struct (low, min 1.0 (max 0.0 (place - low)))
            else
                struct (0.0, 0.0))

    /// A·Uq with q_i = 2·index/(m−1) − 1: one product whose scale comes last, so that it travels alone.
    let private decoded (levels: int) (u: FrameMatrix) (largest: float) (indices: float[]) =
        let q = indices |> Array.map (fun i -> 2.0 * i / float (levels - 1) - 1.0)
        LinearAlgebra.Multiply(u.Synthesis, ReadOnlySpan q) |> Array.map ((*) largest)

    /// The exact variance E‖C(x) − x‖² = Σ_i (a_i − lo_i)(hi_i − a_i)‖U_i‖² of rounding a on m levels.
    let private variance levels (u: FrameMatrix) (a: float[]) =
        let largest, entries = rounded levels a
        let spacing = 2.0 * largest / float (levels - 1)

        Array.map2 (fun (struct (_, p)) column -> spacing * spacing * p * (1.0 - p) * column) entries u.Columns
        |> Array.sum

    /// The coefficients a of x in a frame after `count` clipped rounds and one without, each rounded without bias on m
    /// levels of [−‖a‖_∞, ‖a‖_∞]; decoded as U·C(a). ω ≤ max‖U_i‖²·D·(‖a‖_∞/‖x‖)²/(m−1)² with the bound of `Kashin.spread`.
    let kashinWith (levels: int) (count: int) (frame: Frame) : Compressor =
        if levels < 2 then
            invalidArg (nameof levels) $"Two levels are the fewest, got {levels}."

        let width = indexWidth levels
        let represent x = Kashin.represent frame count x

        let pick (uniforms: float[]) from (x: float[]) =
            let largest, entries = rounded levels (represent x)

            largest,
            entries
            |> Array.mapi (fun i (struct (low, p)) -> if uniforms[from + i] < p then low + 1.0 else low)

        let numbers draw =
            match draw with
            | CompressorDraw.Numbers u -> u
            | _ -> invalidArg (nameof draw) "This compressor draws numbers."

        let apply draw (x: Block) =
            let u = numbers draw
            let uniforms = u.ToArray()

            let one w lane (v: float[]) =
                let from =
                    ((if u.Workers = 1 then 0 else w) * u.Lanes + (if u.Lanes = 1 then 0 else lane))
                    * u.Dimension

                let largest, indices = pick uniforms from v
                decoded levels (frame.At v.Length) largest indices

            eachVector u.Workers u.Lanes one x

        let law (x: float[]) =
            let largest, entries = rounded levels (represent x)

            let prepend (struct (low, p)) tails = [
                for q, tail in tails do
                    if p < 1.0 then
                        q * (1.0 - p), low :: tail

                    if p > 0.0 then
                        q * p, (low + 1.0) :: tail
            ]

            Array.foldBack prepend entries [ 1.0, [] ]
            |> List.map (fun (q, indices) -> q, decoded levels (frame.At x.Length) largest (Array.ofList indices))

        let omega d =
            let u = frame.At d
            let share = Kashin.spread frame count d / float (levels - 1)
            Array.max u.Columns * float u.Size * share * share

        let bits d =
            floatBits + float (width * (frame.At d).Size)

        let encoding: Encoding = {
            Encode =
                fun draw x ->
                    let largest, indices = pick ((numbers draw).ToArray()) 0 x
                    let writer = MessageWriter().WriteFloat largest
                    indices |> Array.iter (fun i -> writer.Write(uint64 i, width) |> ignore)
                    writer.ToMessage()
            Decode =
                fun d _ message ->
                    let reader = MessageReader message
                    let largest = reader.ReadFloat()
                    let u = frame.At d
                    let indices = Array.init u.Size (fun _ -> float (reader.Read width))
                    decoded levels u largest indices
        }

        {
            unbiased
                $"Kashin-{levels}, {frame.Name}"
                (fun n d -> Draw.uniforms n (frame.At d).Size |> Draw.map CompressorDraw.Numbers)
                apply
                omega
                (fun x -> square x + variance levels (frame.At x.Length) (represent x))
                (fun d -> bits d / floatBits)
                encoding with
                ExactLaw = law
                Bits = bits
        }

    /// On m levels in a randomised Hadamard frame with three clipped rounds, as public code has it, and the last round that
    /// makes it unbiased.
    let kashin (levels: int) : Compressor =
        kashinWith levels 3 (Frames.randomisedHadamard 1)

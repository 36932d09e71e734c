namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System.Collections.Concurrent
open System.Numerics
open Theory.Numerics

/// A tight frame of R^d: U of d × D, D ≥ d, with UUᵀ = I.
[<NoEquality; NoComparison>]
type FrameMatrix = {
    /// U.
    Synthesis: Matrix
    /// Uᵀ.
    Analysis: Matrix
    /// ‖U_i‖² of every column.
    Columns: float[]
} with

    /// D.
    member f.Size = f.Synthesis.Columns

/// A frame for every dimension, with the levels η and δ at which Kashin representations clip.
[<NoEquality; NoComparison>]
type Frame = {
    Name: string
    /// U for vectors of dimension d.
    At: int -> FrameMatrix
    /// η and δ for vectors of dimension d.
    Levels: int -> float * float
    /// Whether ‖Ua‖ ≤ η‖a‖ is proved for every a with at most δD nonzeros (the uncertainty principle).
    Proved: bool
}

/// Frames with short Kashin representations.
[<RequireQualifiedAccess>]
module Frames =

    let private build name (matrix: int -> Matrix) levels proved : Frame =
        let known = ConcurrentDictionary<int, FrameMatrix>()

        let make d =
            let u = matrix d

            {
                Synthesis = u
                Analysis = u.Transpose()
                Columns = Array.init u.Columns (fun j -> Seq.sum (Seq.init d (fun i -> u[i, j] * u[i, j])))
            }

        {
            Name = name
            At = fun d -> known.GetOrAdd(d, make)
            Levels = levels
            Proved = proved
        }

    /// Entry of Sylvester's matrix of signs.
    let private sign (i: int) (j: int) =
        if BitOperations.PopCount(uint32 (i &&& j)) % 2 = 0 then
            1.0
        else
            -1.0

    /// U = [I, H/√d]/√2, d a power of two. Every a with k nonzeros has ‖Ua‖² ≤ ½(1 + k/(2√d))‖a‖²: the block of H that i
    /// of the first and k − i of the last columns meet in has norm at most √(i(k − i)/d).
    let hadamardPair (k: int) : Frame =
        let matrix (d: int) =
            if not (BitOperations.IsPow2 d) then
                invalidArg (nameof d) $"The frame [I, H]/√2 needs a dimension that is a power of two, got {d}."

            let root = sqrt 0.5

            Matrix.Create(
                d,
                2 * d,
                fun i j ->
                    if j >= d then root / sqrt (float d) * sign i (j - d)
                    elif i = j then root
                    else 0.0
            )

        let levels (d: int) =
            sqrt (0.5 * (1.0 + float k / (2.0 * sqrt (float d)))), float k / float (2 * d)

        build $"[I, H] for {k} nonzeros" matrix levels true

    /// Random signs, then a Hadamard matrix of the next power of two above d: what public code uses, with η = 0.9, δ = 1.
    let randomisedHadamard (seed: int) : Frame =
        let size (d: int) =
            int (BitOperations.RoundUpToPowerOf2(uint32 (d + 1)))

        let matrix (d: int) =
            let address = DrawAddress(uint64 (uint32 seed), 0x6b617368u, 0, 0, 0)
            let flips = Sampler.Uniform(address, 1, 1, d).ToArray()
            let scale = 1.0 / sqrt (float (size d))
            Matrix.Create(d, size d, (fun i j -> (if flips[i] < 0.5 then scale else -scale) * sign i j))

        build "randomised Hadamard" matrix (fun _ -> 0.9, 1.0) false

    /// D = round(λd) columns, the rows Gaussian and made orthonormal; η = 0.8, δ = 0.2.
    let orthonormalRows (lambda: float) (seed: int) : Frame =
        let dot (x: float[]) (y: float[]) =
            LinearAlgebra.Dot(System.ReadOnlySpan x, System.ReadOnlySpan y)

        let matrix (d: int) =
            let size = int (round (lambda * float d))

            let raw =
                Sampler.Gaussian(DrawAddress(uint64 (uint32 seed), 0x6f727468u, d, 0, 0), 1, d, size).ToArray()
                |> Array.chunkBySize size

            for i in 0 .. d - 1 do
                // Gaussian rows are well conditioned: one pass of modified Gram–Schmidt is orthogonal to rounding.
                for j in 0 .. i - 1 do
                    let row, earlier = raw[i], raw[j]
                    let c = dot earlier row

                    for t in 0 .. size - 1 do
                        row[t] <- row[t] - c * earlier[t]

                let length = sqrt (dot raw[i] raw[i])
                raw[i] <- raw[i] |> Array.map (fun v -> v / length)

            Matrix(d, size, Array.concat raw)

        build $"random rows, λ = {lambda:G3}" matrix (fun _ -> 0.8, 0.2) false

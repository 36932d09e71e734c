namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors.Building

/// Compressors of matrices by their rank.
[<AutoOpen>]
module LowRankCompressors =

    /// The best approximation of rank r of a rows × columns matrix (truncated SVD): α = r/min(rows, columns) in the
    /// Frobenius norm, attained when all singular values are equal. Its two factors are sent where they are shorter than
    /// the matrix.
    let lowRank (r: int) (rows: int) (columns: int) : Compressor =
        let kept (svd: SingularValues) = min r svd.Values.Count

        let truncate (x: float[]) =
            if not (Array.forall Double.IsFinite x) then
                x |> Array.map (fun _ -> nan)
            else
                let svd = Decompositions.Svd(Matrix(rows, columns, x))

                Array.init x.Length (fun at ->
                    let i, j = at / columns, at % columns
                    Seq.sum (Seq.init (kept svd) (fun k -> svd.Left[i, k] * svd.Values[k] * svd.Right[j, k])))

        let alpha _ = min 1.0 (ratio r (min rows columns))
        let factored = r * (rows + columns) < rows * columns

        let floats _ =
            float (min (r * (rows + columns)) (rows * columns))

        let secondMoment (x: float[]) =
            let svd = Decompositions.Svd(Matrix(rows, columns, x))
            Seq.sum (Seq.init (kept svd) (fun k -> svd.Values[k] ** 2.0))

        let encoding apply =
            if not factored then
                dense apply
            else
                {
                    Encode =
                        fun _ x ->
                            let svd = Decompositions.Svd(Matrix(rows, columns, x))
                            let writer = MessageWriter()

                            for k in 0 .. r - 1 do
                                for i in 0 .. rows - 1 do
                                    writer.WriteFloat(svd.Left[i, k] * svd.Values[k]) |> ignore

                                for j in 0 .. columns - 1 do
                                    writer.WriteFloat svd.Right[j, k] |> ignore

                            writer.ToMessage()
                    Decode =
                        fun d _ message ->
                            let reader = MessageReader message
                            let y = Array.zeroCreate d

                            for _ in 1..r do
                                let left = Array.init rows (fun _ -> reader.ReadFloat())
                                let right = Array.init columns (fun _ -> reader.ReadFloat())

                                for at in 0 .. d - 1 do
                                    y[at] <- y[at] + left[at / columns] * right[at % columns]

                            y
                }

        deterministic
            $"rank {r} of {rows}×{columns}"
            (eachVector 1 1 (fun _ _ x -> truncate x))
            alpha
            secondMoment
            floats
            encoding

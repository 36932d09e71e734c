namespace Theory.Problems

open System
open Theory.Numerics

/// How the rows of a data set are kept in memory.
[<RequireQualifiedAccess>]
type Storage =
    /// By density.
    | Automatic
    | Dense
    | Sparse

/// The rows a_1 … a_N of a data set, an N × d matrix.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type Design =
    | Dense of Matrix
    | Sparse of SparseMatrix

    /// N.
    member this.Rows =
        match this with
        | Dense m -> m.Rows
        | Sparse m -> m.Rows

    /// d.
    member this.Columns =
        match this with
        | Dense m -> m.Columns
        | Sparse m -> m.Columns

    /// Stored entries over N·d; 1 when dense.
    member this.Density =
        match this with
        | Dense _ -> 1.0
        | Sparse m -> float m.NonZeros / (float m.Rows * float m.Columns)

/// Products with data rows and the matrices made of them.
[<RequireQualifiedAccess>]
module Design =

    /// From this density on dense products are as fast for one lane, and faster for many (at 0.19 equal for one lane and
    /// four times faster for 64; at 0.04 four times slower and 1.7 times faster).
    let private densityLimit = 0.1

    /// Largest number of entries that a dense copy may have (4 GiB).
    let private denseLimit = 1L <<< 29

    /// The share of zeros among a matrix's entries.
    let zeroShare (m: Matrix) : float =
        let mutable zeros = 0

        for v in m.Values do
            if v = 0.0 then
                zeros <- zeros + 1

        float zeros / float m.Values.Length

    /// The rows as a sparse matrix.
    let toSparse (design: Design) : SparseMatrix =
        match design with
        | Design.Sparse m -> m
        | Design.Dense m ->
            let starts = Array.zeroCreate (m.Rows + 1)
            let columns = ResizeArray<int>()
            let values = ResizeArray<float>()

            for r in 0 .. m.Rows - 1 do
                for c in 0 .. m.Columns - 1 do
                    if m[r, c] <> 0.0 then
                        columns.Add c
                        values.Add m[r, c]

                starts[r + 1] <- values.Count

            SparseMatrix(m.Columns, starts, columns.ToArray(), values.ToArray())

    /// The rows as a dense matrix.
    let toDense (design: Design) : Matrix =
        match design with
        | Design.Dense m -> m
        | Design.Sparse m ->
            if int64 m.Rows * int64 m.Columns > denseLimit then
                invalidArg
                    (nameof design)
                    $"A dense copy of {m.Rows} rows of dimension {m.Columns} is too large; keep them sparse."

            m.ToDense()

    /// The same rows in the wanted storage.
    let store (storage: Storage) (design: Design) : Design =
        match storage, design with
        | Storage.Dense, _ -> Design.Dense(toDense design)
        | Storage.Sparse, _ -> Design.Sparse(toSparse design)
        | Storage.Automatic, Design.Sparse m when
            design.Density >= densityLimit && int64 m.Rows * int64 m.Columns <= denseLimit
            ->
            Design.Dense(m.ToDense())
        | Storage.Automatic, _ -> design

    /// Row j times factors[j].
    let scaleRows (factors: float[]) (design: Design) : Design =
        match design with
        | Design.Dense m -> Design.Dense(Matrix.Create(m.Rows, m.Columns, (fun r c -> factors[r] * m[r, c])))
        | Design.Sparse m ->
            let values = m.Values.ToArray()

            for r in 0 .. m.Rows - 1 do
                for e in m.Starts[r] .. m.Starts[r + 1] - 1 do
                    values[e] <- factors[r] * values[e]

            Design.Sparse(SparseMatrix(m.Columns, m.Starts.ToArray(), m.ColumnIndices.ToArray(), values))

    /// Column k times factors[k].
    let scaleColumns (factors: float[]) (design: Design) : Design =
        match design with
        | Design.Dense m -> Design.Dense(Matrix.Create(m.Rows, m.Columns, (fun r c -> factors[c] * m[r, c])))
        | Design.Sparse m ->
            let columns = m.ColumnIndices.ToArray()
            let values = Array.map2 (fun c v -> factors[c] * v) columns (m.Values.ToArray())
            Design.Sparse(SparseMatrix(m.Columns, m.Starts.ToArray(), columns, values))

    /// max_j |a_jk| of every column k.
    let columnSizes (design: Design) : float[] =
        let sizes = Array.zeroCreate design.Columns

        match design with
        | Design.Dense m ->
            for r in 0 .. m.Rows - 1 do
                for c in 0 .. m.Columns - 1 do
                    sizes[c] <- max sizes[c] (abs m[r, c])
        | Design.Sparse m ->
            for e in 0 .. m.NonZeros - 1 do
                let c = m.ColumnIndices[e]
                sizes[c] <- max sizes[c] (abs m.Values[e])

        sizes

    /// Rows [from, to), filled up with zero rows to `count` rows.
    let slice (from: int) (until: int) (count: int) (design: Design) : Design =
        match design with
        | Design.Dense m ->
            let values = Array.zeroCreate (count * m.Columns)
            m.Values.Slice(from * m.Columns, (until - from) * m.Columns).CopyTo(Span values)
            Design.Dense(Matrix(count, m.Columns, values))
        | Design.Sparse m ->
            let first, last = m.Starts[from], m.Starts[until]
            let all = m.Starts.ToArray()
            let starts = Array.init (count + 1) (fun r -> all[min (from + r) until] - first)

            let part =
                SparseMatrix(
                    m.Columns,
                    starts,
                    m.ColumnIndices.Slice(first, last - first).ToArray(),
                    m.Values.Slice(first, last - first).ToArray()
                )

            Design.Sparse part

    /// Row r's entries as (column, value) pairs of arrays.
    /// Row order[i] of the design as row i.
    let reorder (order: int[]) (design: Design) : Design =
        match design with
        | Design.Dense m -> Design.Dense(Matrix.Create(order.Length, m.Columns, (fun r c -> m[order[r], c])))
        | Design.Sparse m ->
            let starts = m.Starts.ToArray()
            let columns, values = m.ColumnIndices.ToArray(), m.Values.ToArray()

            let pick (entries: 'T[]) =
                order
                |> Array.collect (fun r -> Array.sub entries starts[r] (starts[r + 1] - starts[r]))

            let sizes = order |> Array.map (fun r -> starts[r + 1] - starts[r])
            Design.Sparse(SparseMatrix(m.Columns, Array.scan (+) 0 sizes, pick columns, pick values))

    let private entries (design: Design) (r: int) : int[] * float[] =
        match design with
        | Design.Dense m -> Array.init m.Columns id, m.Row(r).ToArray()
        | Design.Sparse m ->
            let first, count = m.Starts[r], m.Starts[r + 1] - m.Starts[r]
            m.ColumnIndices.Slice(first, count).ToArray(), m.Values.Slice(first, count).ToArray()

    /// ‖a_j‖² of every row.
    let rowNormsSquared (design: Design) : float[] =
        Array.init design.Rows (fun r -> snd (entries design r) |> Array.sumBy (fun v -> v * v))

    /// A·x on the host.
    let multiply (design: Design) (x: float[]) : float[] =
        match design with
        | Design.Dense m -> LinearAlgebra.Multiply(m, ReadOnlySpan x)
        | Design.Sparse m ->
            let result = Array.zeroCreate m.Rows

            for r in 0 .. m.Rows - 1 do
                let mutable sum = 0.0

                for e in m.Starts[r] .. m.Starts[r + 1] - 1 do
                    sum <- sum + m.Values[e] * x[m.ColumnIndices[e]]

                result[r] <- sum

            result

    /// Aᵀ·c on the host.
    let combine (design: Design) (c: float[]) : float[] =
        let result = Array.zeroCreate design.Columns

        match design with
        | Design.Dense m ->
            for r in 0 .. m.Rows - 1 do
                let row = m.Row r

                for k in 0 .. row.Length - 1 do
                    result[k] <- result[k] + c[r] * row[k]
        | Design.Sparse m ->
            for r in 0 .. m.Rows - 1 do
                for e in m.Starts[r] .. m.Starts[r + 1] - 1 do
                    let k = m.ColumnIndices[e]
                    result[k] <- result[k] + c[r] * m.Values[e]

        result

    /// Σ_{from ≤ j < to} w_j a_j a_jᵀ, symmetric to the last bit.
    let gram (from: int) (until: int) (w: float[]) (design: Design) : Matrix =
        let d = design.Columns

        match design with
        | Design.Dense m ->
            let rows = until - from
            let own = m.Values.Slice(from * d, rows * d).ToArray()
            let scaled = Array.zeroCreate (d * rows)

            for r in 0 .. rows - 1 do
                for k in 0 .. d - 1 do
                    scaled[k * rows + r] <- w[from + r] * own[r * d + k]

            LinearAlgebra.Symmetrise(Gemm.Multiply(Matrix(d, rows, scaled), Matrix(rows, d, own)))
        | Design.Sparse m ->
            let sum = Array.zeroCreate (d * d)

            for r in from .. until - 1 do
                let first, last = m.Starts[r], m.Starts[r + 1] - 1

                for e in first..last do
                    let scale = w[r] * m.Values[e]
                    let at = m.ColumnIndices[e] * d

                    // Columns increase, so this fills the lower triangle.
                    for other in first..e do
                        let k = at + m.ColumnIndices[other]
                        sum[k] <- sum[k] + scale * m.Values[other]

            Matrix.Create(d, d, (fun i j -> sum[max i j * d + min i j]))

/// Labelled rows: what a classification or regression problem is made of.
[<NoEquality; NoComparison>]
type LabelledData = {
    /// The file's or the generator's name.
    Name: string
    Rows: Design
    /// −1 and +1 for classification, real numbers for regression; one a row.
    Labels: float[]
}

/// In which order rows are dealt to workers.
[<RequireQualifiedAccess>]
type RowOrder =
    /// As they stand.
    | AsGiven
    /// By label, negative ones first: as heterogeneous as labels make it.
    | ByLabel
    /// At random, from a seed: as homogeneous as chance makes it.
    | Shuffled of seed: int

/// Labelled rows in another order.
[<RequireQualifiedAccess>]
module RowOrder =

    /// The same rows and labels, in an order.
    let apply (order: RowOrder) (data: LabelledData) : LabelledData =
        let count = data.Labels.Length

        let reordered suffix permutation = {
            Name = $"{data.Name}, {suffix}"
            Rows = Design.reorder permutation data.Rows
            Labels = permutation |> Array.map (fun r -> data.Labels[r])
        }

        match order with
        | RowOrder.AsGiven -> data
        | RowOrder.ByLabel ->
            reordered "sorted by label" (Array.init count id |> Array.sortBy (fun r -> data.Labels[r], r))
        | RowOrder.Shuffled seed ->
            let keys =
                Sampler.Uniform(DrawAddress(uint64 (uint32 seed), 0x73687566u, 0, 0, 0), 1, 1, count).ToArray()

            reordered $"shuffled (seed {seed})" (Array.init count id |> Array.sortBy (fun r -> keys[r], r))

/// Distribution of rows over workers.
[<RequireQualifiedAccess>]
module Split =

    /// Contiguous parts in the order of the file, as equal as they can be, the remainder spread over the first parts:
    /// part i holds rows [starts_i, starts_{i+1}).
    let contiguous (rows: int) (parts: int) : int[] =
        if parts < 1 || parts > rows then
            invalidArg (nameof parts) $"{rows} rows can be split over 1 to {rows} workers, not {parts}."

        let size, remainder = rows / parts, rows % parts
        Array.init (parts + 1) (fun i -> i * size + min i remainder)

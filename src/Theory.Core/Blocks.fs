namespace Theory

open Theory.Numerics

/// Functions on blocks, named as papers write them. A block is workers × lanes × dimension; see `Theory.Numerics.Block`.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Block =

    /// One vector as a block of one worker and one lane.
    let vector (values: float[]) : Block = Block.FromVector values

    /// One number for every lane.
    let scalar (value: float) : Block = Block.FromVector [| value |]

    /// Zeros: workers × lanes × dimension.
    let zeros workers lanes dimension : Block =
        Block.Zero(Shape.Vector(workers, lanes, dimension))

    /// Lanes given as rows: 1 × rows × dimension.
    let ofRows (rows: float[][]) : Block =
        Block.Own(Shape.Vector(1, rows.Length, rows[0].Length), Array.concat rows)

    /// Workers given as rows: rows × 1 × dimension.
    let ofWorkers (rows: float[][]) : Block =
        Block.Own(Shape.Vector(rows.Length, 1, rows[0].Length), Array.concat rows)

    /// x for each of n workers: n × lanes × dimension.
    let repeatWorkers (n: int) (x: Block) : Block =
        if x.Workers = n then
            x
        else
            Block.ConcatWorkers(Array.replicate n x)

    /// (1/n) Σ over workers: 1 × lanes × dimension.
    let mean (x: Block) : Block = x.MeanOverWorkers()

    /// Σ over workers: 1 × lanes × dimension.
    let sum (x: Block) : Block = x.SumWorkers()

    /// ‖x‖² per worker and lane.
    let normSquared (x: Block) : Block = x.NormSquared()

    /// ‖x‖ per worker and lane.
    let norm (x: Block) : Block = x.Norm()

    /// ⟨x, y⟩ per worker and lane.
    let dot (x: Block) (y: Block) : Block = x.Dot y

    /// Σ_i ‖x_i‖² over workers, per lane.
    let totalNormSquared (x: Block) : Block = x.NormSquared().SumWorkers()

    /// (1/n) Σ_i ‖x_i‖² over workers, per lane.
    let meanNormSquared (x: Block) : Block = x.NormSquared().MeanOverWorkers()

    /// Per worker and lane: `x` where the coin shows heads, `y` elsewhere.
    let choose (coin: Mask) (x: Block) (y: Block) : Block = Block.Select(coin, x, y)

    /// The values of a block of one number per lane.
    let lanes (x: Block) : float[] =
        if x.Workers <> 1 || x.Dimension <> 1 then
            invalidArg (nameof x) $"Expected one number per lane, found a block of shape {x.Shape}."

        x.ToArray()

    /// The rows of a block with one worker.
    let rows (x: Block) : float[][] =
        x.ToArray() |> Array.chunkBySize x.Dimension

    /// x stretched to `count` lanes when it has one.
    let stretch (count: int) (x: Block) : Block =
        if x.Lanes = count then x else x.RepeatLanes count

    /// sign(x), elementwise, with sign(0) = 0.
    let sign (x: Block) : Block = x.Map Unary.Sign

    /// |x|, elementwise.
    let abs (x: Block) : Block = x.Map Unary.Abs

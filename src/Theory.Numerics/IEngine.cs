namespace Theory.Numerics;

/// <summary>Elementwise functions of one argument x with up to two parameters a, b.</summary>
public enum Unary
{
    /// <summary>|x|.</summary>
    Abs,

    /// <summary>sign(x), with sign(0) = 0.</summary>
    Sign,

    /// <summary>x².</summary>
    Square,

    /// <summary>√x.</summary>
    SquareRoot,

    /// <summary>1/x.</summary>
    Reciprocal,

    /// <summary>eˣ.</summary>
    Exp,

    /// <summary>ln x.</summary>
    Log,

    /// <summary>1/(1+e⁻ˣ), without overflow.</summary>
    Sigmoid,

    /// <summary>ln(1+eˣ), without overflow.</summary>
    Softplus,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>ln cosh x, without overflow.</summary>
    LogCosh,

    /// <summary>sign(x)·max(|x|−a, 0).</summary>
    SoftThreshold,

    /// <summary>x cut to [a, b].</summary>
    Clamp,

    /// <summary>xᵃ.</summary>
    Power,

    /// <summary>x + a.</summary>
    AddConstant,
}

/// <summary>Elementwise functions of two arguments.</summary>
public enum Binary
{
    /// <summary>x·y.</summary>
    Multiply,

    /// <summary>x/y.</summary>
    Divide,

    /// <summary>min(x, y).</summary>
    Min,

    /// <summary>max(x, y).</summary>
    Max,
}

/// <summary>Reductions of one lane's values to one number; the order of summation is fixed and documented by the engine.</summary>
public enum Reduction
{
    /// <summary>Σ x.</summary>
    Sum,

    /// <summary>Σ |x|.</summary>
    SumAbs,

    /// <summary>Σ x².</summary>
    SumSquares,

    /// <summary>max |x|.</summary>
    MaxAbs,

    /// <summary>Number of nonzero entries.</summary>
    CountNonZero,
}

/// <summary>
/// The operations that a machine offers on blocks. A method never sees an engine: it combines blocks, and every
/// operation runs where its operands live. Results of a lane depend on that lane alone, whatever the number of lanes
/// in the block, bit for bit. Operands of extent 1 (workers, lanes, dimension) stretch as in <see cref="Shape.Broadcast"/>.
/// All operands are materialised host or engine blocks; results are new blocks.
/// </summary>
public interface IEngine
{
    /// <summary>The name that chooses this engine ("cpu", "reference").</summary>
    string Name { get; }

    /// <summary>A block of this engine with the given values (copied).</summary>
    Block Upload(Shape shape, ReadOnlySpan<double> values);

    /// <summary>Copies a block's values to <paramref name="destination"/>.</summary>
    void Download(Block block, Span<double> destination);

    /// <summary>
    /// Σ_j coefficients[j]·terms[j] in one pass: acc = c₀·t₀, then acc = fma(c_j, t_j, acc) in the order given.
    /// </summary>
    Block Combine(Shape shape, ReadOnlySpan<double> coefficients, ReadOnlySpan<Block> terms);

    /// <summary>Elementwise function.</summary>
    Block Map(Unary function, double a, double b, Block x);

    /// <summary>Elementwise function of two blocks.</summary>
    Block Zip(Binary function, Block x, Block y);

    /// <summary>Elementwise host function; slow, for laws that no fixed function covers.</summary>
    Block Map(Func<double, double> function, Block x);

    /// <summary>Elementwise host function of two blocks; slow.</summary>
    Block Zip(Func<double, double, double> function, Block x, Block y);

    /// <summary>Per worker and lane: x where the mask is true, y elsewhere.</summary>
    Block Select(Mask mask, Block x, Block y);

    /// <summary>Σ over workers, in increasing order of the worker: 1 × lanes × dimension.</summary>
    Block SumWorkers(Block x);

    /// <summary>Each coordinate sorted over the workers, increasing; NaN last.</summary>
    Block SortWorkers(Block x);

    /// <summary>One number per worker and lane.</summary>
    Block Reduce(Reduction reduction, Block x);

    /// <summary>Inner product per worker and lane.</summary>
    Block Dot(Block x, Block y);

    /// <summary>Workers from (inclusive), count of them.</summary>
    Block SliceWorkers(Block x, int from, int count);

    /// <summary>Lanes from (inclusive), count of them.</summary>
    Block SliceLanes(Block x, int from, int count);

    /// <summary>Coordinates from (inclusive), count of them, as vectors.</summary>
    Block SliceDimension(Block x, int from, int count);

    /// <summary>Blocks one after another along the workers.</summary>
    Block ConcatWorkers(ReadOnlySpan<Block> blocks);

    /// <summary>Blocks one after another along the lanes.</summary>
    Block ConcatLanes(ReadOnlySpan<Block> blocks);

    /// <summary>Vectors one after another along the dimension.</summary>
    Block ConcatDimension(ReadOnlySpan<Block> blocks);

    /// <summary>Per lane, the workers named by <paramref name="indices"/> in order: Count × lanes × dimension.</summary>
    Block PickWorkers(Block x, Indices indices);

    /// <summary>Per lane, x with the workers named by <paramref name="indices"/> replaced by those of <paramref name="values"/> in order.</summary>
    Block PutWorkers(Block x, Indices indices, Block values);

    /// <summary>Per worker and lane, the named coordinates kept, zero elsewhere.</summary>
    Block Keep(Block x, Indices coordinates);

    /// <summary>Per worker and lane, the k entries of largest magnitude kept (ties: lowest index; NaN counts as largest), zero elsewhere.</summary>
    Block TopK(Block x, int k);

    /// <summary>Per worker w and lane: matrices[w]·x (transposed: matrices[w]ᵀ·x). One matrix serves all workers; x with one worker serves all matrices.</summary>
    Block Apply(IReadOnlyList<Matrix> matrices, bool transposed, Block x);

    /// <summary>Per worker and lane: matrices[index]·x with the lane's own single index.</summary>
    Block ApplyAt(IReadOnlyList<Matrix> matrices, Indices index, Block x);

    /// <summary>Per worker and lane: ⟨row i, x⟩ for the lane's own rows i: workers × lanes × count.</summary>
    Block RowDots(Matrix data, Indices rows, Block x);

    /// <summary>Per worker and lane: Σ_j coefficients[j]·row(i_j): workers × lanes × columns.</summary>
    Block RowCombination(Matrix data, Indices rows, Block coefficients);

    /// <summary>Sparse data: per worker w and lane, matrices[w]·x or its transpose.</summary>
    Block Apply(IReadOnlyList<SparseMatrix> matrices, bool transposed, Block x);

    /// <summary>Sparse data: as <see cref="RowDots(Matrix, Indices, Block)"/>.</summary>
    Block RowDots(SparseMatrix data, Indices rows, Block x);

    /// <summary>Sparse data: as <see cref="RowCombination(Matrix, Indices, Block)"/>.</summary>
    Block RowCombination(SparseMatrix data, Indices rows, Block coefficients);

    /// <summary>Per worker and lane: op(x)·op(y) of matrix variables.</summary>
    Block MatrixProduct(Block x, bool transposeX, Block y, bool transposeY);

    /// <summary>Per worker and lane: the transpose of a matrix variable.</summary>
    Block Transpose(Block x);
}

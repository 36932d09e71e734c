namespace Theory.Numerics;

/// <content>The operations of the engine, as members; each runs where its operands live.</content>
public sealed partial class Block
{
    /// <summary>An elementwise function with up to two parameters.</summary>
    public Block Map(Unary function, double a = 0.0, double b = 0.0) => Engine.Map(function, a, b, this);

    /// <summary>An elementwise host function; slow, for laws that no fixed function covers.</summary>
    public Block Map(Func<double, double> function) => Engine.Map(function, this);

    /// <summary>An elementwise host function of two blocks; slow.</summary>
    public Block Zip(Block y, Func<double, double, double> function) => EngineOf(this, y).Zip(function, this, y);

    /// <summary>|x| elementwise.</summary>
    public Block Abs() => Map(Unary.Abs);

    /// <summary>sign(x) elementwise, 0 at 0.</summary>
    public Block Sign() => Map(Unary.Sign);

    /// <summary>x² elementwise.</summary>
    public Block Square() => Map(Unary.Square);

    /// <summary>√x elementwise.</summary>
    public Block SquareRoot() => Map(Unary.SquareRoot);

    /// <summary>1/x elementwise.</summary>
    public Block Reciprocal() => Map(Unary.Reciprocal);

    /// <summary>eˣ elementwise.</summary>
    public Block Exp() => Map(Unary.Exp);

    /// <summary>ln x elementwise.</summary>
    public Block Log() => Map(Unary.Log);

    /// <summary>1/(1+e⁻ˣ) elementwise.</summary>
    public Block Sigmoid() => Map(Unary.Sigmoid);

    /// <summary>ln(1+eˣ) elementwise.</summary>
    public Block Softplus() => Map(Unary.Softplus);

    /// <summary>tanh x elementwise.</summary>
    public Block Tanh() => Map(Unary.Tanh);

    /// <summary>ln cosh x elementwise.</summary>
    public Block LogCosh() => Map(Unary.LogCosh);

    /// <summary>sign(x)·max(|x|−threshold, 0) elementwise.</summary>
    public Block SoftThreshold(double threshold) => Map(Unary.SoftThreshold, threshold);

    /// <summary>x cut to [low, high] elementwise.</summary>
    public Block Clamp(double low, double high) => Map(Unary.Clamp, low, high);

    /// <summary>xᵖ elementwise.</summary>
    public Block Power(double exponent) => Map(Unary.Power, exponent);

    /// <summary>x + c elementwise.</summary>
    public Block AddConstant(double constant) => Map(Unary.AddConstant, constant);

    /// <summary>min(x, y) elementwise.</summary>
    public static Block Min(Block x, Block y) => EngineOf(x, y).Zip(Binary.Min, x, y);

    /// <summary>max(x, y) elementwise.</summary>
    public static Block Max(Block x, Block y) => EngineOf(x, y).Zip(Binary.Max, x, y);

    /// <summary>Per worker and lane: x where the mask is true, y elsewhere.</summary>
    public static Block Select(Mask mask, Block x, Block y)
    {
        if (mask.Workers == 1 && mask.Lanes == 1)
        {
            // One coin for all (an enumerated outcome, or probability 1): nothing to copy. Both sides are computed all the
            // same, so that what is made of them later rounds as in a batch with many coins.
            Block chosen = mask[0, 0] ? x.Materialise() : y.Materialise();
            _ = (mask[0, 0] ? y : x).Materialise();
            if (chosen.Shape == Shape.Broadcast(x.Shape, y.Shape))
            {
                return chosen;
            }
        }

        return EngineOf(x, y).Select(mask, x, y);
    }

    /// <summary>Σ over workers: 1 × lanes × dimension.</summary>
    public Block SumWorkers() => Engine.SumWorkers(this);

    /// <summary>The average over workers (1/n)·Σ, the division pending.</summary>
    public Block MeanOverWorkers() => (1.0 / Workers) * SumWorkers();

    /// <summary>Each coordinate sorted over the workers, increasing; NaN last.</summary>
    public Block SortWorkers() => Engine.SortWorkers(this);

    /// <summary>One number per worker and lane.</summary>
    public Block Reduce(Reduction reduction) => Engine.Reduce(reduction, this);

    /// <summary>Σ of the values per worker and lane.</summary>
    public Block Sum() => Reduce(Reduction.Sum);

    /// <summary>⟨x, y⟩ per worker and lane.</summary>
    public Block Dot(Block y) => EngineOf(this, y).Dot(this, y);

    /// <summary>‖x‖² per worker and lane.</summary>
    public Block NormSquared() => Reduce(Reduction.SumSquares);

    /// <summary>‖x‖ per worker and lane.</summary>
    public Block Norm() => NormSquared().SquareRoot();

    /// <summary>For each lane, whether all its values (over all workers) are finite.</summary>
    public bool[] FiniteLanes()
    {
        double[] largest = Reduce(Reduction.MaxAbs).ToArray();
        var finite = new bool[Lanes];
        Array.Fill(finite, true);
        for (int i = 0; i < largest.Length; i++)
        {
            finite[i % Lanes] &= double.IsFinite(largest[i]);
        }

        return finite;
    }

    /// <summary>Workers [from, from + count).</summary>
    public Block SliceWorkers(int from, int count) => Engine.SliceWorkers(this, from, count);

    /// <summary>One worker: 1 × lanes × dimension.</summary>
    public Block Worker(int worker) => SliceWorkers(worker, 1);

    /// <summary>Lanes [from, from + count).</summary>
    public Block SliceLanes(int from, int count) => Engine.SliceLanes(this, from, count);

    /// <summary>One lane: workers × 1 × dimension.</summary>
    public Block Lane(int lane) => SliceLanes(lane, 1);

    /// <summary>Coordinates [from, from + count), as vectors.</summary>
    public Block SliceDimension(int from, int count) => Engine.SliceDimension(this, from, count);

    /// <summary>Blocks one after another along the workers; lanes and dimension stretch.</summary>
    public static Block ConcatWorkers(params Block[] blocks) => EngineOf(blocks).ConcatWorkers(blocks);

    /// <summary>Blocks one after another along the lanes; workers and dimension stretch.</summary>
    public static Block ConcatLanes(params Block[] blocks) => EngineOf(blocks).ConcatLanes(blocks);

    /// <summary>Vectors one after another along the dimension; workers and lanes stretch.</summary>
    public static Block ConcatDimension(params Block[] blocks) => EngineOf(blocks).ConcatDimension(blocks);

    /// <summary>All lanes <paramref name="times"/> times over: lanes 0..L−1, then 0..L−1 again, and so on.</summary>
    public Block RepeatLanes(int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return times == 1 ? this : ConcatLanes([.. Enumerable.Repeat(this, times)]);
    }

    /// <summary>All workers <paramref name="times"/> times over.</summary>
    public Block RepeatWorkers(int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return times == 1 ? this : ConcatWorkers([.. Enumerable.Repeat(this, times)]);
    }

    /// <summary>Per lane, the named workers in order: Count × lanes × dimension.</summary>
    public Block PickWorkers(Indices indices) => Engine.PickWorkers(this, indices);

    /// <summary>Per lane, this block with the named workers replaced by those of <paramref name="values"/> in order.</summary>
    public Block PutWorkers(Indices indices, Block values) => EngineOf(this, values).PutWorkers(this, indices, values);

    /// <summary>Per worker and lane, the named coordinates kept, zero elsewhere.</summary>
    public Block Keep(Indices coordinates) => Engine.Keep(this, coordinates);

    /// <summary>Per worker and lane, the k entries of largest magnitude kept (ties: lowest index), zero elsewhere.</summary>
    public Block TopK(int k) => Engine.TopK(this, k);

    /// <summary>Per worker w and lane: matrices[w]·x, or matrices[w]ᵀ·x.</summary>
    public Block Apply(IReadOnlyList<Matrix> matrices, bool transposed = false) => Engine.Apply(matrices, transposed, this);

    /// <summary>The same matrix for every worker and lane: A·x, or Aᵀ·x.</summary>
    public Block Apply(Matrix matrix, bool transposed = false) => Engine.Apply([matrix], transposed, this);

    /// <summary>Per worker w and lane: matrices[w]·x, or matrices[w]ᵀ·x.</summary>
    public Block Apply(IReadOnlyList<SparseMatrix> matrices, bool transposed = false) => Engine.Apply(matrices, transposed, this);

    /// <summary>The same matrix for every worker and lane: A·x, or Aᵀ·x.</summary>
    public Block Apply(SparseMatrix matrix, bool transposed = false) => Engine.Apply([matrix], transposed, this);

    /// <summary>Per worker and lane: matrices[index]·x with the lane's own single index.</summary>
    public Block ApplyAt(IReadOnlyList<Matrix> matrices, Indices index) => Engine.ApplyAt(matrices, index, this);

    /// <summary>Per worker and lane: ⟨row i, x⟩ for the lane's own rows i of the data.</summary>
    public Block RowDots(Matrix data, Indices rows) => Engine.RowDots(data, rows, this);

    /// <summary>Per worker and lane: ⟨row i, x⟩ for the lane's own rows i of the data.</summary>
    public Block RowDots(SparseMatrix data, Indices rows) => Engine.RowDots(data, rows, this);

    /// <summary>Per worker and lane: Σ_j x_j·row(i_j), with this block as coefficients.</summary>
    public Block RowCombination(Matrix data, Indices rows) => Engine.RowCombination(data, rows, this);

    /// <summary>Per worker and lane: Σ_j x_j·row(i_j), with this block as coefficients.</summary>
    public Block RowCombination(SparseMatrix data, Indices rows) => Engine.RowCombination(data, rows, this);

    /// <summary>Per worker and lane: the matrix product op(x)·op(y).</summary>
    public Block Times(Block y, bool transposeX = false, bool transposeY = false) =>
        EngineOf(this, y).MatrixProduct(this, transposeX, y, transposeY);

    /// <summary>Per worker and lane: the transpose of the matrix variable.</summary>
    public Block Transposed() => Engine.Transpose(this);

    private static IEngine EngineOf(Block[] blocks)
    {
        if (blocks.Length == 0)
        {
            throw new ArgumentException("At least one block is needed.", nameof(blocks));
        }

        Block owner = Array.Find(blocks, b => !b.IsHost) ?? blocks[0];
        Array.ForEach(blocks, b => _ = EngineOf(owner, b));
        return owner.Engine;
    }
}

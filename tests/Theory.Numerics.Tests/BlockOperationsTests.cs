using Theory.Numerics.Tests.Engines;

namespace Theory.Numerics.Tests;

/// <summary>The members of blocks on small known values, and what they say to operands that do not fit.</summary>
public class BlockOperationsTests
{
    private static readonly Block X = Block.FromValues(Shape.Vector(2, 3, 2), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    [Fact]
    public void Lists_of_workers_lanes_and_coordinates()
    {
        Assert.Equal([8.0, 10, 12, 14, 16, 18], X.SumWorkers().ToArray());
        Assert.Equal([4.0, 5, 6, 7, 8, 9], X.MeanOverWorkers().ToArray());
        Assert.Equal([7.0, 8, 9, 10, 11, 12], X.Worker(1).ToArray());
        Assert.Equal([3.0, 4, 9, 10], X.Lane(1).ToArray());
        Assert.Equal([2.0, 4, 6, 8, 10, 12], X.SliceDimension(1, 1).ToArray());
        Assert.Equal([1.0, 2, 1, 2, 1, 2], X.Worker(0).Lane(0).RepeatLanes(3).ToArray());
        Assert.Equal(Shape.Vector(6, 3, 2), X.RepeatWorkers(3).Shape);
        Values.AssertSameBits(X, Block.ConcatWorkers(X.Worker(0), X.Worker(1)));
        Values.AssertSameBits(X, Block.ConcatLanes(X.Lane(0), X.Lane(1), X.Lane(2)));
        Values.AssertSameBits(X, Block.ConcatDimension(X.SliceDimension(0, 1), X.SliceDimension(1, 1)));
        Assert.Equal([7.0, 8, 3, 4, 11, 12], X.PickWorkers(new Indices(1, 3, 1, 2, [1, 0, 1])).ToArray());
        Values.AssertSameBits(X, X.PutWorkers(Indices.Constant(2, 1), X.Worker(1)));
    }

    [Fact]
    public void Norms_products_and_choices()
    {
        Assert.Equal([5.0, 25, 61, 113, 181, 265], X.NormSquared().ToArray());
        Assert.Equal(5.0, Block.FromVector(3, -4).Norm()[0, 0, 0]);
        Assert.Equal([3.0, 7, 11, 15, 19, 23], X.Dot(Block.FromVector(1)).ToArray());
        Assert.Equal([3.0, 7, 11, 15, 19, 23], X.Sum().ToArray());
        Assert.Equal([0.0, -5, 0, 4], Block.FromVector(1, -5, 3, 4).TopK(2).ToArray());
        Assert.Equal([2.0, 0, 0], Block.FromVector(2, -2, 2).TopK(1).ToArray());
        Assert.Equal([0.0, double.NaN, 0], Block.FromVector(double.PositiveInfinity, double.NaN, 2).TopK(1).ToArray());
        Assert.Equal([1.0, 0, 3], Block.FromVector(1, 2, 3).Keep(Indices.Constant(3, 0, 2)).ToArray());
        Assert.Equal([-1.0, 0, 2], Block.FromVector(-2, 0.5, 3).SoftThreshold(1.0).ToArray());
        Assert.Equal([1.0, 5, 2, 6, 3, 7], Block.FromVector(1, 2, 3, 5, 6, 7).Reshape(2, 3).Transposed().ToArray());
        Assert.Equal([1.0, 2.0], Block.Min(Block.FromVector(1, 3), Block.FromVector(2, 2)).ToArray());
        Assert.Equal([2.0, 3.0], Block.Max(Block.FromVector(1, 3), Block.FromVector(2, 2)).ToArray());
        Assert.Equal([1.0, 2], Block.Select(Mask.Constant(true), Block.FromVector(1, 2), Block.FromVector(0)).ToArray());
    }

    [Fact]
    public void Finite_lanes_are_found_over_all_workers()
    {
        double[] values = X.ToArray();
        values[0] = double.NaN;
        values[9] = double.NegativeInfinity;
        Assert.Equal([false, false, true], Block.FromValues(X.Shape, values).FiniteLanes());
    }

    [Fact]
    public void Pending_combinations_stretch_and_scale()
    {
        Block centred = 3.0 * (X - X.MeanOverWorkers()) / 2.0;
        Assert.Equal([-4.5, -4.5, -4.5, -4.5, -4.5, -4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5], centred.ToArray());
        Block many = Enumerable.Range(0, 20).Aggregate(X, (sum, _) => sum + X);
        Assert.Equal(X.ToArray().Select(v => 21.0 * v), many.ToArray());
    }

    [Xunit.Theory]
    [InlineData("cpu")]
    [InlineData("reference")]
    public void Operands_that_do_not_fit_are_named(string name)
    {
        Block x = X.On(Numerics.Engines.ByName(name));
        var a = new Matrix(2, 3, new double[6]);
        Fails("3", () => x.Apply(a));
        Fails("2×3×2", () => x.Apply([a.Transpose(), a.Transpose(), a.Transpose()]));
        Fails("3×2", () => x.Apply([a.Transpose(), a]));
        Fails("agree or be 1", () => (x + Block.FromVector(1, 2, 3)).Materialise());
        Fails("agree or be 1", () => x.Dot(Block.FromVector(1, 2, 3)));
        Fails("lanes", () => x.SliceLanes(2, 2));
        Fails("workers", () => x.Worker(2));
        Fails("coordinates", () => x.SliceDimension(-1, 1));
        Fails("workers", () => x.PickWorkers(Indices.Constant(3, 2)));
        Fails("coordinates", () => x.Keep(Indices.Constant(3, 2)));
        Fails("mask", () => Block.Select(new Mask(1, 2, [true, false]), x, x));
        Fails("Inner extents", () => x.Times(x));
        Fails("rows", () => x.RowCombination(a, Indices.Constant(2, 0, 1, 1)));
        Fails("At least one", () => Block.ConcatLanes());
        Fails("k", () => x.TopK(-1));
    }

    [Fact]
    public void A_pending_block_may_be_read_by_many_threads_at_once()
    {
        for (int trial = 0; trial < 200; trial++)
        {
            Block pending = X - X.MeanOverWorkers();
            var seen = new Block[8];
            Parallel.For(0, seen.Length, i => seen[i] = (i % 2 == 0 ? pending : pending + X).Materialise());
            Assert.All(seen.Where((_, i) => i % 2 == 0), b => Assert.Equal(-3.0, b[0, 0, 0]));
            Assert.All(seen.Where((_, i) => i % 2 == 1), b => Assert.Equal(-2.0, b[0, 0, 0]));
        }
    }

    [Fact]
    public void Products_on_many_threads_are_the_same_bits()
    {
        var random = new Random(3);
        Matrix a = Values.Matrix(random, 70, 300);
        Block x = Values.Random(random, Shape.Vector(1, 30, 300));
        Block once = x.Apply(a);
        Matrix fresh = Values.Matrix(new Random(3), 70, 300);
        Parallel.For(0, 30, lane => Values.AssertSameBits(Values.Lane(once, lane), x.Lane(lane).Apply(fresh)));
    }

    [Fact]
    public void Blocks_of_two_engines_do_not_meet()
    {
        Block other = X.On(Numerics.Engines.Reference);
        Assert.Throws<InvalidOperationException>(() => X.On(Numerics.Engines.Cpu) + other);
        Assert.Same(Numerics.Engines.Reference, X.Dot(other).Engine);
        Assert.Same(Numerics.Engines.Reference, Block.ConcatLanes(X, other).Engine);
    }

    private static void Fails(string part, Func<Block> action)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Contains(part, error.Message);
    }
}

namespace Theory.Numerics.Tests.Engines;

/// <summary>Products with known answers, at the sizes where tiles, panels and slices end.</summary>
public unsafe class MatrixProducts
{
    [Fact]
    public void Small_products_by_hand()
    {
        var a = new Matrix(2, 3, [1, 2, 3, 4, 5, 6]);
        Assert.Equal([14.0, 32.0], Block.FromVector(1, 2, 3).Apply(a).ToArray());
        Assert.Equal([9.0, 12.0, 15.0], Block.FromVector(1, 2).Apply(a, transposed: true).ToArray());
        Assert.Equal([22.0, 28.0, 49.0, 64.0], Gemm.Multiply(a, new Matrix(3, 2, [1, 2, 3, 4, 5, 6])).Values.ToArray());
        Block u = Block.FromVector(1, 2, 3, 4).Reshape(2, 2);
        Block v = Block.FromVector(5, 6, 7, 8).Reshape(2, 2);
        Assert.Equal([19.0, 22, 43, 50], u.Times(v).ToArray());
        Assert.Equal([26.0, 30, 38, 44], u.Times(v, transposeX: true).ToArray());
        Assert.Equal([17.0, 23, 39, 53], u.Times(v, transposeY: true).ToArray());
        Assert.Equal([23.0, 31, 34, 46], u.Times(v, true, true).ToArray());
    }

    [Xunit.Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 23, 255)]
    [InlineData(8, 24, 256)]
    [InlineData(9, 25, 257)]
    [InlineData(97, 73, 513)]
    [InlineData(200, 100, 30)]
    public void Every_entry_is_one_chain_of_fused_multiply_adds(int rows, int columns, int inner)
    {
        var random = new Random(rows);
        Matrix a = Values.Matrix(random, rows, inner);
        Matrix b = Values.Matrix(random, inner, columns);
        Matrix c = Gemm.Multiply(a, b);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double chain = 0.0;
                for (int k = 0; k < inner; k++)
                {
                    chain = Math.FusedMultiplyAdd(a[i, k], b[k, j], chain);
                }

                Assert.Equal(chain, c[i, j]);
            }
        }

        Assert.Equal(c.Values.ToArray(), Gemm.Multiply(a, b, threads: 3).Values.ToArray());
    }

    [Xunit.Theory]
    [InlineData(8, 24)]
    [InlineData(4, 24)]
    [InlineData(1, 24)]
    [InlineData(8, 16)]
    [InlineData(4, 8)]
    public void Narrow_and_wide_tiles_give_the_same_bits(int rows, int width)
    {
        const int Depth = 19;
        var random = new Random(width);
        double[] a = [.. Enumerable.Range(0, rows * Depth).Select(_ => Values.Value(random))];
        double[] b = [.. Enumerable.Range(0, width * Depth).Select(_ => Values.Value(random))];
        double[] narrow = [.. Enumerable.Range(0, rows * width).Select(_ => Values.Value(random))];
        var wide = (double[])narrow.Clone();
        fixed (double* pa = a, pb = b, pn = narrow, pw = wide)
        {
            Tile256.Run(rows, width, Depth, pa, Depth, 1, pb, width, pn, width, add: true);
            switch (rows, width)
            {
                case (8, 24): Tile512.Run<Eight, Three>(Depth, pa, Depth, 1, pb, width, pw, width, add: true); break;
                case (4, 24): Tile512.Run<Four, Three>(Depth, pa, Depth, 1, pb, width, pw, width, add: true); break;
                case (1, 24): Tile512.Run<One, Three>(Depth, pa, Depth, 1, pb, width, pw, width, add: true); break;
                case (8, 16): Tile512.Run<Eight, Two>(Depth, pa, Depth, 1, pb, width, pw, width, add: true); break;
                default: Tile512.Run<Four, One>(Depth, pa, Depth, 1, pb, width, pw, width, add: true); break;
            }
        }

        Assert.Equal(wide, narrow);
    }
}

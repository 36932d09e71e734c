using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>Decompositions of blocks: each worker's and lane's matrix alone, NaN lanes kept apart, errors that name the lane.</summary>
public class BlockDecompositionTests
{
    private const int Workers = 2;
    private const int Lanes = 3;

    private static readonly DrawAddress Address = DrawAddress.Of(5);

    public static TheoryData<string> Names => [.. Cases.Keys];

    /// <summary>Each block operation's first result, beside the same on one matrix.</summary>
    private static readonly Dictionary<string, (Func<Block, Block> Batch, Func<Matrix, Matrix> Single)> Cases = new()
    {
        ["eigenvalues"] = (b => Decompositions.SymmetricEigen(b).Values, m => Row(Decompositions.SymmetricEigen(m).Values)),
        ["eigenvectors"] = (b => Decompositions.SymmetricEigen(b).Vectors, m => Decompositions.SymmetricEigen(m).Vectors),
        ["singular values"] = (b => Decompositions.Svd(b).Values, m => Row(Decompositions.Svd(m).Values)),
        ["left"] = (b => Decompositions.Svd(b).Left, m => Decompositions.Svd(m).Left),
        ["right"] = (b => Decompositions.Svd(b).Right, m => Decompositions.Svd(m).Right),
        ["Q"] = (b => Decompositions.Qr(b).Q, m => Decompositions.Qr(m).Q),
        ["R"] = (b => Decompositions.Qr(b).R, m => Decompositions.Qr(m).R),
        ["Cholesky"] = (Decompositions.Cholesky, Decompositions.Cholesky),
        ["spectral norm"] = (Decompositions.SpectralNorm, m => Row([Decompositions.SpectralNorm(m)])),
        ["spectral radius"] = (Decompositions.SpectralRadius, m => Row([Decompositions.SpectralRadius(m)])),
        ["polar factor"] = (b => Decompositions.PolarFactor(b), m => Decompositions.PolarFactor(m)),
        ["square root"] = (b => Decompositions.SquareRoot(b), m => Decompositions.SquareRoot(m)),
        ["pseudo-inverse"] = (b => Decompositions.PseudoInverse(b), m => Decompositions.PseudoInverse(m)),
        ["solution"] = (b => Decompositions.Solve(b, Side), m => Decompositions.Solve(m, new Matrix(4, 1, [1, 2, 3, 4])).Transpose()),
    };

    private static Block Side => Block.FromVector(1, 2, 3, 4);

    [Theory]
    [MemberData(nameof(Names))]
    public void EachLaneIsItsOwnMatrix(string name)
    {
        (Func<Block, Block> batch, Func<Matrix, Matrix> single) = Cases[name];
        Matrix[] matrices = [.. Enumerable.Range(0, Workers * Lanes).Select(Definite)];
        Block block = batch(Stack(matrices));
        double[] expected = [.. matrices.SelectMany(m => single(m).Values.ToArray())];
        Assert.Equal((Workers, Lanes), (block.Workers, block.Lanes));
        Assert.Equal(expected, block.ToArray());
        Assert.Equal((single(matrices[0]).Rows, single(matrices[0]).Columns), (block.Shape.Rows, block.Shape.Columns));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ADivergedLaneHarmsNoOther(string name)
    {
        (Func<Block, Block> batch, Func<Matrix, Matrix> single) = Cases[name];
        Matrix[] matrices = [.. Enumerable.Range(0, Workers * Lanes).Select(Definite)];
        matrices[4] = Matrix.Create(4, 4, (i, j) => i == 2 && j == 2 ? double.PositiveInfinity : 0.0);
        double[] result = batch(Stack(matrices)).ToArray();
        int size = result.Length / matrices.Length;
        for (int m = 0; m < matrices.Length; m++)
        {
            double[] part = result[(m * size)..((m + 1) * size)];
            if (m == 4)
            {
                Assert.All(part, v => Assert.True(double.IsNaN(v)));
            }
            else
            {
                Assert.Equal(single(matrices[m]).Values.ToArray(), part);
            }
        }
    }

    [Fact]
    public void AnErrorNamesWorkerAndLane()
    {
        Matrix[] matrices = [.. Enumerable.Range(0, Workers * Lanes).Select(Definite)];
        matrices[5] = LinearAlgebra.Diagonal(1, 1, -1, 1);
        string message = Assert.Throws<ArgumentException>(() => Decompositions.Cholesky(Stack(matrices))).Message;
        Assert.Contains("Worker 1, lane 2", message);
        Assert.Contains("pivot 2", message);
    }

    [Fact]
    public void SolveStretchesAndKeepsMatrixSides()
    {
        Matrix a = Definite(9);
        Block sides = Block.FromValues(Shape.Matrix(1, Lanes, 4, 2), Sampler.Gaussian(Address, 1, Lanes, 8).ToArray());
        Block solution = Decompositions.Solve(Block.FromValues(Shape.Matrix(Workers, 1, 4, 4), [.. a.Values, .. a.Values]), sides);
        Assert.Equal(Shape.Matrix(Workers, Lanes, 4, 2), solution.Shape);
        Matrix last = new(4, 2, solution.ToArray()[^8..]);
        DecompositionTests.AssertClose(new Matrix(4, 2, sides.ToArray()[^8..]), LinearAlgebra.Multiply(a, last), 1e-12);
    }

    private static Matrix Definite(int number)
    {
        Matrix q = LinearAlgebra.RandomOrthogonal(Address.AtSite(number), 4);
        return LinearAlgebra.FromSpectrum(q, [0.5, 1.0, 2.0 + number, 10.0]);
    }

    private static Block Stack(Matrix[] matrices) => Block.FromValues(
        Shape.Matrix(Workers, Lanes, 4, 4), [.. matrices.SelectMany(m => m.Values.ToArray())]);

    private static Matrix Row(IReadOnlyList<double> values) => new(1, values.Count, [.. values]);
}

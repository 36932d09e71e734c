using Theory.Numerics;

namespace Theory.Bench;

/// <summary>The operands of the kernels that both modes time.</summary>
internal sealed class Workloads
{
    private readonly Random random = new(1);

    public Workloads()
    {
        A = Square(512);
        B = Square(512);
        C = new double[512 * 512];
        Hessian = Matrix.Create(256, 100, (_, _) => random.NextDouble() - 0.5);
        Lanes = Vectors(1, 64, 100);
        OneLane = Vectors(1, 1, 100);
        X = Vectors(10, 32, 100);
        Y = Vectors(10, 32, 100);
        Mean = Vectors(1, 32, 100);
        SmallHessian = Matrix.Create(10, 10, (_, _) => random.NextDouble() - 0.5);
        SmallX = Vectors(1, 8, 10);
        SmallY = Vectors(1, 8, 10);
        SmallMean = Vectors(1, 1, 10);
        U = Matrices(1, 64, 32);
        V = Matrices(1, 64, 32);
    }

    public Matrix A { get; }

    public Matrix B { get; }

    public double[] C { get; }

    public Matrix Hessian { get; }

    public Block Lanes { get; }

    public Block OneLane { get; }

    public Block X { get; }

    public Block Y { get; }

    public Block Mean { get; }

    public Matrix SmallHessian { get; }

    public Block SmallX { get; }

    public Block SmallY { get; }

    public Block SmallMean { get; }

    public Block U { get; }

    public Block V { get; }

    public void Gemm512() => Gemm.Multiply(512, 512, 512, A.Values, B.Values, C);

    public void Gemm512TwoThreads() => Gemm.Multiply(512, 512, 512, A.Values, B.Values, C, 2);

    public Block Apply() => Lanes.Apply(Hessian);

    public Block ApplyOneLane() => OneLane.Apply(Hessian);

    public Block Combine() => (X - 0.1 * (Y - Mean)).Materialise();

    public Block CombineSmall() => (SmallX - 0.1 * (SmallY - SmallMean)).Materialise();

    public Block ApplySmall() => SmallX.Apply(SmallHessian);

    public Block NormSmall() => SmallX.NormSquared();

    public Block TopK() => X.TopK(10);

    public Block Dot() => X.Dot(Y);

    public Block Sigmoid() => X.Sigmoid();

    public Block MatrixProduct32() => U.Times(V);

    public Block MatrixProduct32Transposed() => U.Times(V, transposeY: true);

    private Matrix Square(int n) => Matrix.Create(n, n, (_, _) => random.NextDouble() - 0.5);

    private Block Vectors(int workers, int lanes, int dimension) => Random(Shape.Vector(workers, lanes, dimension));

    private Block Matrices(int workers, int lanes, int size) => Random(Shape.Matrix(workers, lanes, size, size));

    private Block Random(Shape shape)
    {
        var values = new double[shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble() - 0.5;
        }

        return Block.FromValues(shape, values);
    }
}

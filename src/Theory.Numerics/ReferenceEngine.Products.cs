namespace Theory.Numerics;

/// <content>Products with matrices.</content>
public sealed partial class ReferenceEngine
{
    /// <inheritdoc/>
    public Block Apply(IReadOnlyList<Matrix> matrices, bool transposed, Block x)
    {
        Shape shape = Operands.Apply(matrices, transposed, x);
        var view = new View(x);
        return Build(shape, (w, l, i) => Product(matrices[matrices.Count == 1 ? 0 : w], transposed, i, view.At(w, l)));
    }

    /// <inheritdoc/>
    public Block ApplyAt(IReadOnlyList<Matrix> matrices, Indices index, Block x)
    {
        Shape shape = Operands.ApplyAt(matrices, index, x);
        var view = new View(x);
        return Build(shape, (w, l, i) => Product(matrices[index.At(w, l)[0]], false, i, view.At(w, l)));
    }

    /// <inheritdoc/>
    public Block RowDots(Matrix data, Indices rows, Block x)
    {
        Shape shape = Operands.RowDots(data.Rows, data.Columns, rows, x);
        var view = new View(x);
        return Build(shape, (w, l, j) => Product(data, false, rows.At(w, l)[j], view.At(w, l)));
    }

    /// <inheritdoc/>
    public Block RowCombination(Matrix data, Indices rows, Block coefficients)
    {
        Shape shape = Operands.RowCombination(data.Rows, data.Columns, rows, coefficients);
        var view = new View(coefficients);
        return Build(shape, (w, l, i) =>
        {
            double sum = 0.0;
            for (int j = 0; j < rows.Count; j++)
            {
                sum += view[w, l, j] * data[rows.At(w, l)[j], i];
            }

            return sum;
        });
    }

    /// <inheritdoc/>
    public Block Apply(IReadOnlyList<SparseMatrix> matrices, bool transposed, Block x)
    {
        _ = Operands.Apply(matrices, transposed, x);
        return Apply([.. matrices.Select(m => m.ToDense())], transposed, x);
    }

    /// <inheritdoc/>
    public Block RowDots(SparseMatrix data, Indices rows, Block x) => RowDots(data.ToDense(), rows, x);

    /// <inheritdoc/>
    public Block RowCombination(SparseMatrix data, Indices rows, Block coefficients) =>
        RowCombination(data.ToDense(), rows, coefficients);

    /// <inheritdoc/>
    public Block MatrixProduct(Block x, bool transposeX, Block y, bool transposeY)
    {
        Shape shape = Operands.MatrixProduct(x, transposeX, y, transposeY);
        var (vx, vy) = (new View(x), new View(y));
        int inner = transposeX ? x.Shape.Rows : x.Shape.Columns;
        return Build(shape, (w, l, at) =>
        {
            (int i, int j) = Math.DivRem(at, shape.Columns);
            double sum = 0.0;
            for (int k = 0; k < inner; k++)
            {
                double left = vx[w, l, transposeX ? k * x.Shape.Columns + i : i * x.Shape.Columns + k];
                double right = vy[w, l, transposeY ? j * y.Shape.Columns + k : k * y.Shape.Columns + j];
                sum += left * right;
            }

            return sum;
        });
    }

    /// <inheritdoc/>
    public Block Transpose(Block x)
    {
        var view = new View(x);
        (int rows, int columns) = (x.Shape.Rows, x.Shape.Columns);
        return Build(x.Shape with { Rows = columns, Columns = rows }, (w, l, at) => view[w, l, at % rows * columns + at / rows]);
    }

    private static double Product(Matrix matrix, bool transposed, int row, ReadOnlySpan<double> x)
    {
        double sum = 0.0;
        for (int k = 0; k < x.Length; k++)
        {
            sum += (transposed ? matrix[k, row] : matrix[row, k]) * x[k];
        }

        return sum;
    }
}

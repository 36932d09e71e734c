namespace Theory.Numerics;

/// <content>Products with matrices.</content>
public sealed unsafe partial class CpuEngine
{
    /// <inheritdoc/>
    public Block Apply(IReadOnlyList<Matrix> matrices, bool transposed, Block x)
    {
        Shape shape = Operands.Apply(matrices, transposed, x);
        var view = new View(x);
        double[] result = New(shape);
        fixed (double* from = view.Values, to = result)
        {
            if (matrices.Count == 1)
            {
                Lanes(matrices[0], transposed, x.Workers * x.Lanes, from, to);
                return new Block(this, shape, result);
            }

            for (int w = 0; w < shape.Workers; w++)
            {
                double* target = to + (nint)w * shape.Lanes * shape.Dimension;
                Lanes(matrices[w], transposed, shape.Lanes, from + (nint)w * view.WorkerStride, target);
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block ApplyAt(IReadOnlyList<Matrix> matrices, Indices index, Block x)
    {
        Shape shape = Operands.ApplyAt(matrices, index, x);
        var view = new View(x);
        double[] result = New(shape);
        fixed (double* from = view.Values, to = result)
        {
            double* target = to;
            for (int w = 0; w < shape.Workers; w++)
            {
                for (int l = 0; l < shape.Lanes; l++, target += shape.Dimension)
                {
                    double* source = from + (nint)w * view.WorkerStride + (nint)l * view.LaneStride;
                    Lanes(matrices[index.At(w, l)[0]], false, 1, source, target);
                }
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block RowDots(Matrix data, Indices rows, Block x)
    {
        Shape shape = Operands.RowDots(data.Rows, data.Columns, rows, x);
        var view = new View(x);
        return Rows(shape, (w, l, row) =>
        {
            ReadOnlySpan<double> vector = view.At(w, l);
            ReadOnlySpan<int> own = rows.At(w, l);
            for (int j = 0; j < own.Length; j++)
            {
                row[j] = Reductions.Dot(data.Row(own[j]), vector);
            }
        });
    }

    /// <inheritdoc/>
    public Block RowCombination(Matrix data, Indices rows, Block coefficients)
    {
        Shape shape = Operands.RowCombination(data.Rows, data.Columns, rows, coefficients);
        var view = new View(coefficients);
        return Rows(shape, (w, l, row) =>
        {
            ReadOnlySpan<int> own = rows.At(w, l);
            row.Clear();
            for (int j = 0; j < own.Length; j++)
            {
                Fused.Axpy(row, view[w, l, j], data.Row(own[j]), j == 0);
            }
        });
    }

    /// <inheritdoc/>
    public Block Apply(IReadOnlyList<SparseMatrix> matrices, bool transposed, Block x)
    {
        Shape shape = Operands.Apply(matrices, transposed, x);
        var view = new View(x);
        return Rows(shape, (w, l, row) =>
        {
            SparseMatrix matrix = matrices[matrices.Count == 1 ? 0 : w];
            ReadOnlySpan<double> vector = view.At(w, l);
            if (transposed)
            {
                row.Clear();
                for (int r = 0; r < matrix.Rows; r++)
                {
                    AddRow(matrix, r, vector[r], row);
                }
            }
            else
            {
                for (int r = 0; r < matrix.Rows; r++)
                {
                    row[r] = RowDot(matrix, r, vector);
                }
            }
        });
    }

    /// <inheritdoc/>
    public Block RowDots(SparseMatrix data, Indices rows, Block x)
    {
        Shape shape = Operands.RowDots(data.Rows, data.Columns, rows, x);
        var view = new View(x);
        return Rows(shape, (w, l, row) =>
        {
            ReadOnlySpan<int> own = rows.At(w, l);
            for (int j = 0; j < own.Length; j++)
            {
                row[j] = RowDot(data, own[j], view.At(w, l));
            }
        });
    }

    /// <inheritdoc/>
    public Block RowCombination(SparseMatrix data, Indices rows, Block coefficients)
    {
        Shape shape = Operands.RowCombination(data.Rows, data.Columns, rows, coefficients);
        var view = new View(coefficients);
        return Rows(shape, (w, l, row) =>
        {
            ReadOnlySpan<int> own = rows.At(w, l);
            row.Clear();
            for (int j = 0; j < own.Length; j++)
            {
                AddRow(data, own[j], view[w, l, j], row);
            }
        });
    }

    /// <inheritdoc/>
    public Block MatrixProduct(Block x, bool transposeX, Block y, bool transposeY)
    {
        Shape shape = Operands.MatrixProduct(x, transposeX, y, transposeY);
        var (vx, vy) = (new View(x), new View(y));
        int inner = transposeX ? x.Shape.Rows : x.Shape.Columns;
        (nint rs, nint cs) = transposeX ? (1, x.Shape.Columns) : (x.Shape.Columns, 1);
        (nint bRow, nint bColumn) = transposeY ? (1, y.Shape.Columns) : (y.Shape.Columns, 1);
        double[] result = New(shape);
        fixed (double* px = vx.Values, py = vy.Values, to = result)
        {
            double* target = to;
            for (int w = 0; w < shape.Workers; w++)
            {
                for (int l = 0; l < shape.Lanes; l++, target += shape.Dimension)
                {
                    double* a = px + (nint)w * vx.WorkerStride + (nint)l * vx.LaneStride;
                    double* b = py + (nint)w * vy.WorkerStride + (nint)l * vy.LaneStride;
                    Gemm.Small(shape.Rows, shape.Columns, inner, a, rs, cs, b, bRow, bColumn, target);
                }
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block Transpose(Block x)
    {
        var view = new View(x);
        (int rows, int columns) = (x.Shape.Rows, x.Shape.Columns);
        return Rows(x.Shape with { Rows = columns, Columns = rows }, (w, l, row) =>
        {
            ReadOnlySpan<double> from = view.At(w, l);
            for (int i = 0, at = 0; i < columns; i++)
            {
                for (int j = i; j < from.Length; j += columns)
                {
                    row[at++] = from[j];
                }
            }
        });
    }

    /// <summary>The same matrix for <paramref name="count"/> contiguous vectors: X·Aᵀ, or X·A where transposed.</summary>
    private void Lanes(Matrix matrix, bool transposed, int count, double* from, double* to)
    {
        Panels panels = matrix.Derived(this, m => new PackedMatrix(m)).For(transposed);
        Gemm.Run(count, panels.Columns, panels.Depth, from, panels.Depth, 1, panels.Data, to, panels.Columns);
        GC.KeepAlive(panels);
    }

    private static double RowDot(SparseMatrix matrix, int row, ReadOnlySpan<double> x)
    {
        ReadOnlySpan<int> columns = matrix.ColumnIndices;
        ReadOnlySpan<double> values = matrix.Values;
        double sum = 0.0;
        for (int e = matrix.Starts[row]; e < matrix.Starts[row + 1]; e++)
        {
            sum = Math.FusedMultiplyAdd(values[e], x[columns[e]], sum);
        }

        return sum;
    }

    private static void AddRow(SparseMatrix matrix, int row, double coefficient, Span<double> sum)
    {
        ReadOnlySpan<int> columns = matrix.ColumnIndices;
        ReadOnlySpan<double> values = matrix.Values;
        for (int e = matrix.Starts[row]; e < matrix.Starts[row + 1]; e++)
        {
            ref double entry = ref sum[columns[e]];
            entry = Math.FusedMultiplyAdd(coefficient, values[e], entry);
        }
    }
}

using System.Runtime.CompilerServices;
using Engine = Theory.Numerics.Engines;

namespace Theory.Numerics.Tests;

/// <summary>What an engine derives from a matrix lives as long as the matrix, and no longer.</summary>
public sealed class MatrixLifetimeTests
{
    [Fact]
    public void A_matrix_that_was_multiplied_with_is_collected()
    {
        WeakReference matrix = Multiplied();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(matrix.IsAlive);
    }

    [Fact]
    public void What_is_derived_is_made_once_for_each_engine()
    {
        var matrix = new Matrix(1, 1, [1.0]);
        object first = matrix.Derived(Engine.Cpu, _ => new object());
        Assert.Same(first, matrix.Derived(Engine.Cpu, _ => new object()));
        Assert.NotSame(first, matrix.Derived(Engine.Reference, _ => new object()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Multiplied()
    {
        Matrix matrix = Matrix.Create(40, 40, (i, j) => i - j);
        Block.Fill(Shape.Vector(1, 40, 40), 1.0).Apply(matrix).Materialise();
        return new WeakReference(matrix);
    }
}

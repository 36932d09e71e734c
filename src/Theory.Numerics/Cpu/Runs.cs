using System.Runtime.CompilerServices;

namespace Theory.Numerics;

/// <summary>
/// How a result is walked with its operands: the longest contiguous runs on which every operand is either contiguous or
/// one stretched value.
/// </summary>
internal readonly struct Runs
{
    /// <summary>Outer and inner number of runs, and the values in each.</summary>
    public readonly int Outer;
    public readonly int Inner;
    public readonly int Length;

    private Runs(Shape shape, int level)
    {
        Outer = level == 2 ? 1 : shape.Workers;
        Inner = level == 0 ? shape.Lanes : 1;
        Length = shape.Length / (Outer * Inner);
    }

    public static Runs Of(Shape shape, in View x, in View y) =>
        new(shape, Math.Min(Level(shape, x.Shape), Level(shape, y.Shape)));

    public static Runs Of(Shape shape, ReadOnlySpan<View> terms)
    {
        int level = 2;
        foreach (ref readonly View term in terms)
        {
            level = Math.Min(level, Level(shape, term.Shape));
        }

        return new Runs(shape, level);
    }

    /// <summary>Where an operand's values for one run start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Start(in View view, int outer, int inner) => outer * view.WorkerStride + inner * view.LaneStride;

    /// <summary>True where the operand gives one value for a whole run.</summary>
    public bool IsStretched(in View view)
    {
        Shape s = view.Shape;
        int own = Inner > 1 || s.Lanes == 1 ? s.Dimension : s.Lanes * s.Dimension;
        own = Outer == 1 && Inner == 1 ? s.Length : own;
        return own != Length;
    }

    /// <summary>2: one run for all; 1: one for each worker; 0: one for each worker and lane.</summary>
    private static int Level(Shape shape, Shape operand)
    {
        if (operand.Length == shape.Length || operand.Length == 1)
        {
            return 2;
        }

        int own = operand.Lanes * operand.Dimension;
        return own == shape.Lanes * shape.Dimension || own == 1 ? 1 : 0;
    }
}

/// <summary>Room for the views of one combination without an allocation.</summary>
[InlineArray(8)]
internal struct EightViews
{
    private View first;
}

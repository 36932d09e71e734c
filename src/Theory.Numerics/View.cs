namespace Theory.Numerics;

/// <summary>Host values read with stretching: an extent of 1 has stride 0.</summary>
internal readonly struct View
{
    public readonly double[] Values;
    public readonly Shape Shape;
    public readonly int WorkerStride;
    public readonly int LaneStride;
    public readonly int Stride;

    public View(Block block)
    {
        Shape = block.Shape;
        Values = block.Storage as double[] ?? block.ToArray();
        WorkerStride = Shape.Workers == 1 ? 0 : Shape.Lanes * Shape.Dimension;
        LaneStride = Shape.Lanes == 1 ? 0 : Shape.Dimension;
        Stride = Shape.Dimension == 1 ? 0 : 1;
    }

    /// <summary>One value, stretched.</summary>
    public double this[int worker, int lane, int index] =>
        Values[worker * WorkerStride + lane * LaneStride + index * Stride];

    /// <summary>The stored values of one worker and lane (one value where the dimension stretches).</summary>
    public ReadOnlySpan<double> At(int worker, int lane) =>
        Values.AsSpan(worker * WorkerStride + lane * LaneStride, Shape.Dimension);
}

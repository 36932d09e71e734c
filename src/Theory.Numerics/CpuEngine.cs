namespace Theory.Numerics;

/// <summary>The SIMD engine.</summary>
public sealed class CpuEngine : ReferenceEngine
{
    /// <inheritdoc/>
    public override string Name => "cpu";
}

namespace Theory.Numerics;

/// <summary>Normals of one lane: Philox block b gives coordinates 2b and 2b + 1.</summary>
internal static class BoxMuller
{
    private const double QuarterTurn = Math.PI / 2;

    /// <summary>Fills one lane of one worker.</summary>
    public static void Fill(Span<double> destination, uint lane, uint step, uint site, uint k0, uint k1)
    {
        for (int i = 0; i < destination.Length; i += 2)
        {
            (double first, double second) = Pair(lane, step, site, (uint)i / 2, k0, k1);
            destination[i] = first;
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = second;
            }
        }
    }

    /// <summary>Two normals from one Philox block: 52 bits of radius, 52 of angle inside a quadrant, 2 of quadrant.</summary>
    private static (double First, double Second) Pair(uint lane, uint step, uint site, uint block, uint k0, uint k1)
    {
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(lane, step, site, block, k0, k1);
        ulong radial = ((ulong)w0 << 32) | w1;
        ulong angular = ((ulong)w2 << 32) | w3;
        double radius = Math.Sqrt(-2.0 * PortableMath.Log(WordStream.Open(radial)));
        double angle = (WordStream.Open(angular) - 0.5) * QuarterTurn;
        double sine = radius * PortableMath.SinSmall(angle);
        double cosine = radius * PortableMath.CosSmall(angle);
        return (angular & 3) switch
        {
            0 => (cosine, sine),
            1 => (-sine, cosine),
            2 => (-cosine, -sine),
            _ => (sine, -cosine),
        };
    }
}

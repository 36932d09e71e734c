namespace Theory.Numerics;

/// <summary>
/// Where a draw lives. Every number that <see cref="Sampler"/> returns is a function of the address, the kind of
/// draw, the worker, the lane and the position inside the lane, and of nothing else. The worker, the kind, the seed and
/// the stream make the Philox key; lane, step, site and position make the counter. The lane is
/// <c>FirstLane + offset</c>, so cutting a batch into chunks of lanes changes no number.
/// </summary>
/// <param name="Seed">Chooses the whole experiment.</param>
/// <param name="Stream">Chooses an independent stream inside the experiment: a claim, a generator of instances.</param>
/// <param name="Step">The step of the method; any int, negative ones included.</param>
/// <param name="Site">Which of the draws of a step.</param>
/// <param name="FirstLane">The number of the first lane of the chunk.</param>
public readonly record struct DrawAddress(ulong Seed, uint Stream, int Step, int Site, int FirstLane)
{
    /// <summary>The address of a run: step 0, site 0, lane 0.</summary>
    public static DrawAddress Of(ulong seed, uint stream = 0) => new(seed, stream, 0, 0, 0);

    /// <summary>The same address at another step.</summary>
    public DrawAddress AtStep(int step) => this with { Step = step };

    /// <summary>The same address at another draw site.</summary>
    public DrawAddress AtSite(int site) => this with { Site = site };

    /// <summary>The same address for a chunk that starts at another lane.</summary>
    public DrawAddress AtLane(int firstLane) => this with { FirstLane = firstLane };

    /// <summary>The same address on another stream.</summary>
    public DrawAddress OnStream(uint stream) => this with { Stream = stream };

    /// <summary>The words of one lane: Philox at counters (lane, step, site, 0), (lane, step, site, 1), ….</summary>
    internal WordStream Words((uint K0, uint K1) key, int lane) =>
        new(key.K0, key.K1, unchecked((uint)(FirstLane + lane)), (uint)Step, (uint)Site);

    /// <summary>
    /// The key of a worker's draws of one kind: the first two words of Philox((stream, worker, kind, 'draw'), seed).
    /// </summary>
    internal (uint K0, uint K1) Key(DrawKind kind, int worker)
    {
        (uint k0, uint k1, _, _) = Philox.Block(
            Stream, (uint)worker, (uint)kind, 0x64726177, unchecked((uint)Seed), (uint)(Seed >> 32));
        return (k0, k1);
    }
}

/// <summary>The kinds of draws; each has its own key, so two kinds at one address are independent.</summary>
internal enum DrawKind : uint
{
    Uniform = 1,
    Index = 2,
    WeightedIndex = 3,
    Coin = 4,
    Subset = 5,
    Permutation = 6,
    Gaussian = 7,
    SymmetricPareto = 8,
    StudentT = 9,
    ThreePoint = 10,
    Laplace = 11,
    SymmetricAlphaStable = 12,
    OrthogonalMatrix = 13,
}

/// <summary>The words of one worker and lane, one after another.</summary>
internal struct WordStream(uint k0, uint k1, uint lane, uint step, uint site)
{
    private uint block;
    private int ready;
    private uint w1;
    private uint w2;
    private uint w3;

    /// <summary>The next 32 random bits.</summary>
    public uint Next32()
    {
        switch (ready)
        {
            case 3:
                ready = 2;
                return w1;
            case 2:
                ready = 1;
                return w2;
            case 1:
                ready = 0;
                return w3;
            default:
                (uint w0, w1, w2, w3) = Philox.Block(lane, step, site, block++, k0, k1);
                ready = 3;
                return w0;
        }
    }

    /// <summary>The next 64 random bits, the first word highest.</summary>
    public ulong Next64()
    {
        ulong high = Next32();
        return (high << 32) | Next32();
    }

    /// <summary>Uniform on the odd multiples of 2⁻⁵³ in (0, 1).</summary>
    public double NextOpen() => Open(Next64());

    /// <summary>The top 52 bits k of a word as (2k + 1)·2⁻⁵³: never 0 or 1, and symmetric about 1/2.</summary>
    public static double Open(ulong word) => ((word >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>Uniform on {0, …, bound − 1}, exactly: Lemire's multiplication with rejection.</summary>
    public int NextBelow(int bound)
    {
        uint range = (uint)bound;
        ulong product = (ulong)Next32() * range;
        if ((uint)product < range)
        {
            uint threshold = unchecked(0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (ulong)Next32() * range;
            }
        }

        return (int)(product >> 32);
    }
}

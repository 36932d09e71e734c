namespace Theory.Api;

/// <summary>How to run a method; immutable. Start from <see cref="Default"/>.</summary>
public sealed class RunOptions
{
    private RunOptions(int steps, int every, int lanes, ulong seed, int threads, IEngine engine, Block? start)
    {
        Steps = steps;
        Every = every;
        Lanes = lanes;
        Seed = seed;
        Threads = threads;
        Engine = engine;
        Start = start;
    }

    /// <summary>100 steps, every one recorded, one lane, seed 1, one thread, CPU engine, from the origin (or from
    /// (1, …, 1) when the origin is the solution).</summary>
    public static RunOptions Default { get; } = new(100, 1, 1, 1, 1, Engines.Cpu, null);

    /// <summary>Number of steps.</summary>
    public int Steps { get; }

    /// <summary>Every so many steps are recorded; the first and the last always are.</summary>
    public int Every { get; }

    /// <summary>Independent replicates from the same start.</summary>
    public int Lanes { get; }

    /// <summary>Chooses the randomness; the same seed gives the same bits, whatever the threads.</summary>
    public ulong Seed { get; }

    /// <summary>Worker threads.</summary>
    public int Threads { get; }

    /// <summary>Where blocks are computed.</summary>
    public IEngine Engine { get; }

    /// <summary>The start x⁰ (1 × 1 × d); null for the default.</summary>
    public Block? Start { get; }

    /// <summary>With another number of steps, at least 0.</summary>
    public RunOptions WithSteps(int steps) => new(Check.AtLeast(0, steps), Every, Lanes, Seed, Threads, Engine, Start);

    /// <summary>With every so many steps recorded, at least 1.</summary>
    public RunOptions WithEvery(int every) => new(Steps, Check.AtLeast(1, every), Lanes, Seed, Threads, Engine, Start);

    /// <summary>With another number of lanes, at least 1.</summary>
    public RunOptions WithLanes(int lanes) => new(Steps, Every, Check.AtLeast(1, lanes), Seed, Threads, Engine, Start);

    /// <summary>With another seed.</summary>
    public RunOptions WithSeed(ulong seed) => new(Steps, Every, Lanes, seed, Threads, Engine, Start);

    /// <summary>With another number of threads, at least 1.</summary>
    public RunOptions WithThreads(int threads) => new(Steps, Every, Lanes, Seed, Check.AtLeast(1, threads), Engine, Start);

    /// <summary>With another engine.</summary>
    public RunOptions WithEngine(IEngine engine) => new(Steps, Every, Lanes, Seed, Threads, Check.NotNull(engine), Start);

    /// <summary>From another start.</summary>
    /// <exception cref="ArgumentException">There are no numbers, or one is not finite.</exception>
    public RunOptions WithStart(params double[] start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (start.Length == 0)
        {
            throw new ArgumentException("A start needs the problem's d numbers.", nameof(start));
        }

        Array.ForEach(start, v => Check.Finite(v, nameof(start)));
        return new(Steps, Every, Lanes, Seed, Threads, Engine, Block.FromVector(start));
    }

    internal Core.CheckContext ToCore(CancellationToken cancellation)
    {
        Core.CheckContext standard = Core.CheckContextModule.standard;
        return new(Engine, Threads, standard.ChunkLanes, standard.Profile, Seed, standard.Stream, standard.Alpha, cancellation);
    }
}

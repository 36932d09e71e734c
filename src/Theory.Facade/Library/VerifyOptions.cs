namespace Theory.Api;

/// <summary>How to verify; immutable. Start from <see cref="Default"/>.</summary>
public sealed class VerifyOptions
{
    private VerifyOptions(Profile profile, ulong seed, int threads, IEngine engine, double errorProbability)
    {
        Profile = profile;
        Seed = seed;
        Threads = threads;
        Engine = engine;
        ErrorProbability = errorProbability;
    }

    /// <summary>Standard profile, seed 1, all cores, CPU engine, error probability 1e-2.</summary>
    public static VerifyOptions Default { get; } = new(Profile.Standard, 1, Environment.ProcessorCount, Engines.Cpu, 1e-2);

    /// <summary>How many instances are tried.</summary>
    public Profile Profile { get; }

    /// <summary>Chooses the generated instances, starts and samples; the same seed gives the same reports.</summary>
    public ulong Seed { get; }

    /// <summary>Claims verified at a time; reports do not depend on it.</summary>
    public int Threads { get; }

    /// <summary>Where blocks are computed.</summary>
    public IEngine Engine { get; }

    /// <summary>Probability with which one verification of the whole catalogue may refute any true statement.</summary>
    public double ErrorProbability { get; }

    /// <summary>With another profile.</summary>
    public VerifyOptions WithProfile(Profile profile)
    {
        _ = Cases<Core.Profile, Profile>.Core(profile, nameof(profile));
        return new(profile, Seed, Threads, Engine, ErrorProbability);
    }

    /// <summary>With another seed.</summary>
    public VerifyOptions WithSeed(ulong seed) => new(Profile, seed, Threads, Engine, ErrorProbability);

    /// <summary>With another number of threads, at least 1.</summary>
    public VerifyOptions WithThreads(int threads) => new(Profile, Seed, Check.AtLeast(1, threads), Engine, ErrorProbability);

    /// <summary>With another engine.</summary>
    public VerifyOptions WithEngine(IEngine engine) => new(Profile, Seed, Threads, Check.NotNull(engine), ErrorProbability);

    /// <summary>With another error probability, strictly between 0 and 1.</summary>
    public VerifyOptions WithErrorProbability(double errorProbability) =>
        new(Profile, Seed, Threads, Engine, Check.Share(errorProbability));

    internal Core.VerifySettings ToCore(CancellationToken cancellation) => new(
        Cases<Core.Profile, Profile>.Core(Profile, nameof(Profile)), Seed, Threads, Engine, ErrorProbability, cancellation);
}

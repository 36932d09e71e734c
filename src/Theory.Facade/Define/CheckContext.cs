namespace Theory.Api;

/// <summary>What a check may use: its seed, its profile and its share of the error budget. The same context and instance
/// give the same evidence, bit for bit.</summary>
public sealed class CheckContext
{
    internal CheckContext(Core.CheckContext core) => ToCore = core;

    /// <summary>CPU engine, one thread, standard profile, seed 1: for trying a check by hand.</summary>
    public static CheckContext Default { get; } = new(Core.CheckContextModule.standard);

    /// <summary>How much the check may spend.</summary>
    public Profile Profile => Cases<Core.Profile, Profile>.Of(ToCore.Profile);

    /// <summary>Probability with which this check may refute a true statement (statistical checks only).</summary>
    public double ErrorProbability => ToCore.Alpha;

    /// <summary>Cancelled when the verification is.</summary>
    public CancellationToken CancellationToken => ToCore.Cancellation;

    internal Core.CheckContext ToCore { get; }

    /// <summary>One of three, by profile.</summary>
    public T Pick<T>(T quick, T standard, T deep) => Core.CheckContextModule.pick(quick, standard, deep, ToCore);

    /// <summary>Random points around the origin: 1 × lanes × d, standard Gaussian times scale. Other sites give other points.</summary>
    public Block GaussianStarts(int lanes, int dimension, double scale = 1.0, int site = 0) =>
        Core.CheckContextModule.gaussianStarts(
            ToCore, site, Check.AtLeast(1, lanes), Check.AtLeast(1, dimension), Check.Finite(scale));
}

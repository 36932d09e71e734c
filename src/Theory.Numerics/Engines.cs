namespace Theory.Numerics;

/// <summary>The engines that this build has, by name.</summary>
public static class Engines
{
    /// <summary>Plain loops over doubles: slow, obviously correct, the oracle of the contract tests.</summary>
    public static IEngine Reference { get; } = new ReferenceEngine();

    /// <summary>The SIMD engine; nothing to install.</summary>
    public static IEngine Cpu { get; } = new CpuEngine();

    /// <summary>Where host blocks are computed.</summary>
    public static IEngine Default => Cpu;

    /// <summary>All engines of this build.</summary>
    public static IReadOnlyList<IEngine> All { get; } = [Cpu, Reference];

    /// <summary>The engine called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">No engine has this name.</exception>
    public static IEngine ByName(string name) =>
        All.FirstOrDefault(e => e.Name == name)
        ?? throw new ArgumentException($"No engine is called '{name}'; there are {string.Join(", ", All.Select(e => e.Name))}.", nameof(name));
}

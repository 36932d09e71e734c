using System.Diagnostics.CodeAnalysis;

namespace Theory.Api;

/// <summary>The papers of the library: the way in.</summary>
public static class Library
{
    /// <summary>The library's own catalogue.</summary>
    public static Catalogue All { get; } = new(Core.Algorithms.All.papers);

    /// <summary>All papers.</summary>
    public static IReadOnlyList<PaperInfo> Papers => All.Papers;

    /// <summary>The paper with this key, in any case of letters.</summary>
    /// <exception cref="ArgumentException">No paper has this key; the message names the nearest names.</exception>
    public static PaperInfo Find(string key) => All.Find(key);

    /// <summary>The paper with this key, in any case of letters; false when there is none.</summary>
    public static bool TryFind(string key, [NotNullWhen(true)] out PaperInfo? paper) => All.TryFind(key, out paper);

    /// <summary>Names of papers, families, methods and claims that come nearest to an unknown one.</summary>
    public static IReadOnlyList<string> Nearest(string name) => All.Nearest(name);

    /// <summary>The library's catalogue with one more paper; the library's own stays as it is.</summary>
    /// <exception cref="ArgumentException">The paper's key, or one of its claims, is taken.</exception>
    public static Catalogue With(PaperDefinition paper) => All.With(paper);
}

/// <summary>The methods of the library, by name.</summary>
public static class Methods
{
    /// <summary>All methods of all papers.</summary>
    public static IReadOnlyList<MethodInfo> All => Library.All.Methods;

    /// <summary>The method of this name, or of this paper and name: "DIANA", "CE-DIANA/DIANA".</summary>
    /// <exception cref="ArgumentException">No method, or several, have this name; the message says which.</exception>
    public static MethodInfo Find(string name) => Library.All.FindMethod(name);
}

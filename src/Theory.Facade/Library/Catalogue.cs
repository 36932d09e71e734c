using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Collections;

namespace Theory.Api;

/// <summary>Papers, their methods and their claims; immutable. The library's own is <see cref="Library.All"/>.</summary>
public sealed class Catalogue
{
    private readonly FSharpList<Core.Paper> papers;

    internal Catalogue(FSharpList<Core.Paper> papers)
    {
        this.papers = papers;
        Registry = new Core.Catalogue(papers);
        Papers = [.. papers.Select(p => new PaperInfo(p))];
        Methods = [.. Papers.SelectMany(p => p.Methods)];
        Claims = [.. Papers.SelectMany(p => p.Claims)];
    }

    /// <summary>All papers.</summary>
    public IReadOnlyList<PaperInfo> Papers { get; }

    /// <summary>All methods of all papers.</summary>
    public IReadOnlyList<MethodInfo> Methods { get; }

    /// <summary>All claims of all papers.</summary>
    public IReadOnlyList<ClaimInfo> Claims { get; }

    internal Core.Catalogue Registry { get; }

    /// <summary>The paper with this key, in any case of letters.</summary>
    /// <exception cref="ArgumentException">No paper has this key; the message names the nearest names.</exception>
    public PaperInfo Find(string key) =>
        TryFind(key, out PaperInfo? paper)
            ? paper
            : throw new ArgumentException($"No paper has the key '{key}'; {Suggestion(key)}", nameof(key));

    /// <summary>The paper with this key, in any case of letters; false when there is none.</summary>
    public bool TryFind(string key, [NotNullWhen(true)] out PaperInfo? paper)
    {
        ArgumentNullException.ThrowIfNull(key);
        paper = Papers.FirstOrDefault(p => Same(p.Key, key));
        return paper is not null;
    }

    /// <summary>The method of this name, or of this paper and name: "DIANA", "CE-DIANA/DIANA".</summary>
    /// <exception cref="ArgumentException">No method, or several, have this name; the message says which.</exception>
    public MethodInfo FindMethod(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        MethodInfo[] found = [.. Methods.Where(m => Same(m.Name, name) || Same(m.FullName, name))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ArgumentException($"No method is called '{name}'; {Suggestion(name)}", nameof(name)),
            _ => throw new ArgumentException(
                $"Several methods are called '{name}'; say {string.Join(" or ", found.Select(m => m.FullName))}.", nameof(name)),
        };
    }

    /// <summary>Names of papers, families, methods and claims that come nearest to an unknown one.</summary>
    public IReadOnlyList<string> Nearest(string name) => [.. Registry.Nearest(Check.NotNull(name))];

    /// <summary>A catalogue that has the paper too; this one stays as it is.</summary>
    /// <exception cref="ArgumentException">The paper's key, or one of its claims, is taken.</exception>
    public Catalogue With(PaperDefinition paper)
    {
        ArgumentNullException.ThrowIfNull(paper);
        if (TryFind(paper.Key, out _))
        {
            throw new ArgumentException($"The key '{paper.Key}' is taken.", nameof(paper));
        }

        HashSet<string> known = [.. Claims.Select(c => c.Id)];
        return paper.Claims.FirstOrDefault(c => !known.Add(c.Id)) is { } twice
            ? throw new ArgumentException($"The claim '{twice.Id}' of paper '{paper.Key}' is already registered.", nameof(paper))
            : new Catalogue(Fs.List(papers.Append(paper.ToCore())));
    }

    /// <summary>Verifies claims of this catalogue; see <see cref="Verifier.VerifyAsync"/>.</summary>
    /// <inheritdoc cref="Verifier.VerifyAsync"/>
    public Task<IReadOnlyList<ClaimReport>> VerifyAsync(
        IEnumerable<string> selectors,
        VerifyOptions? options = null,
        IProgress<ClaimReport>? progress = null,
        CancellationToken cancellationToken = default) =>
        Verification.RunAsync(this, selectors, options ?? VerifyOptions.Default, progress, cancellationToken);

    /// <summary>Replays a token: both sides of the claim on the instance that it holds.</summary>
    /// <inheritdoc cref="Verifier.Replay"/>
    public ReplayReport Replay(string token) => Verification.Replay(this, token);

    internal string Suggestion(string name) =>
        Papers.Count == 0 ? "the catalogue is empty." : $"nearest are {string.Join(", ", Registry.Nearest(name))}.";

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

using System.CommandLine;
using System.CommandLine.Completions;
using Theory.Algorithms;
using Theory.Problems;

namespace Theory.Cli;

/// <summary>What the shell may offer for a word: names of the catalogue that begin as the word does, whatever their case.</summary>
internal static class Completions
{
    public static Argument<T> From<T>(Argument<T> argument, Func<IEnumerable<string>> names)
    {
        argument.CompletionSources.Add(context => Matching(context, names));
        return argument;
    }

    public static Option<T> From<T>(Option<T> option, Func<IEnumerable<string>> names)
    {
        option.CompletionSources.Add(context => Matching(context, names));
        return option;
    }

    /// <summary>Claims, papers and families: what a selector names.</summary>
    public static IEnumerable<string> Selectors() => [.. Families(), .. PapersAndClaims()];

    /// <summary>Papers and their claims.</summary>
    public static IEnumerable<string> PapersAndClaims() =>
        Session.Catalogue.Papers.SelectMany(p => (string[])[p.Key, .. p.Claims.Select(c => c.Id)]);

    /// <summary>All families.</summary>
    public static IEnumerable<string> Families() => Session.Catalogue.Papers.Select(p => p.Family).Distinct();

    /// <summary>Families that have a page.</summary>
    public static IEnumerable<string> Pages() => FamilyTable.families.Select(f => f.Key);

    /// <summary>All methods.</summary>
    public static IEnumerable<string> Methods() => Session.Catalogue.Methods.Select(m => m.Item2.Name).Distinct();

    /// <summary>Methods, and comparisons that papers claim.</summary>
    public static IEnumerable<string> Compared() => [.. Methods(), .. Comparisons.all.Select(c => c.Key)];

    /// <summary>Problems that are built by name.</summary>
    public static IEnumerable<string> ProblemNames() => ProblemCatalogue.entries.Select(e => e.Name);

    private static IEnumerable<CompletionItem> Matching(CompletionContext context, Func<IEnumerable<string>> names) =>
        names().Where(n => n.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase)).Select(n => new CompletionItem(n));
}

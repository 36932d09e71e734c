using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Theory.Algorithms;
using Theory.Numerics;

namespace Theory.Cli;

/// <summary>The catalogue and the settings that the options ask for.</summary>
internal static class Session
{
    public static Catalogue Catalogue { get; } = new(All.papers);

    public static Profile ProfileOf(string name) => name switch
    {
        "quick" => Profile.Quick,
        "deep" => Profile.Deep,
        _ => Profile.Standard,
    };

    public static VerifySettings Settings(string profile, ulong seed, int threads, string engine, CancellationToken cancellation)
    {
        if (threads < 1)
        {
            throw new UsageException($"--threads must be at least 1, got {threads}.");
        }

        VerifySettings defaults = Catalogue.DefaultSettings;
        return new VerifySettings(ProfileOf(profile), seed, threads, Engines.ByName(engine), defaults.Alpha, cancellation);
    }

    public static CheckContext Context(ulong seed, int threads, string engine, CancellationToken cancellation)
    {
        VerifySettings settings = Settings("standard", seed, threads, engine, cancellation);
        CheckContext context = Catalogue.Context(settings);
        return new CheckContext(
            context.Engine, threads, context.ChunkLanes, context.Profile, context.Seed, context.Stream, context.Alpha, cancellation);
    }

    /// <summary>The claims that the selectors name.</summary>
    public static FSharpList<Tuple<Paper, Claim>> Select(Catalogue catalogue, IReadOnlyList<string> selectors)
    {
        if (selectors.Count == 0)
        {
            return catalogue.Claims;
        }

        var chosen = new List<Tuple<Paper, Claim>>();
        foreach (string selector in selectors)
        {
            FSharpList<Tuple<Paper, Claim>> named = catalogue.Select(selector);
            if (named.IsEmpty)
            {
                throw Unknown(catalogue, "paper, claim or family", selector);
            }

            chosen.AddRange(named.Where(n => !chosen.Any(c => c.Item2.Id == n.Item2.Id)));
        }

        return ListModule.OfSeq(chosen);
    }

    public static UsageException Unknown(Catalogue catalogue, string what, string name) =>
        new($"There is no {what} '{name}'. Nearest: {string.Join(", ", catalogue.Nearest(name))}.");

    public static MethodEntry Method(string name) =>
        Catalogue.Methods.Select(m => m.Item2).FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(
            $"There is no method '{name}'. Nearest: {string.Join(", ", Catalogue.NearestMethods(name))}. All: theory list.");

    /// <summary>The problem asked for; without one, the reference instance on which the method's family is shown.</summary>
    public static IProblem ProblemOfRates(MethodEntry method, string? problem, DataChoice data)
    {
        if (problem is not null || data.Path is not null)
        {
            return Inputs.Problem(problem ?? "quadratic", data);
        }

        Paper paper = Catalogue.Methods.First(m => ReferenceEquals(m.Item2, method)).Item1;
        FamilyTable.Family family = FamilyTable.families.First(f => f.Key == paper.Family);
        FamilyTable.MethodRow row = FamilyTable.methodRow(FamilyTable.references(family), paper, method);
        return row.Reference?.Value.Problem
            ?? throw new UsageException($"{method.Name} runs on none of its family's reference instances. It needs {method.Needs}: name a problem with --problem.");
    }

    public static FSharpFunc<T, Unit> Report<T>(Action<T> action) => FuncConvert.FromAction(action);
}

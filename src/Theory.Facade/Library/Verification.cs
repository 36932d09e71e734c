using System.Text.Json;

namespace Theory.Api;

/// <summary>Runs the registry's verification for C#: a task, a progress, a token, exceptions instead of lost threads.</summary>
internal static class Verification
{
    public static Task<IReadOnlyList<ClaimReport>> RunAsync(
        Catalogue catalogue,
        IEnumerable<string> selectors,
        VerifyOptions options,
        IProgress<ClaimReport>? progress,
        CancellationToken cancellationToken)
    {
        Tuple<Core.Paper, Core.Claim>[] selected = Select(catalogue, selectors);
        return Background.Run(() => Run(catalogue, selected, options, progress, cancellationToken));
    }

    public static ReplayReport Replay(Catalogue catalogue, string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            return new ReplayReport(catalogue.Registry.Replay(Core.Catalogue.DefaultSettings, token));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new ArgumentException($"The token does not hold an instance of its claim: {error.Message}", nameof(token), error);
        }
    }

    private static Tuple<Core.Paper, Core.Claim>[] Select(Catalogue catalogue, IEnumerable<string> selectors)
    {
        string[] names = Check.Items(selectors);
        if (names.Length == 0)
        {
            throw new ArgumentException("There is nothing to verify; \"*\" selects every claim.", nameof(selectors));
        }

        var selected = new List<Tuple<Core.Paper, Core.Claim>>();
        foreach (string name in names)
        {
            var found = catalogue.Registry.Select(name);
            if (found.IsEmpty)
            {
                throw new ArgumentException($"'{name}' names no claim, paper or family; {catalogue.Suggestion(name)}", nameof(selectors));
            }

            selected.AddRange(found);
        }

        return [.. selected.DistinctBy(pair => pair.Item2.Id)];
    }

    private static IReadOnlyList<ClaimReport> Run(
        Catalogue catalogue,
        Tuple<Core.Paper, Core.Claim>[] selected,
        VerifyOptions options,
        IProgress<ClaimReport>? progress,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;

        void Report(Core.ClaimResult result)
        {
            try
            {
                progress?.Report(new ClaimReport(result));
            }
            catch (Exception error)
            {
                // Handed to the caller: it must not end the process with the worker's thread.
                _ = Interlocked.CompareExchange(ref failure, error, null);
                stop.Cancel();
            }
        }

        var results = catalogue.Registry.Verify(
            options.ToCore(stop.Token), Fs.List(selected), Fs.Action<Core.ClaimResult>(Report));
        ClaimReport[] reports = [.. results.Select(r => new ClaimReport(r))];
        if (failure is not null)
        {
            throw failure;
        }

        return reports.Length == selected.Length
            ? reports
            : throw new VerificationCanceledException(reports, selected.Length, cancellationToken);
    }
}

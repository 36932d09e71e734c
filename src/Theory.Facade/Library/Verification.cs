using System.Text.Json;
using Microsoft.FSharp.Core;

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

        void Fail(Exception error)
        {
            _ = Interlocked.CompareExchange(ref failure, error, null);
            stop.Cancel();
        }

        void Report(Core.ClaimResult result)
        {
            try
            {
                progress?.Report(new ClaimReport(result));
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        var guarded = selected.Select(pair => Tuple.Create(pair.Item1, Guard(pair.Item2, Fail)));
        var results = catalogue.Registry.Verify(
            options.ToCore(stop.Token), Fs.List(guarded), Fs.Action<Core.ClaimResult>(Report));
        ClaimReport[] reports = [.. results.Select(r => new ClaimReport(r))];
        if (failure is not null)
        {
            throw failure;
        }

        return reports.Length == selected.Length
            ? reports
            : throw new VerificationCanceledException(reports, selected.Length, cancellationToken);
    }

    /// <summary>The claim, with an exception that leaves its check (from a generator, say) handed to
    /// <paramref name="fail"/>: it must not end the process with the worker's thread.</summary>
    private static Core.Claim Guard(Core.Claim claim, Action<Exception> fail)
    {
        FSharpFunc<Core.CheckContext, Core.ClaimResult> Guarded(FSharpFunc<Core.CheckContext, Core.ClaimResult> check) =>
            Fs.Func<Core.CheckContext, Core.ClaimResult>(context =>
            {
                try
                {
                    return check.Invoke(context);
                }
                catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
                {
                    throw;
                }
                catch (Exception error)
                {
                    fail(new InvalidOperationException($"The check of {claim.Id} failed: {error.Message}", error));
                    throw new OperationCanceledException(context.Cancellation);
                }
            });

        return new(
            claim.Id,
            claim.Kind,
            claim.Statement,
            claim.Formula,
            claim.Assumptions,
            claim.Source,
            claim.Erratum,
            claim.Statistical,
            claim.FalsifierNames,
            Guarded(claim.Verify),
            claim.Check,
            claim.Replay);
    }
}

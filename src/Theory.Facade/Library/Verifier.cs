namespace Theory.Api;

/// <summary>Verifies the library's claims.</summary>
public static class Verifier
{
    /// <summary>Verifies the selected claims, several at a time. Each report goes to <paramref name="progress"/> as it
    /// is ready, from a worker thread; the result has them in the order of the selection.</summary>
    /// <param name="selectors">Claims (CE-DIANA.1), papers (CE-DIANA), families, or prefixes with '*'; "*" is everything.</param>
    /// <param name="options">Profile, seed, threads; <see cref="VerifyOptions.Default"/> when null.</param>
    /// <param name="progress">Receives each report as soon as it is known.</param>
    /// <param name="cancellationToken">Stops the verification.</param>
    /// <exception cref="ArgumentException">There is no selector, or one names nothing.</exception>
    /// <exception cref="VerificationCanceledException">The token was cancelled before every claim was done; the task is
    /// cancelled, and the exception carries the reports so far.</exception>
    public static Task<IReadOnlyList<ClaimReport>> VerifyAsync(
        IEnumerable<string> selectors,
        VerifyOptions? options = null,
        IProgress<ClaimReport>? progress = null,
        CancellationToken cancellationToken = default) =>
        Library.All.VerifyAsync(selectors, options, progress, cancellationToken);

    /// <summary>Replays the token that a report printed beside a counterexample or a killed falsifier: both sides of the
    /// claim on the instance that it holds.</summary>
    /// <exception cref="ArgumentException">The text is no token, or names no claim of the catalogue.</exception>
    public static ReplayReport Replay(string token) => Library.All.Replay(token);
}

/// <summary>A verification was cancelled; <see cref="Partial"/> has the reports that were ready.</summary>
public sealed class VerificationCanceledException : OperationCanceledException
{
    internal VerificationCanceledException(IReadOnlyList<ClaimReport> partial, int selected, CancellationToken token)
        : base($"The verification was cancelled after {partial.Count} of {selected} claims.", token)
    {
        Partial = partial;
        Selected = selected;
    }

    /// <summary>The reports that were ready, in the order of the selection.</summary>
    public IReadOnlyList<ClaimReport> Partial { get; }

    /// <summary>How many claims were selected.</summary>
    public int Selected { get; }
}

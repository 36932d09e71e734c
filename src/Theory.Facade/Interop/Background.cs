namespace Theory.Api;

/// <summary>Long work on a thread of its own.</summary>
internal static class Background
{
    /// <summary>The result of <paramref name="work"/>; an OperationCanceledException makes the task a cancelled one and
    /// arrives at the caller as it was thrown.</summary>
    public static async Task<T> Run<T>(Func<T> work) =>
        await Task.Factory.StartNew(
            work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
}

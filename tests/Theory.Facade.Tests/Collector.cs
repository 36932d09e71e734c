namespace FacadeTests;

/// <summary>Keeps what is reported, on the thread that reports it.</summary>
internal sealed class Collector<T>(Action<T>? also = null) : IProgress<T>
{
    private readonly List<T> items = [];

    public IReadOnlyList<T> Items => items;

    public void Report(T value)
    {
        lock (items)
        {
            items.Add(value);
        }

        also?.Invoke(value);
    }
}

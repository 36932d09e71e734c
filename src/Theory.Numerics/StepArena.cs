using System.Runtime.CompilerServices;

namespace Theory.Numerics;

/// <summary>
/// Reuses the arrays of a run's intermediate blocks. A step is pure, so after it nothing can be reached but the new
/// state: the arrays of every other block made on this thread since the step began go back to the arena, and those blocks
/// are marked, so that a later use of one (a method that hides a block outside its state) is an error instead of a wrong
/// number. Blocks made while no arena is open, even if only a step computes their values, or on another thread, are
/// never touched.
/// </summary>
public sealed class StepArena : IDisposable
{
    /// <summary>Arrays shorter than this are cheaper to allocate than to track.</summary>
    private const int ShortestPooled = 128;

    [ThreadStatic]
    private static StepArena? current;

    private readonly StepArena? outer;
    private readonly Dictionary<int, Stack<double[]>> free = [];
    private readonly HashSet<double[]> rented = new(ReferenceEqualityComparer.Instance);
    private List<Block> live = [];
    private List<Block> next = [];

    private StepArena(StepArena? outer) => this.outer = outer;

    /// <summary>Opens an arena for the run that begins on this thread; disposing it ends the reuse and keeps the last state.</summary>
    public static StepArena Open()
    {
        current = new StepArena(current);
        return current;
    }

    /// <summary>Ends a step: everything but <paramref name="state"/> may be reused.</summary>
    public void EndStep(ReadOnlySpan<Block> state)
    {
        foreach (Block block in live)
        {
            if (block.StoredArray is not { } array)
            {
                continue;
            }

            if (Holds(state, array))
            {
                next.Add(block);
            }
            else
            {
                block.Release();
                Reclaim(array);
            }
        }

        live.Clear();
        (live, next) = (next, live);
    }

    /// <summary>Runs <paramref name="action"/> with the arena closed: what it makes is kept for as long as it is used.</summary>
    public void Outside(Action action)
    {
        current = outer;
        try
        {
            action();
        }
        finally
        {
            current = this;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => current = outer;

    /// <summary>Whether a run is under way on this thread.</summary>
    internal static bool IsOpen => current is not null;

    /// <summary>Closes this thread's arena for a while, if one is open: what is made until it resumes is kept.</summary>
    internal static StepArena? Pause()
    {
        StepArena? arena = current;
        current = null;
        return arena;
    }

    /// <summary>Ends a pause.</summary>
    internal void Resume() => current = this;

    /// <summary>An array with arbitrary contents, from this thread's arena where one is open.</summary>
    internal static double[] Rent(int length)
    {
        StepArena? arena = current;
        if (arena is null || length < ShortestPooled)
        {
            return GC.AllocateUninitializedArray<double>(length);
        }

        double[] array = arena.free.TryGetValue(length, out Stack<double[]>? stack) && stack.Count > 0
            ? stack.Pop()
            : GC.AllocateUninitializedArray<double>(length);
        arena.rented.Add(array);
        return array;
    }

    /// <summary>Called for every block that is made: remembers those with a rented array.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Track(Block block, object storage)
    {
        StepArena? arena = current;
        if (arena is not null && storage is double[] array && array.Length >= ShortestPooled && arena.rented.Contains(array))
        {
            arena.live.Add(block);
        }
    }

    private static bool Holds(ReadOnlySpan<Block> state, double[] array)
    {
        foreach (Block block in state)
        {
            if (ReferenceEquals(block.StoredArray, array))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Two blocks can share an array (a reshaped block); it goes back once.</summary>
    private void Reclaim(double[] array)
    {
        if (!rented.Remove(array))
        {
            return;
        }

        if (!free.TryGetValue(array.Length, out Stack<double[]>? stack))
        {
            free[array.Length] = stack = new Stack<double[]>();
        }

        stack.Push(array);
    }
}

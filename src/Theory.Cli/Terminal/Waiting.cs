using Spectre.Console;

namespace Theory.Cli;

/// <summary>Shows how far work is, on the error output, from the moment that it takes longer than a second: in a region that
/// is wiped at the end on a terminal, else as a line now and then. The standard output is left to the results.</summary>
internal static class Waiting
{
    private const int BarWidth = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenFrames = TimeSpan.FromMilliseconds(100);

    /// <summary>Does the work and shows how far it is. With <paramref name="json"/> a redirected error output stays empty,
    /// so that both outputs together are still JSON.</summary>
    public static T For<T>(IWork work, bool json, Func<T> action)
    {
        var running = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!IsOver(running, Patience))
        {
            if (Terminal.ErrorIsRich)
            {
                Live(Terminal.Error, work, running, Terminal.ErrorWidth);
            }
            else if (!json)
            {
                Lines(Console.Error, work, running, BetweenLines);
            }
        }

        return running.GetAwaiter().GetResult();
    }

    /// <summary>A line at once and whenever <paramref name="between"/> has passed, until the task is over.</summary>
    public static void Lines(TextWriter writer, IWork work, Task running, TimeSpan between)
    {
        do
        {
            writer.WriteLine($"{work.Name}: {work.Now().Line(Terminal.RedirectedWidth - work.Name.Length - 2)}");
        }
        while (!IsOver(running, between));
    }

    /// <summary>A bar and a line that are kept up to date, and wiped when the task is over.</summary>
    public static void Live(IAnsiConsole console, IWork work, Task running, int width)
    {
        console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn { Width = BarWidth }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(progress =>
            {
                ProgressTask task = progress.AddTask(Markup.Escape(work.Name), maxValue: Math.Max(1, work.Now().Total));
                do
                {
                    Standing standing = work.Now();
                    task.IsIndeterminate = standing.Total == 0;
                    task.Value = standing.Done;
                    task.Description = Markup.Escape(standing.Line(width - BarWidth - 4));
                }
                while (!IsOver(running, BetweenFrames));
            });
    }

    /// <summary>Waits, without taking up the task's failure: that is for the caller.</summary>
    private static bool IsOver(Task task, TimeSpan wait) => Task.WaitAny([task], wait) == 0;
}

using Spectre.Console;

namespace Theory.Cli;

/// <summary>What the two outputs can show. Results go to the standard output; progress and complaints to the error output.</summary>
internal static class Terminal
{
    /// <summary>The width of lines that go to a file or a pipe.</summary>
    public const int RedirectedWidth = 80;

    /// <summary>Whether colours are wanted.</summary>
    public static bool IsColoured { get; private set; } = true;

    /// <summary>Results as tables with borders: on a terminal that moves its cursor.</summary>
    public static bool OutIsRich => !Console.IsOutputRedirected && !IsDumb;

    /// <summary>Progress in a region that is wiped when the work is done: on a terminal that moves its cursor.</summary>
    public static bool ErrorIsRich => !Console.IsErrorRedirected && !IsDumb;

    /// <summary>Columns that a line of results may take.</summary>
    public static int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? RedirectedWidth : Console.WindowWidth;

    /// <summary>Columns that a line of progress may take.</summary>
    public static int ErrorWidth => Console.IsErrorRedirected || Console.WindowWidth <= 0 ? RedirectedWidth : Console.WindowWidth;

    /// <summary>The standard output.</summary>
    public static IAnsiConsole Out => On(Console.Out, OutIsRich);

    /// <summary>The error output.</summary>
    public static IAnsiConsole Error => On(Console.Error, ErrorIsRich);

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>Takes the option <c>--no-color</c> and the environment into account.</summary>
    public static void Choose(bool noColor)
    {
        IsColoured = Coloured(noColor, Environment.GetEnvironmentVariable);
        if (IsColoured)
        {
            // Spectre.Console takes an empty NO_COLOR for a set one.
            Environment.SetEnvironmentVariable("NO_COLOR", null);
        }
    }

    /// <summary>Whether colours are wanted: not with <c>--no-color</c>, a non-empty NO_COLOR or TERM=dumb.</summary>
    public static bool Coloured(bool noColor, Func<string, string?> environment) =>
        !noColor && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";

    /// <summary>A console over a writer; <paramref name="rich"/> says that it may move the cursor.</summary>
    public static IAnsiConsole On(TextWriter writer, bool rich) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        Ansi = rich ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = rich && IsColoured ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = rich ? InteractionSupport.Yes : InteractionSupport.No,
    });
}

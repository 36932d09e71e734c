using System.CommandLine;

namespace Theory.Cli;

/// <summary>The command <c>theory</c>.</summary>
public static class Program
{
    /// <summary>As the catalogue claims.</summary>
    public const int AsClaimed = 0;

    /// <summary>A claim refuted, an erratum that is not refuted, or a falsifier alive.</summary>
    public const int NotAsClaimed = 1;

    /// <summary>Wrong usage or unusable input.</summary>
    public const int WrongUsage = 2;

    /// <summary>Stopped by Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs the command.</summary>
    public static async Task<int> Main(string[] args)
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        RootCommand root = Commands.Root();
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && !parsed.Tokens.Any(t => t.Value is "--help" or "-h" or "-?" or "--version"))
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine(error.Message);
            }

            Console.Error.WriteLine("Try: theory --help");
            return WrongUsage;
        }

        Terminal.Choose(parsed.GetValue<bool>(Commands.NoColor));
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return Interrupted;
        }
        catch (Exception error) when (Inputs.IsUsage(error))
        {
            Console.Error.WriteLine(Inputs.MessageOf(error));
            return WrongUsage;
        }
    }
}

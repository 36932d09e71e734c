namespace CliTests;

/// <summary>Runs the command in this process and captures what it prints. The console is one for the process, so the tests
/// of this assembly run one after another.</summary>
internal static class Command
{
    public sealed record Outcome(int Code, string Out, string Error);

    static Command() =>
        Environment.SetEnvironmentVariable("THEORY_HOME", Directory.CreateTempSubdirectory("theory-tests").FullName);

    public static async Task<Outcome> RunAsync(params string[] arguments)
    {
        TextWriter standard = Console.Out;
        TextWriter error = Console.Error;
        using var printed = new StringWriter();
        using var complained = new StringWriter();
        try
        {
            Console.SetOut(printed);
            Console.SetError(complained);
            int code = await Theory.Cli.Program.Main(arguments);
            return new Outcome(code, printed.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(standard);
            Console.SetError(error);
        }
    }
}

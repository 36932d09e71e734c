namespace Theory.Cli;

/// <summary>Prints the script that makes a shell ask this command what may follow.</summary>
internal static class CompletionCommand
{
    /// <summary>The shells that have one.</summary>
    public static readonly IReadOnlyList<string> Shells = ["bash", "zsh", "fish", "pwsh"];

    public static int Run(string shell)
    {
        using Stream script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"theory.{shell}")
            ?? throw new InvalidOperationException($"The script for {shell} is not in this build.");
        using var reader = new StreamReader(script);
        Console.Write(reader.ReadToEnd());
        return Program.AsClaimed;
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace Theory.Cli.Doctor;

/// <summary>Asks another program something.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What the program prints, trimmed; null when it is not there, fails or does not answer in ten seconds.</summary>
    public static string? Ask(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        try
        {
            using Process? running = Process.Start(start);
            if (running is null)
            {
                return null;
            }

            running.StandardInput.Close();
            Task<string> output = running.StandardOutput.ReadToEndAsync();
            _ = running.StandardError.ReadToEndAsync();
            if (!running.WaitForExit(Patience))
            {
                running.Kill(entireProcessTree: true);
                return null;
            }

            return running.ExitCode == 0 ? output.GetAwaiter().GetResult().Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

using System.Globalization;
using Theory.Problems;

namespace Theory.Cli;

/// <summary>What the commands read: problems, parameters, files; and which errors are the user's.</summary>
internal static class Inputs
{
    /// <summary>Errors that name a value and a condition, and need no stack trace.</summary>
    public static bool IsUsage(Exception error) =>
        error is UsageException or ArgumentException or IOException or UnauthorizedAccessException or FormatException
        || (error is AggregateException { InnerExceptions.Count: 1 } one && IsUsage(one.InnerExceptions[0]));

    /// <summary>The message without the runtime's parameter suffix.</summary>
    public static string MessageOf(Exception error)
    {
        string text = error is AggregateException one ? one.InnerExceptions[0].Message : error.Message;
        int suffix = text.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return suffix < 0 ? text : text[..suffix];
    }

    /// <summary>"gamma=0.1" as a name and a number.</summary>
    public static (string Name, double Value) Setting(string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length != 2
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            || !double.IsFinite(value))
        {
            throw new UsageException($"'{text}' is not of the form name=number.");
        }

        return (parts[0].Trim(), value);
    }

    /// <summary>The problem that the options describe.</summary>
    public static IProblem Problem(string problem, DataChoice data) =>
        data.Path is { } path ? DataProblems.Open(path, data) : ProblemCatalogue.build(problem);

    /// <summary>Writes a file whole or not at all.</summary>
    public static void WriteWhole(string path, Action<TextWriter> write)
    {
        (string full, string temporary) = Beside(path, "tmp");
        try
        {
            using (var writer = new StreamWriter(temporary))
            {
                write(writer);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new UsageException($"Cannot write {path}: {error.Message}");
        }
    }

    /// <summary>Fails early when a file could not be written later.</summary>
    public static void CheckWritable(string? path)
    {
        if (path is null)
        {
            return;
        }

        (_, string probe) = Beside(path, "probe");
        try
        {
            File.WriteAllText(probe, string.Empty);
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot write {path}: {error.Message}");
        }
    }

    /// <summary>The whole path, and a hidden file of this process beside it; refuses a path that no file can have.</summary>
    private static (string Full, string Hidden) Beside(string path, string extension)
    {
        string full = Path.GetFullPath(path);
        string? folder = Path.GetDirectoryName(full);
        if (folder is null || !Directory.Exists(folder))
        {
            throw new UsageException($"Cannot write {path}: the folder {folder} does not exist.");
        }

        if (Directory.Exists(full))
        {
            throw new UsageException($"Cannot write {path}: it is a folder.");
        }

        return (full, Path.Combine(folder, $".{Path.GetFileName(full)}.{Environment.ProcessId}.{extension}"));
    }
}

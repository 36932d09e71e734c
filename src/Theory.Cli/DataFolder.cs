namespace Theory.Cli;

/// <summary>The folder of the data sets, which the environment variable THEORY_DATA names: <c>--data mushrooms</c> is the file
/// mushrooms of the current folder, else of that one.</summary>
internal static class DataFolder
{
    public const string Variable = "THEORY_DATA";

    /// <summary>The folder; null when the variable is not set.</summary>
    public static string? Path => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null;

    /// <summary>The file that a name or a path means.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string Resolve(string name)
    {
        if (File.Exists(name))
        {
            return name;
        }

        if (System.IO.Path.GetFileName(name) != name)
        {
            throw new UsageException($"--data {name}: there is no such file; give the path of a LIBSVM text file.");
        }

        string where = Path is { } folder ? $"{Variable}={folder}" : $"{Variable}, which is not set";
        return Path is { } at && File.Exists(System.IO.Path.Combine(at, name))
            ? System.IO.Path.Combine(at, name)
            : throw new UsageException($"--data {name}: there is no such file here nor in {where}; give the path of a LIBSVM text file.");
    }

    /// <summary>The names of the files in the folder.</summary>
    public static IEnumerable<string> Names() =>
        Path is { } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Select(System.IO.Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)
            : [];
}

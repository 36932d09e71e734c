using Microsoft.FSharp.Collections;

namespace Theory.Cli;

/// <summary>Logistic regression over a LIBSVM file.</summary>
internal static class DataProblems
{
    public static IProblem Open(string path, int workers, double? lambda) => throw new UsageException($"No data reader for {path}, {workers}, {lambda}.");

    public static FSharpList<Paper> Papers(string path, int workers, double? lambda, FSharpList<Paper> papers) => throw new UsageException($"No data reader for {path}, {workers}, {lambda}, {papers.Length}.");
}

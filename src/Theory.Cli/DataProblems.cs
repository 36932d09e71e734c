using Microsoft.FSharp.Collections;
using Theory.Problems;

namespace Theory.Cli;

/// <summary>Logistic regression over a LIBSVM file.</summary>
internal static class DataProblems
{
    /// <summary>The condition number that the default regularisation gives: λ is a thousandth of the data term's L.</summary>
    private const double DefaultKappa = 1001.0;

    /// <summary>The file's rows split over workers; λ from the data where none is given.</summary>
    public static IProblem Open(string path, int workers, double? lambda)
    {
        LabelledData data = LibSvm.read(path);
        double chosen = lambda ?? Logistic.lambdaFor(workers, DefaultKappa, data);
        return Logistic.workers(workers, Logistic.options(chosen), data);
    }

    public static FSharpList<Paper> Papers(string path, int workers, double? lambda, FSharpList<Paper> papers) => throw new UsageException($"No data reader for {path}, {workers}, {lambda}, {papers.Length}.");
}

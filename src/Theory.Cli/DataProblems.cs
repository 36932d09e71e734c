using Microsoft.FSharp.Collections;
using Theory.Algorithms;
using Theory.Problems;

namespace Theory.Cli;

/// <summary>Logistic regression over a LIBSVM file.</summary>
internal static class DataProblems
{
    private const double DefaultConditionNumber = 1000.0;

    /// <summary>Rows split over workers.</summary>
    public static IProblem Open(string path, int workers, double? lambda)
    {
        LabelledData data = Read(path, workers);
        return Logistic.workers(workers, Options(data, workers, lambda), data);
    }

    /// <summary>The file as a paper: its constants, and the bounds of methods along runs on it.</summary>
    public static FSharpList<Paper> Papers(string path, int workers, double? lambda, Theory.Catalogue catalogue)
    {
        LabelledData data = Read(path, workers);
        LogisticOptions options = Options(data, workers, lambda);
        IProblem split = Logistic.workers(workers, options, data);
        IProblem samples = Logistic.samples(options, data);
        string name = Path.GetFileNameWithoutExtension(path);
        return ListModule.OfSeq([OnData.paper(name, split, samples, catalogue)]);
    }

    /// <summary>The catalogue of a file's claims alone.</summary>
    public static Theory.Catalogue Catalogue(string path, int workers, double? lambda) => new(Papers(path, workers, lambda, Session.Catalogue));

    private static LabelledData Read(string path, int workers)
    {
        RunCommand.RequireAtLeast("--workers", workers, 1);
        LabelledData data = LibSvm.read(path);
        int rows = data.Labels.Length;
        return workers <= rows ? data : throw new UsageException($"--workers must be at most the number of rows, {rows}, got {workers}.");
    }

    private static LogisticOptions Options(LabelledData data, int workers, double? lambda)
    {
        if (lambda is <= 0.0 || lambda is { } given && !double.IsFinite(given))
        {
            throw new UsageException($"--lambda must be positive (without it a minimiser need not exist), got {lambda}.");
        }

        return Logistic.options(lambda ?? Logistic.lambdaFor(workers, DefaultConditionNumber, data));
    }
}

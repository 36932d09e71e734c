using Microsoft.FSharp.Collections;
using Theory.Algorithms;
using Theory.Problems;

namespace Theory.Cli;

/// <summary>Logistic regression over a LIBSVM file.</summary>
internal static class DataProblems
{
    private const double DefaultConditionNumber = 1000.0;

    /// <summary>Rows split over workers.</summary>
    public static IProblem Open(string path, DataChoice choice)
    {
        LabelledData data = Read(path, choice);
        return Logistic.workers(choice.Workers, Options(data, choice), data);
    }

    /// <summary>The file as a paper: its constants, and the bounds of methods along runs on it.</summary>
    public static FSharpList<Paper> Papers(string path, DataChoice choice, Theory.Catalogue catalogue)
    {
        LabelledData data = Read(path, choice);
        LogisticOptions options = Options(data, choice);
        IProblem split = Logistic.workers(choice.Workers, options, data);
        IProblem samples = Logistic.samples(options, data);
        string name = Path.GetFileNameWithoutExtension(path);
        return ListModule.OfSeq([OnData.paper(name, split, samples, catalogue)]);
    }

    /// <summary>The catalogue of a file's claims alone.</summary>
    public static Theory.Catalogue Catalogue(string path, DataChoice choice) => new(Papers(path, choice, Session.Catalogue));

    private static LabelledData Read(string path, DataChoice choice)
    {
        RunCommand.RequireAtLeast("--workers", choice.Workers, 1);
        LabelledData data = LibSvm.read(path);
        int rows = data.Labels.Length;
        return choice.Workers <= rows
            ? RowOrderModule.apply(choice.Order, data)
            : throw new UsageException($"--workers must be at most the number of rows, {rows}, got {choice.Workers}.");
    }

    private static LogisticOptions Options(LabelledData data, DataChoice choice)
    {
        double? lambda = choice.Lambda;
        if (lambda is <= 0.0 || lambda is { } given && !double.IsFinite(given))
        {
            throw new UsageException($"--lambda must be positive (without it a minimiser need not exist), got {lambda}.");
        }

        return Logistic.options(lambda ?? Logistic.lambdaFor(choice.Workers, DefaultConditionNumber, data));
    }
}

using Microsoft.FSharp.Core;

namespace Theory.Cli;

internal static class RatesCommand
{
    public static int Run(string name, string? problemText, DataChoice data, string[] set, bool json)
    {
        MethodEntry method = Session.Method(name);
        IProblem problem = Session.ProblemOfRates(method, problemText, data);
        PreparedMethod prepared = RunCommand.Prepare(method, problem, set);
        var work = new SingleWork("rates", $"{method.Name} on {problem.Name}");
        FSharpResult<ExactRates, string> rates = Waiting.For(work, json, () => prepared.Rates.Invoke(null!));
        if (rates.IsError)
        {
            throw new UsageException($"{method.Name} has no exact rates on '{problem.Name}': {rates.ErrorValue}.");
        }

        ExactRates found = rates.ResultValue;
        string[] outside = [.. prepared.Conditions.Where(c => !c.Holds).Select(c => c.Text)];
        if (json)
        {
            Json.Print(new
            {
                method = method.Name,
                problem = problem.Name,
                parameters = prepared.Parameters.ToDictionary(p => p.Item1, p => p.Item2),
                outside,
                longRun = found.Asymptotic,
                bounds = found.Bounds.Select(b => new { bound = b.Bound, certified = b.Certified, worstStep = b.Worst?.Value }).ToArray(),
                cost = prepared.StepCost.Invoke(null!).ToDictionary(c => c.Item1.ToString(), c => c.Item2),
            });
            return Program.AsClaimed;
        }

        Console.WriteLine($"{method.Name} on {problem.Name}, exact factors per step (floors of noise left out):");
        Tables.Print(
            ["measure", "certified", "worst step", "long run"],
            [
                .. found.Bounds.Select(b => new[] { b.Bound, Tables.Ratio(b.Certified), b.Worst is null ? "–" : Tables.Ratio(b.Worst.Value), string.Empty }),
                ["E‖s − fixed point‖²", string.Empty, string.Empty, Tables.Ratio(found.Asymptotic)],
            ]);
        foreach (string condition in outside)
        {
            Console.WriteLine($"outside the theorem: {condition}");
        }

        return Program.AsClaimed;
    }
}

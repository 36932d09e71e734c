using System.CommandLine;

namespace Theory.Cli;

/// <summary>The options that choose a data file, the same for every command.</summary>
internal sealed class DataOptions(string whatFor)
{
    private readonly Option<string?> path = Completions.From(
        new Option<string?>("--data") { Description = $"{whatFor} A name without a folder is also looked for in ${DataFolder.Variable}." }, DataFolder.Names);

    private readonly Option<int> workers = new("--workers") { Description = "Workers that the rows are split over.", DefaultValueFactory = _ => 10 };

    private readonly Option<double?> lambda = new("--lambda") { Description = "ℓ2 regularisation; default L/1000 of the data term." };

    private readonly Option<string> split = Split();

    public void AddTo(Command command)
    {
        command.Options.Add(path);
        command.Options.Add(workers);
        command.Options.Add(lambda);
        command.Options.Add(split);
    }

    public DataChoice Of(ParseResult parsed) =>
        new(parsed.GetValue(path) is { } name ? DataFolder.Resolve(name) : null, parsed.GetValue(workers), parsed.GetValue(lambda), parsed.GetValue(split)!);

    private static Option<string> Split()
    {
        var option = new Option<string>("--split")
        {
            Description = "Order in which rows are dealt to workers: file, sorted (by label) or shuffled.",
            DefaultValueFactory = _ => "file",
        };
        option.AcceptOnlyFromAmong([.. DataChoice.Orders.Keys]);
        return option;
    }
}

using Theory.Problems;

namespace Theory.Cli;

/// <summary>A LIBSVM file (null: none) and how its rows are dealt out.</summary>
/// <param name="Path">The file, or null.</param>
/// <param name="Workers">Workers that the rows are split over.</param>
/// <param name="Lambda">ℓ2 regularisation; null for L/1000 of the data term.</param>
/// <param name="Split">file, sorted or shuffled.</param>
internal sealed record DataChoice(string? Path, int Workers, double? Lambda, string Split)
{
    /// <summary>The names that --split accepts, with the order that each is.</summary>
    public static readonly IReadOnlyDictionary<string, RowOrder> Orders = new Dictionary<string, RowOrder>
    {
        ["file"] = RowOrder.AsGiven,
        ["sorted"] = RowOrder.ByLabel,
        ["shuffled"] = RowOrder.NewShuffled(1),
    };

    /// <summary>The order of the rows.</summary>
    public RowOrder Order => Orders[Split];

    /// <summary>The options that give this choice again on a command line.</summary>
    public string AsOptions() =>
        $"--data {Path} --workers {Workers}{(Lambda is { } l ? $" --lambda {l:R}" : string.Empty)}{(Split == "file" ? string.Empty : $" --split {Split}")}";
}

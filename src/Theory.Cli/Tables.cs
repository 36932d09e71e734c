using System.Globalization;
using Spectre.Console;

namespace Theory.Cli;

/// <summary>Tables with borders on a terminal, aligned plain lines elsewhere.</summary>
internal static class Tables
{
    /// <summary>Room that a wrapped last column asks for.</summary>
    private const int LeastRoom = 30;

    /// <summary>Prints the table. On a terminal too narrow for it, columns are left out in the order of
    /// <paramref name="dispensable"/>; elsewhere all are printed.</summary>
    public static void Print(string[] header, IEnumerable<string[]> rows, params string[] dispensable)
    {
        string[][] all = [header, .. rows];
        if (!Console.IsOutputRedirected)
        {
            all = Fitting(all, Terminal.Width, dispensable);
        }

        if (!Terminal.OutIsRich)
        {
            int[] widths = Widths(all);
            foreach (string[] row in all)
            {
                Console.WriteLine(string.Join("  ", row.Select((cell, c) => TextWidth.Pad(cell, widths[c]))).TrimEnd());
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded);
        foreach (string name in all[0])
        {
            table.AddColumn(new TableColumn(Markup.Escape(name)));
        }

        foreach (string[] row in all.Skip(1))
        {
            table.AddRow(row.Select(cell => new Markup(Coloured(cell))).ToArray());
        }

        Terminal.Out.Write(table);
    }

    /// <summary>The rows (the header first) without the columns that <paramref name="width"/> columns and borders have no room
    /// for. The last column may wrap.</summary>
    public static string[][] Fitting(string[][] rows, int width, IEnumerable<string> dispensable)
    {
        foreach (string name in dispensable)
        {
            int[] widths = Widths(rows);
            widths[^1] = Math.Min(widths[^1], LeastRoom);
            int drop = Array.IndexOf(rows[0], name);
            if (widths.Sum() + 3 * widths.Length + 1 <= width || drop < 0)
            {
                return rows;
            }

            rows = [.. rows.Select(row => row.Where((_, c) => c != drop).ToArray())];
        }

        return rows;
    }

    private static int[] Widths(string[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => TextWidth.Of(r[c])))];

    public static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("G4", CultureInfo.InvariantCulture);

    public static string Ratio(double value) =>
        double.IsNaN(value) ? "–" : double.IsInfinity(value) ? "∞" : value is > 0.0 and < 1e-4 ? "<0.0001" : value is >= 1e-4 and < 1e4 ? value.ToString("0.0000", CultureInfo.InvariantCulture) : Number(value);

    /// <summary>Smallest and largest as one text: one number where they agree.</summary>
    public static string Range(double min, double max) =>
        double.IsNaN(min) && double.IsNaN(max) ? "–"
        : double.IsNaN(min) || Math.Abs(max - min) < 5e-5 ? Ratio(max)
        : $"{Ratio(min)} … {Ratio(max)}";

    private static string Coloured(string cell)
    {
        string text = Markup.Escape(cell);
        string word = cell.Split(' ')[0];
        return word switch
        {
            "Proved" or "Exhausted" => $"[green]{text}[/]",
            "Held" or "Consistent" => $"[blue]{text}[/]",
            "Refuted" => $"[red]{text}[/]",
            "Inconclusive" or "ALIVE" => $"[yellow]{text}[/]",
            _ => text,
        };
    }
}

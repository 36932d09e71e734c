using System.Globalization;
using Spectre.Console;

namespace Theory.Cli;

/// <summary>Tables with borders on a terminal, aligned plain lines elsewhere.</summary>
internal static class Tables
{
    public static bool OnTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    public static void Print(string[] header, IEnumerable<string[]> rows)
    {
        if (OnTerminal)
        {
            var table = new Table().Border(TableBorder.Rounded);
            foreach (string name in header)
            {
                table.AddColumn(new TableColumn(Markup.Escape(name)));
            }

            foreach (string[] row in rows)
            {
                table.AddRow(row.Select(cell => new Markup(Coloured(cell))).ToArray());
            }

            AnsiConsole.Write(table);
            return;
        }

        string[][] all = [header, .. rows];
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(c => all.Max(r => Width(r[c])))];
        foreach (string[] row in all)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, c) => c == row.Length - 1 ? cell : cell + new string(' ', widths[c] - Width(cell)))).TrimEnd());
        }
    }

    public static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("G4", CultureInfo.InvariantCulture);

    public static string Ratio(double value) =>
        double.IsNaN(value) ? "–" : double.IsInfinity(value) ? "∞" : value is > 0.0 and < 1e-4 ? "<0.0001" : value is >= 1e-4 and < 1e4 ? value.ToString("0.0000", CultureInfo.InvariantCulture) : Number(value);

    private static int Width(string cell) => new StringInfo(cell).LengthInTextElements;

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

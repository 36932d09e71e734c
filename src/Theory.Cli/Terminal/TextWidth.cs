using System.Globalization;

namespace Theory.Cli;

/// <summary>Columns that a text takes: a letter and the marks over it (x̂, x̄) are one.</summary>
internal static class TextWidth
{
    /// <summary>Columns of the text.</summary>
    public static int Of(string text) => new StringInfo(text).LengthInTextElements;

    /// <summary>The first <paramref name="columns"/> columns of the text.</summary>
    public static string Cut(string text, int columns) =>
        Of(text) <= columns ? text : new StringInfo(text).SubstringByTextElements(0, columns);

    /// <summary>The text with spaces after it up to so many columns.</summary>
    public static string Pad(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));
}

using System.Text.RegularExpressions;

namespace Theory.Cli;

/// <summary>A statement in Unicode laid out over lines: broken after semicolons, colons and commas and before relation signs,
/// outside brackets, with the relation signs under each other. Sentences are broken at their spaces.</summary>
internal static partial class Formula
{
    private const string Relations = "≤≥=<>≈∝→∈≪≫⪯";

    private const string Opening = "([{⟨⌈⌊";

    private const string Closing = ")]}⟩⌉⌋";

    /// <summary>Words beside formulas that make a piece a sentence.</summary>
    private const int WordsOfASentence = 3;

    /// <summary>A part of the text; <paramref name="Aligns"/> says that its relation sign is to meet those of the others.</summary>
    private sealed record Piece(string Text, bool Aligns)
    {
        /// <summary>Columns of the text.</summary>
        public int Width { get; } = TextWidth.Of(Text);

        /// <summary>The column of the first relation sign outside brackets; -1 without one.</summary>
        public int Sign { get; } = Signs(Text).Select(at => TextWidth.Of(Text[..at])).Append(-1).First();
    }

    /// <summary>The lines, each of at most <paramref name="width"/> columns where the text has a place to break at.</summary>
    public static IReadOnlyList<string> Lines(string text, int width)
    {
        if (TextWidth.Of(text) <= width)
        {
            return [text];
        }

        Piece[] lines = [.. Pack(Split(text, ";:").SelectMany(clause => Pieces(clause, width)), width)];

        // Left sides up to a third of the width are moved to meet the others' relation signs, where the rest leaves room.
        bool Meets(Piece p) => p.Aligns && p.Sign >= 0 && p.Sign <= width / 3 && p.Width <= width;
        int column = lines.Where(Meets).Select(p => p.Sign).DefaultIfEmpty(0).Max();
        return
        [
            .. lines.SelectMany(p =>
            {
                int indent = Meets(p) && p.Width + column - p.Sign <= width ? column - p.Sign : 0;
                int hanging = p.Aligns && p.Sign >= 0 && p.Sign <= width / 3 ? p.Sign + 2 : 2;
                return Words(p.Text, width - indent, hanging).Select(l => new string(' ', indent) + l);
            }),
        ];
    }

    /// <summary>The text at its spaces (a word that is too long, before a plus or minus outside brackets), over lines of at
    /// most so many columns, all but the first indented.</summary>
    public static IEnumerable<string> Words(string text, int width, int hanging = 0)
    {
        string line = string.Empty;
        foreach ((string word, bool apart) in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(w => Terms(w, width - hanging)))
        {
            string longer = line + (line.Trim().Length > 0 && apart ? " " : string.Empty) + word;
            if (line.Trim().Length > 0 && TextWidth.Of(longer) > width)
            {
                yield return line;
                line = new string(' ', hanging) + word;
            }
            else
            {
                line = longer;
            }
        }

        yield return line;
    }

    /// <summary>What a clause is packed of: itself, its parts between commas, and of those that are too long their parts before
    /// relation signs. A clause that ends in a colon states conditions, whose signs are not those of the statement.</summary>
    private static IEnumerable<Piece> Pieces(string clause, int width)
    {
        bool aligns = !clause.EndsWith(':');
        return TextWidth.Of(clause) <= width
            ? [new Piece(clause, aligns && !IsSentence(clause))]
            : Split(clause, ",").SelectMany(part =>
                IsSentence(part) ? [new Piece(part, false)] : AtRelations(part, width).Select(p => new Piece(p, aligns)));
    }

    /// <summary>The text cut after any of the marks that a space follows, outside brackets; the space goes.</summary>
    private static IEnumerable<string> Split(string text, string marks)
    {
        int from = 0;
        foreach (int at in Outside(text).Where(i => text[i] == ' ' && i > 0 && marks.Contains(text[i - 1])))
        {
            yield return text[from..at];
            from = at + 1;
        }

        yield return text[from..];
    }

    /// <summary>A formula that is too long, cut before each relation sign but the first; before that too when its left side is
    /// long.</summary>
    private static IEnumerable<string> AtRelations(string formula, int width)
    {
        int[] signs = [.. Signs(formula)];
        if (TextWidth.Of(formula) <= width || signs.Length == 0)
        {
            return [formula];
        }

        int[] cuts = [0, .. TextWidth.Of(formula[..signs[0]]) > width / 3 ? signs : signs[1..], formula.Length];
        return cuts.Zip(cuts.Skip(1), (a, b) => formula[a..b].TrimEnd());
    }

    /// <summary>Pieces share a line while there is room, up to the end of a clause; one that begins with a relation sign begins
    /// a line.</summary>
    private static IEnumerable<Piece> Pack(IEnumerable<Piece> pieces, int width)
    {
        Piece? line = null;
        foreach (Piece piece in pieces)
        {
            if (line is not null && line.Text[^1] is ',' or ':' && line.Width + 1 + piece.Width <= width && piece.Sign != 0)
            {
                line = new Piece($"{line.Text} {piece.Text}", line.Aligns && piece.Aligns);
                continue;
            }

            if (line is not null)
            {
                yield return line;
            }

            line = piece;
        }

        yield return line!;
    }

    /// <summary>A word as it is, or, when it is too long, its terms; with each, whether a space goes before it.</summary>
    private static IEnumerable<(string Text, bool Apart)> Terms(string word, int room)
    {
        int from = 0;
        int[] signs = TextWidth.Of(word) <= room ? [] : [.. Outside(word).Where(i => i > 0 && word[i] is '+' or '−')];
        foreach (int at in signs.Append(word.Length))
        {
            yield return (word[from..at], from == 0);
            from = at;
        }
    }

    /// <summary>Where relation signs stand between spaces, outside brackets.</summary>
    private static IEnumerable<int> Signs(string text) =>
        Outside(text).Where(at => Relations.Contains(text[at]) && (at == 0 || text[at - 1] == ' ') && at + 1 < text.Length && text[at + 1] == ' ');

    private static bool IsSentence(string text) => Plain().Count(text) >= WordsOfASentence;

    /// <summary>Indices of the characters outside all brackets.</summary>
    private static IEnumerable<int> Outside(string text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (Opening.Contains(text[at]))
            {
                depth++;
            }
            else if (Closing.Contains(text[at]))
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (depth == 0)
            {
                yield return at;
            }
        }
    }

    /// <summary>Two small letters or more between spaces, other than the names of functions.</summary>
    [GeneratedRegex(@"(?<=^|\s)(?!(max|min|mean|log|exp|sup|inf|tr|diag|any|with|for|and)\b)[a-z]{2,}(?=$|[\s,;:])")]
    private static partial Regex Plain();
}

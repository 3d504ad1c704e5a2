namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// A regular expression as a deterministic automaton over classes of code points: one look into a table per character, no way back, nothing
/// allocated. Made by <see cref="AutomatonBuilder"/>.
/// </summary>
/// <param name="classes">Tells the code points apart as far as the expression does.</param>
/// <param name="next">
/// Row by row, the row that follows on each class. Rows are named by their place in the table; the first one stands at <see cref="Start"/>,
/// and <see cref="Fail"/> and <see cref="Match"/> have none, for nothing leads out of them.
/// </param>
internal sealed class Automaton(CodePointClasses classes, ushort[] next)
{
    /// <summary>Whatever follows, it does not match.</summary>
    public const ushort Fail = 0;

    /// <summary>Whatever follows, it matches.</summary>
    public const ushort Match = 1;

    /// <summary>Before the first character.</summary>
    public const ushort Start = 2;

    /// <summary>Whether the expression occurs anywhere in the text.</summary>
    public bool Matches(ReadOnlySpan<byte> utf8)
    {
        ushort[] table = next;
        ReadOnlySpan<byte> narrow = classes.Narrow;
        int row = Start;
        for (int at = 0; at < utf8.Length; at++)
        {
            int kind = narrow[utf8[at]];
            if (kind == CodePointClasses.Wide)
                return MatchesWide(utf8[at..], row);
            row = table[row + kind];
            if (row <= Match)
                return row == Match;
        }
        return table[row + CodePointClasses.End] == Match;
    }

    // From the first character of several bytes on. Most texts have none, and their loop is the faster for not knowing how.
    private bool MatchesWide(ReadOnlySpan<byte> utf8, int row)
    {
        for (int at = 0; row > Match && at < utf8.Length;)
            row = next[row + classes.Of(utf8, ref at)];
        return row == Match || (row > Match && next[row + CodePointClasses.End] == Match);
    }
}

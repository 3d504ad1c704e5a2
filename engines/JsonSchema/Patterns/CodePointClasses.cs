namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// The code points in classes: two are in the same class when every set of an expression holds both or neither.
/// </summary>
internal sealed class CodePointClasses
{
    /// <summary>The class of the end of the text, which is no code point.</summary>
    public const int End = 0;

    /// <summary>In place of a class in <see cref="Narrow"/>: the byte starts a longer character.</summary>
    public const int Wide = 255;

    private readonly byte[] _narrow = new byte[256];
    private readonly List<int> _starts = [];
    private readonly List<byte> _kinds = [];

    /// <param name="sets">All sets of the expression.</param>
    public CodePointClasses(IReadOnlyCollection<CodePointSet> sets)
    {
        SortedSet<int> cuts = [0, .. sets.SelectMany(set => set.Ranges).SelectMany(range => new[] { range.First, range.Last + 1 })];
        cuts.Remove(CodePointSet.Last + 1);
        Dictionary<string, int> known = [];
        foreach (int cut in cuts)
        {
            string holders = string.Concat(sets.Select(set => set.Contains(cut) ? '1' : '0'));
            if (!known.TryGetValue(holders, out int kind))
            {
                known[holders] = kind = known.Count + 1;
                Samples.Add(cut);
            }
            _starts.Add(cut);
            _kinds.Add((byte)kind);
        }
        for (int c = 0; c < 128; c++)
            _narrow[c] = (byte)Of(c);
        _narrow.AsSpan(128).Fill(Wide);
    }

    /// <summary>How many there are, the end of the text included.</summary>
    public int Count => Samples.Count + 1;

    /// <summary>There are too many of them to be told apart by a byte.</summary>
    public bool Overflow => Count > Wide;

    /// <summary>By class, counted from 1: a code point of it.</summary>
    public List<int> Samples { get; } = [];

    /// <summary>By byte: the class of the character of that one byte.</summary>
    public ReadOnlySpan<byte> Narrow => _narrow;

    /// <summary>The class of the character at the position, which moves behind it.</summary>
    public int Of(ReadOnlySpan<byte> utf8, ref int at)
    {
        int first = utf8[at++];
        if (first < 0x80)
            return _narrow[first];
        // Half a surrogate pair, which an escape can bring, has three bytes like its neighbours.
        int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        int codePoint = first & (0x3F >> more);
        for (; more > 0 && at < utf8.Length; more--)
            codePoint = (codePoint << 6) | (utf8[at++] & 0x3F);
        return Of(codePoint);
    }

    private int Of(int codePoint)
    {
        int found = _starts.BinarySearch(codePoint);
        return _kinds[found >= 0 ? found : ~found - 1];
    }
}

using System.Globalization;
using System.Reflection;
using Gateway.JsonSchema.Patterns;

namespace Gateway.JsonSchema.Unicode;

/// <summary>The tables of this folder, read when first asked for (see <c>derive.pl</c> for their source and form).</summary>
internal static class UnicodeTables
{
    private const string CompositionPrefix = "Composes_";

    private static readonly Lazy<Dictionary<string, string>> Properties = new(() => Read("properties"));
    private static readonly Lazy<Dictionary<string, string>> Idna = new(() => Read("idna"));

    /// <summary>A script (<c>sc=Greek</c>, <c>scx=Greek</c>) or a binary property, by its long or short name.</summary>
    public static CodePointSet? Property(string name) => Properties.Value.TryGetValue(name, out string? ranges) ? Parse(ranges) : null;

    /// <summary>
    /// A set that internationalized domain names need: <c>Valid</c>, <c>Virama</c>, <c>Bidi_…</c>, <c>Joining_…</c>.
    /// </summary>
    public static CodePointSet IdnaSet(string name) => Parse(Idna.Value[name]);

    /// <summary>By combining character: those in front of it that it must be merged with to be in normalization form C.</summary>
    public static Dictionary<int, CodePointSet> Compositions() => Idna.Value
        .Where(entry => entry.Key.StartsWith(CompositionPrefix, StringComparison.Ordinal))
        .ToDictionary(entry => Hex(entry.Key[CompositionPrefix.Length..]), entry => Parse(entry.Value));

    private static Dictionary<string, string> Read(string table)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Unicode.{table}.txt")!;
        using StreamReader reader = new(stream);
        Dictionary<string, string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.StartsWith('#') || colon < 0)
                continue;
            foreach (string name in line[..colon].Split('|'))
                lines[name] = line[(colon + 1)..];
        }
        return lines;
    }

    private static CodePointSet Parse(string text)
    {
        List<(int First, int Last)> ranges = [];
        int next = 0;
        foreach (string part in text.Split(','))
        {
            int dot = part.IndexOf('.', StringComparison.Ordinal);
            int first = next + Hex(dot < 0 ? part : part[..dot]);
            int last = first + (dot < 0 ? 0 : Hex(part[(dot + 1)..]));
            ranges.Add((first, last));
            next = last + 1;
        }
        return CodePointSet.Of(ranges);
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

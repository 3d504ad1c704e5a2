namespace Gateway;

/// <summary>"Did you mean": the known name nearest to a wrong one.</summary>
public static class Nearest
{
    /// <summary>The cure for a name that is not known: the nearest known one, else the list of all.</summary>
    public static string Cure(string wrong, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return "none is declared";
        var best = names.Select(n => (Name: n, Distance: Distance(wrong, n))).MinBy(n => n.Distance);
        return best.Distance <= Math.Max(2, wrong.Length / 3) && best.Distance < wrong.Length
            ? $"did you mean '{best.Name}'?"
            : $"known: {string.Join(", ", names.Take(12))}{(names.Count > 12 ? " …" : "")}";
    }

    /// <summary>Edits between two names, a swap of neighbours counting one.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}

namespace Gateway.JsonSchema;

/// <summary>"Did you mean …": the known name closest to a mistyped one.</summary>
internal static class NearestName
{
    private const int LongestName = 64;

    /// <summary>The known name at an edit distance of at most a third of the length, or null.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
            return null;
        string? best = null;
        int bestDistance = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) >= bestDistance || candidate.Length > LongestName)
                continue;
            int distance = Distance(name, candidate);
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    // Levenshtein with letters compared without regard to case, one row at a time.
    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
            row[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substitution = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.Length];
    }
}

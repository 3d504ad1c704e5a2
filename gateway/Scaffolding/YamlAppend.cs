namespace Gateway.Scaffolding;

/// <summary>Adds an entry to a mapping of a YAML file that people wrote, and leaves all of their text as it is.</summary>
internal static class YamlAppend
{
    /// <summary>The text with an entry behind the one that begins in a line, as deep as that.</summary>
    /// <param name="text">The file.</param>
    /// <param name="line">Line of the sibling's name, from 1.</param>
    /// <param name="entry">Lines without the indentation of the mapping.</param>
    /// <returns>Null when the sibling does not stand on a line of its own, as in <c>{ a: 1 }</c>.</returns>
    public static string? Behind(string text, int line, string name, string entry)
    {
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').ToList();
        var indent = IndentOf(lines[line - 1]);
        if (!lines[line - 1][indent..].StartsWith(name + ":", StringComparison.Ordinal)) return null;
        var last = line - 1;
        for (var i = line; i < lines.Count && (lines[i].Trim().Length == 0 || IndentOf(lines[i]) > indent); i++)
        {
            if (lines[i].Trim().Length > 0) last = i;
        }
        var added = entry.TrimEnd('\n').Split('\n').Select(l => l.Length > 0 ? new string(' ', indent) + l : l);
        // Entries of several lines are set apart from each other; short ones stand together.
        lines.InsertRange(last + 1, last > line - 1 ? added.Prepend("") : added);
        return string.Join('\n', lines) + "\n";
    }

    private static int IndentOf(string line) => line.Length - line.TrimStart(' ').Length;
}

using System.Text;

namespace Gateway.Policies.Transform;

/// <summary>
/// The text of a mapping as it is compiled: the functions of its folder, if there are any, and the document itself. Knows which line of
/// which file a line of it is.
/// </summary>
internal sealed class MappingSource
{
    /// <summary>
    /// How the files begin whose bindings, each ended by a semicolon, every mapping of the folder may use: <c>functions.jsonata</c>, and
    /// <c>functions.TOPIC.jsonata</c> behind it.
    /// </summary>
    private const string Functions = "functions.";

    private readonly List<(string Path, int Lines)> _parts;

    /// <summary>Lines before the first part: the opening parenthesis, where there are functions.</summary>
    private readonly int _before;

    private MappingSource(List<(string Path, string Text)> parts)
    {
        _parts = parts.ConvertAll(p => (p.Path, p.Text.AsSpan().Count('\n') + 1));
        _before = parts.Count > 1 ? 1 : 0;
        var whole = string.Join('\n', parts.Select(p => p.Text));
        Text = parts.Count > 1 ? $"(\n{whole}\n)" : whole;
    }

    public string Text { get; }

    /// <summary>Whether a file holds functions, and no mapping.</summary>
    public static bool IsFunctions(string path) => path.AsSpan(path.LastIndexOf('/') + 1).StartsWith(Functions, StringComparison.Ordinal);

    /// <param name="files">The files of the workspace that may be functions of the mapping's folder.</param>
    public static MappingSource Read(string path, ReadOnlyMemory<byte> document, MappingFiles files)
    {
        var folder = path[..(path.LastIndexOf('/') + 1)];
        var functions = files.Below(folder + Functions).Where(f => f.EndsWith(Mapping.Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return new MappingSource([.. functions.Select(f => (f, Encoding.UTF8.GetString(files.Content(f)!.Value.Span))), (path, Encoding.UTF8.GetString(document.Span))]);
    }

    /// <summary>Where a place of <see cref="Text"/> stands. What is missed at the end of the document is told at its last line.</summary>
    public Place Locate(int line, int column)
    {
        var left = Math.Max(1, line - _before);
        foreach (var (path, lines) in _parts)
        {
            if (left <= lines) return new Place(path, left, column);
            left -= lines;
        }
        return new Place(_parts[^1].Path, _parts[^1].Lines, 1);
    }
}

/// <summary>How a mapping finds the functions of its folder.</summary>
/// <param name="Content">The content of a file of the workspace by its path; null when there is none.</param>
/// <param name="Below">Paths of the workspace's files that begin with a text.</param>
public sealed record MappingFiles(Func<string, ReadOnlyMemory<byte>?> Content, Func<string, IEnumerable<string>> Below);

using System.Text;

namespace Gateway.Policies.Transform;

/// <summary>
/// The text of a mapping as it is compiled: the functions of its folder, if there are any, and the document itself. Knows which line of
/// which file a line of it is.
/// </summary>
internal sealed class MappingSource
{
    /// <summary>The file of bindings, each ended by a semicolon, that every mapping of the folder may use.</summary>
    public const string Functions = "functions";

    private readonly string _path;
    private readonly string? _functions;
    private readonly int _lines;

    /// <summary>Lines before the document: the opening parenthesis and the functions.</summary>
    private readonly int _before;

    private MappingSource(string path, string document, string? functions, string shared)
    {
        _path = path;
        _functions = functions;
        _lines = Lines(document);
        _before = functions is null ? 0 : 1 + Lines(shared);
        Text = functions is null ? document : $"(\n{shared}\n{document}\n)";
    }

    public string Text { get; }

    public static MappingSource Read(string path, ReadOnlyMemory<byte> document, Func<string, ReadOnlyMemory<byte>?> file)
    {
        var functions = path[..(path.LastIndexOf('/') + 1)] + Functions + Mapping.Extension;
        return file(functions) is { } shared
            ? new MappingSource(path, Encoding.UTF8.GetString(document.Span), functions, Encoding.UTF8.GetString(shared.Span))
            : new MappingSource(path, Encoding.UTF8.GetString(document.Span), null, "");
    }

    /// <summary>Where a place of <see cref="Text"/> stands. What is missed at the end of the document is told at its last line.</summary>
    public Place Locate(int line, int column)
    {
        if (line <= _before) return new Place(_functions!, Math.Max(1, line - 1), column);
        return line - _before <= _lines ? new Place(_path, line - _before, column) : new Place(_path, _lines, 1);
    }

    private static int Lines(string text) => text.AsSpan().Count('\n') + 1;
}

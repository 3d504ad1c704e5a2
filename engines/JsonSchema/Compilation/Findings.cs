namespace Gateway.JsonSchema.Compilation;

/// <summary>Collects diagnostics and gives each its line and column.</summary>
internal sealed class Findings
{
    private readonly List<SchemaDiagnostic> _list = [];

    public bool IsEmpty => _list.Count == 0;

    /// <summary>In the order of documents and lines.</summary>
    public IReadOnlyList<SchemaDiagnostic> Sorted() =>
        [.. _list.Distinct().OrderBy(finding => finding.Uri, StringComparer.Ordinal).ThenBy(finding => finding.Line).ThenBy(finding => finding.Column)];

    public void Add(SchemaLocation at, string message, string cure) => Add(at.Document, at.Pointer, message, cure);

    /// <summary>A finding about a keyword of the schema at <paramref name="at"/>.</summary>
    public void Add(SchemaLocation at, string keyword, string message, string cure) =>
        Add(at.Document, $"{at.Pointer}/{PointerText.EscapeStep(keyword)}", message, cure);

    public void Add(SchemaDocument document, string pointer, string message, string cure)
    {
        SourcePosition position = SourcePosition.Of(document.Utf8.Span, PointerText.Steps(Uri.UnescapeDataString(pointer)));
        Add(document.Uri, "#" + pointer, position, message, cure);
    }

    public void Add(string uri, string pointer, SourcePosition position, string message, string cure) =>
        _list.Add(new SchemaDiagnostic(uri, pointer, position.Line, position.Column, message, cure));
}

using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Code tables, everybody's and the partners' own, checked to be readable in every direction that they promise.</summary>
internal sealed class CodeReader
{
    private readonly WorkspaceDocument _document;
    private readonly Places _places;
    private readonly ICollection<Diagnostic> _diagnostics;
    private readonly Dictionary<string, CodeTable> _tables = [];

    public CodeReader(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
    {
        _document = document;
        _places = places;
        _diagnostics = diagnostics;
        foreach (var (name, table) in document.Codes) _tables[name] = Read(name, table);
    }

    /// <summary>Everybody's tables by name.</summary>
    public IReadOnlyDictionary<string, CodeTable> Tables => _tables;

    /// <summary>The tables in which a partner has entries of its own, with everybody's below them.</summary>
    public IReadOnlyDictionary<string, CodeTable> Own(IReadOnlyDictionary<string, OwnCodesDocument> written)
    {
        var own = new Dictionary<string, CodeTable>();
        foreach (var (name, codes) in written)
        {
            if (!_document.Codes.TryGetValue(name, out var table))
            {
                if (!_places.Has(_document.Codes, name))
                    Error("GW2030", _places.Of(written, name), $"there is no code table '{name}'", Nearest.Cure(name, _document.Codes.Keys));
                continue;
            }
            own[name] = new CodeTable(name,
                new CodeTable.Side(table.From, table.OneWay ? null : Back(codes.Values, codes.Back), codes.BackDefault),
                new CodeTable.Side(table.To, Forward(codes.Values), codes.Default) { IsOptional = table.Optional },
                _tables[name]);
        }
        return own;
    }

    private CodeTable Read(string name, CodeTableDocument table)
    {
        if (table.From == table.To)
            Error("GW2031", _places.Of(table, nameof(table.To)), $"both sides of '{name}' are called {table.To}", "name whose codes they are: from: odoo, to: unece");
        if (table.OneWay && (table.Back.Items.Count > 0 || table.BackDefault is not null))
            Error("GW2032", _places.Of(table, nameof(table.OneWay)), $"'{name}' is never read back, and yet says how", "remove oneWay:, or back: and backDefault:");
        return new CodeTable(name,
            new CodeTable.Side(table.From, table.OneWay ? null : Back(table.Values, table.Back), table.BackDefault),
            new CodeTable.Side(table.To, Forward(table.Values), table.Default) { IsOptional = table.Optional });
    }

    private static Dictionary<string, string> Forward(CodePairs values) => values.Items.ToDictionary(p => p.Value, p => p.Code);

    /// <summary>The codes back to their values; where two values have one code, what was said of it.</summary>
    private Dictionary<string, string> Back(CodePairs values, CodePairs said)
    {
        var back = said.Items.ToDictionary(p => p.Value, p => p.Code);
        foreach (var (value, code, place) in values.Items)
        {
            if (back.TryAdd(code, value) || said.Items.Any(p => p.Value == code)) continue;
            Error("GW2033", place, $"'{back[code]}' and '{value}' both become {code}, and nothing says which of them {code} becomes", $"add back: {{ {code}: {back[code]} }}, or, to a table that is never read back, oneWay: true");
        }
        return back;
    }

    private void Error(string code, Place place, string message, string cure) =>
        _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

namespace Gateway.Simulators.Odoo;

/// <summary>A column of <c>load</c>: <c>partner_id/.id</c> is <c>[partner_id, .id]</c>; <c>.id</c> is a database id, <c>id</c> an external one.</summary>
internal static class ImportPath
{
    public static string[] Parse(string column) => column.Split('/');
}

/// <summary>One record of a <c>load</c>: its own cells as text, and below each relation the records it names.</summary>
internal sealed class ImportRecord
{
    /// <summary>First and last row of the file this record was read from, from 0.</summary>
    public required int From { get; init; }

    public required int To { get; init; }

    /// <summary>Cells by field name; the empty name is the record's own display name.</summary>
    public Dictionary<string, string> Cells { get; } = [];

    public Dictionary<string, IReadOnlyList<ImportRecord>> Relations { get; } = [];

    public string? ExternalId => Cells.GetValueOrDefault("id") is { Length: > 0 } id ? id : null;

    public int? DatabaseId => int.TryParse(Cells.GetValueOrDefault(".id"), out var id) ? id : null;

    /// <summary>Cuts rows into records: a row whose only cells are below one2many columns belongs to the record above it.</summary>
    /// <exception cref="OdooError">KeyError: a column names no field.</exception>
    public static IReadOnlyList<ImportRecord> Extract(Session session, Model model, string[][] columns,
        IReadOnlyList<string[]> rows)
    {
        var fields = columns.Select(path => FieldOf(model, path[0])).ToArray();
        bool Continues(string[] row) =>
            fields.Where((field, i) => field?.Type is FieldType.One2Many && row[i].Length > 0).Any()
            && !fields.Where((field, i) => field?.Type is not FieldType.One2Many && row[i].Length > 0).Any();

        var records = new List<ImportRecord>();
        for (var start = 0; start < rows.Count;)
        {
            var end = start + 1;
            while (end < rows.Count && Continues(rows[end]))
                end++;
            records.Add(One(session, model, columns, fields, [.. rows.Skip(start).Take(end - start)], start));
            start = end;
        }
        return records;
    }

    private static ImportRecord One(Session session, Model model, string[][] columns, Field?[] fields, string[][] span, int start)
    {
        var record = new ImportRecord { From = start, To = start + span.Length - 1 };
        for (var i = 0; i < columns.Length; i++)
        {
            if (fields[i] is not { IsRelation: true } relation)
                record.Cells[fields[i]?.Name ?? columns[i][0]] = span[0][i];
            else if (!record.Relations.ContainsKey(relation.Name))
                record.Relations[relation.Name] = Below(session, relation, columns, span);
        }
        return record;
    }

    private static IReadOnlyList<ImportRecord> Below(Session session, Field field, string[][] columns, string[][] span)
    {
        var indices = Enumerable.Range(0, columns.Length).Where(i => columns[i][0] == field.Shown).ToArray();
        string[][] below = [.. indices.Select(i => columns[i].Length > 1 ? columns[i][1..] : [""])];
        string[][] cells = [.. span.Select(row => indices.Select(i => row[i]).ToArray())
            .Where(row => row.Any(cell => cell.Length > 0))];
        return Extract(session, session.Table(field.Relation!).Model, below, cells);
    }

    private static Field? FieldOf(Model model, string name) =>
        name is "" or "id" or ".id" ? null : model.Outside.TryGetValue(name, out var field) ? field : throw OdooError.Key(name);
}

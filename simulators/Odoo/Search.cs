using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>Finding records: the domain, archived records, order and page.</summary>
internal static class Search
{
    /// <summary>The records a domain finds, archived ones only where the domain or the context asks for them.</summary>
    public static IEnumerable<Row> Matching(Session session, Model model, JsonArray domain)
    {
        var matches = Domain.Compile(session, model, domain);
        var found = Candidates(session, model, domain).Where(matches);
        var activeOnly = model.Fields.ContainsKey("active") && !Domain.Mentions(domain, "active")
            && !(session.Context["active_test"] is JsonValue test && test.TryGetValue(out bool wanted) && !wanted);
        return activeOnly ? found.Where(row => session.Is(row, "active")) : found;
    }

    public static IEnumerable<Row> Page(Session session, Model model, JsonArray domain, string? order, int offset, int? limit)
    {
        var sorted = Sorted(session, model, Matching(session, model, domain), order ?? model.Order).Skip(offset);
        return limit is > 0 ? sorted.Take(limit.Value) : sorted;
    }

    /// <summary>Sorts as <c>write_date desc, id</c> says; empty values stand last, as in PostgreSQL, and first when descending.</summary>
    /// <exception cref="OdooError">ValueError: the order names no field.</exception>
    public static IEnumerable<Row> Sorted(Session session, Model model, IEnumerable<Row> rows, string order)
    {
        IOrderedEnumerable<Row>? sorted = null;
        foreach (var term in order.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = term.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var field = model.Outside.TryGetValue(words[0], out var known) || model.Fields.TryGetValue(words[0], out known) && order == model.Order
                ? known
                : throw OdooError.Value($"Invalid field '{words[0]}' on '{model.Name}'");
            var descending = words.Length > 1 && words[1].Equals("desc", StringComparison.OrdinalIgnoreCase);
            object? Key(Row row) => (session.Get(row, field) is { } value and not int[]) ? value : null;
            sorted = (sorted, descending) switch
            {
                (null, false) => rows.OrderBy(Key, EmptyLast.Instance),
                (null, true) => rows.OrderByDescending(Key, EmptyLast.Instance),
                (_, false) => sorted.ThenBy(Key, EmptyLast.Instance),
                _ => sorted.ThenByDescending(Key, EmptyLast.Instance),
            };
        }
        return sorted ?? rows;
    }

    /// <summary>The rows to look at: where all conditions must hold and one of them is an equality on an index, its rows alone.</summary>
    private static IEnumerable<Row> Candidates(Session session, Model model, JsonArray domain)
    {
        var table = session.Table(model.Name);
        if (domain.All(item => item is JsonArray))
            foreach (var leaf in domain.OfType<JsonArray>())
                if (leaf is [JsonValue name, JsonValue symbol, JsonValue value] && symbol.ToString() == "=" && table.IsIndexed(name.ToString()))
                {
                    var field = model.FieldNamed(name.ToString());
                    if (field.IsText && value.TryGetValue(out string? text) && text.Length > 0)
                        return table.Where(field.Name, text);
                    if (field.Type is FieldType.Many2One or FieldType.Integer && value.TryGetValue(out int id))
                        return table.Where(field.Name, id);
                }
        return table.Rows;
    }

    private sealed class EmptyLast : IComparer<object?>
    {
        public static readonly EmptyLast Instance = new();

        public int Compare(object? left, object? right) => (left, right) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            (string a, string b) => string.CompareOrdinal(a, b),
            _ => Comparer<object>.Default.Compare(left, right),
        };
    }
}

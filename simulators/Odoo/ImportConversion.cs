using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>A complaint of <c>load</c> about one record.</summary>
internal sealed record ImportMessage(string Text)
{
    public int Record { get; init; }

    public int From { get; init; }

    public int To { get; init; }

    public string? Field { get; init; }

    /// <summary>The field's label; set for conversions, not for what the database refused.</summary>
    public string? FieldLabel { get; init; }

    /// <summary>What the import screen would offer as help.</summary>
    public JsonNode? MoreInfo { get; init; }

    public JsonObject ToJson()
    {
        var message = new JsonObject
        {
            ["rows"] = new JsonObject { ["from"] = From, ["to"] = To },
            ["type"] = "error",
            ["record"] = Record,
            ["message"] = Text,
        };
        if (Field is not null)
            message["field"] = Field;
        if (MoreInfo is not null)
            message["moreinfo"] = MoreInfo.DeepClone();
        if (FieldLabel is not null)
            message["field_name"] = FieldLabel;
        return message;
    }
}

/// <summary>Turns the text cells of a record into values. A field that can't be converted is logged and left out.</summary>
internal sealed class ImportConversion(Session session, Action<ImportMessage> log)
{
    /// <summary>Why a cell was refused: <c>%s</c> stands for the field's place.</summary>
    private sealed record Refusal(string Text, JsonNode? MoreInfo = null, string Path = "");

    public Values Convert(Model model, ImportRecord record) =>
        Convert(model, record, (field, refusal) => log(new ImportMessage(refusal.Text.Replace("%s", field.Label + refusal.Path))
        {
            Field = field.Name,
            FieldLabel = field.Label,
            MoreInfo = refusal.MoreInfo,
        }));

    private Values Convert(Model model, ImportRecord record, Action<Field, Refusal> refuse)
    {
        var values = new Values { ExternalId = record.ExternalId };
        foreach (var (name, cell) in record.Cells)
            if (name is not ("" or "id" or ".id"))
                Take(model.Fields[name], cell.Length == 0 ? (Empty(model.Fields[name]), null) : Scalar(model.Fields[name], cell));
        foreach (var (name, below) in record.Relations)
            Take(model.Fields[name], Relation(model.Fields[name], below));
        return values;

        void Take(Field field, (object? Value, Refusal? Refusal) converted)
        {
            if (converted.Refusal is { } refusal)
                refuse(field, refusal);
            else
                values[field.Name] = converted.Value;
        }
    }

    private static object? Empty(Field field) => field.Type switch
    {
        FieldType.Boolean => false,
        FieldType.Integer => 0,
        FieldType.Float or FieldType.Monetary => 0m,
        _ => null,
    };

    private (object? Value, Refusal? Refusal) Scalar(Field field, string cell)
    {
        switch (field.Type)
        {
            case FieldType.Integer:
                return int.TryParse(cell, CultureInfo.InvariantCulture, out var integer)
                    ? (integer, null)
                    : Refused("an integer");
            case FieldType.Float or FieldType.Monetary:
                return decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? (number, null)
                    : Refused("a number");
            case FieldType.Boolean:
                return (cell.ToLowerInvariant() is "1" or "true" or "yes", null);
            case FieldType.Date:
                return Parsed("a valid date", "2012-12-31", () => PythonDates.ReadDate(cell));
            case FieldType.Datetime:
                return Parsed("a valid datetime", "2012-12-31 23:59:59", () => ToUtc(PythonDates.ReadDatetime(cell)));
            case FieldType.Selection:
                return Choice(field, cell);
            default:
                return (cell, null);
        }

        (object?, Refusal?) Refused(string kind) => (null, new Refusal($"'{cell}' does not seem to be {kind} for field '%s'"));

        (object?, Refusal?) Parsed(string kind, string example, Func<object> read)
        {
            try
            {
                return (read(), null);
            }
            catch (OdooError)
            {
                return (null, new Refusal($"'{cell}' does not seem to be {kind} for field '%s'", $"Use the format '{example}'"));
            }
        }
    }

    private static (object? Value, Refusal? Refusal) Choice(Field field, string cell)
    {
        foreach (var (value, label) in field.Choices)
            if (value == cell || label.Equals(cell, StringComparison.OrdinalIgnoreCase))
                return (value, null);
        var labels = new JsonArray([.. field.Choices.Select(choice => (JsonNode)choice.Label)]);
        return (null, new Refusal($"Value '{cell}' not found in selection field '%s'", labels));
    }

    /// <summary>
    /// Unlike <c>write</c>, <c>load</c> takes a time as the user's own: it is moved from the context's or the user's zone to UTC.
    /// </summary>
    private DateTime ToUtc(DateTime typed) => TimeZoneInfo.TryFindSystemTimeZoneById(session.TimeZone, out var zone)
        ? DateTime.SpecifyKind(typed - zone.GetUtcOffset(DateTime.SpecifyKind(typed, DateTimeKind.Unspecified)), DateTimeKind.Utc)
        : typed;

    private (object? Value, Refusal? Refusal) Relation(Field field, IReadOnlyList<ImportRecord> below)
    {
        if (field.Type is FieldType.One2Many)
            return Lines(field, below);
        if (below.Count == 0)
            return (field.IsToMany ? new List<Command>() : null, null);
        var (column, cell) = below[0].Cells.First(pair => pair.Value.Length > 0);
        var ids = new List<int>();
        foreach (var reference in field.IsToMany ? cell.Split(',') : [cell])
        {
            var (id, refusal) = Resolve(field, column, reference);
            if (refusal is not null)
                return (null, refusal);
            ids.Add(id);
        }
        return field.IsToMany ? (new List<Command> { new(CommandKind.Set, 0, Ids: [.. ids]) }, null) : (ids[0], null);
    }

    private (object? Value, Refusal? Refusal) Lines(Field field, IReadOnlyList<ImportRecord> below)
    {
        var commands = new List<Command>();
        Refusal? refused = null;
        foreach (var line in below)
        {
            var values = Convert(session.Table(field.Relation!).Model, line,
                (inner, refusal) => refused ??= refusal with { Path = "/" + inner.Label + refusal.Path });
            if (refused is not null)
                return (null, refused);
            var name = line.ExternalId is { } externalId ? ExternalIds.Find(session, externalId) : null;
            var known = line.DatabaseId ?? name?.Cells["res_id"] as int?;
            if (known is { } id)
                commands.AddRange([new Command(CommandKind.Link, id), new Command(CommandKind.Update, id, values)]);
            else
                commands.Add(new Command(CommandKind.Create, 0, values));
        }
        return (commands, null);
    }

    private (int Id, Refusal? Refusal) Resolve(Field field, string column, string reference)
    {
        var (kind, id) = column switch
        {
            ".id" => ("database id", int.TryParse(reference, out var number) ? session.Find(field.Relation!, number)?.Id : null),
            "id" => ("external id", ExternalIds.Find(session, reference)?.Cells["res_id"] as int?),
            _ => ("name", session.All(field.Relation!).FirstOrDefault(row => row.Model.Display(session, row) == reference)?.Id),
        };
        return id is { } found
            ? (found, null)
            : (0, new Refusal($"No matching record found for {kind} '{reference}' in field '%s'", PossibleValues(field, column)));
    }

    private static JsonObject PossibleValues(Field field, string column)
    {
        var action = new JsonObject
        {
            ["name"] = "Possible Values",
            ["type"] = "ir.actions.act_window",
            ["target"] = "new",
            ["view_mode"] = "list,form",
            ["views"] = new JsonArray(new JsonArray(false, "list"), new JsonArray(false, "form")),
            ["context"] = new JsonObject { ["create"] = false },
            ["res_model"] = column is "id" or ".id" ? "ir.model.data" : field.Relation,
        };
        if (column is "id" or ".id")
            action["domain"] = new JsonArray(new JsonArray("model", "=", field.Relation));
        return action;
    }
}

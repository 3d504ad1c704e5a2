using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>Odoo's conventions for values in JSON, both ways: <c>false</c> for empty, <c>[id, display_name]</c>, naive UTC.</summary>
internal static class JsonValues
{
    /// <summary>A record with the named fields, <c>id</c> first.</summary>
    public static JsonObject Read(Session session, Row row, IEnumerable<Field> fields, bool bareIds)
    {
        var record = new JsonObject { ["id"] = row.Id };
        foreach (var field in fields)
            record[field.Shown] = Read(session, field, session.Get(row, field), bareIds);
        return record;
    }

    /// <summary>The values of a <c>create</c> or <c>write</c>.</summary>
    /// <param name="session">The call.</param>
    /// <param name="model">What is written.</param>
    /// <param name="members">The JSON object.</param>
    /// <param name="unknown">The exception for a field the model lacks: create and write raise different ones.</param>
    public static Values Write(Session session, Model model, JsonObject members, Func<string, OdooError> unknown)
    {
        var values = new Values();
        foreach (var (name, value) in members)
            if (model.Outside.TryGetValue(name, out var field))
                values[field.Name] = Write(session, field, value, unknown);
            else
                throw unknown(name);
        return values;
    }

    /// <summary>One value as the field's own type.</summary>
    public static object? Write(Session session, Field field, JsonNode? value, Func<string, OdooError> unknown) =>
        field.Type switch
        {
            FieldType.One2Many or FieldType.Many2Many => Commands(session, field, value, unknown),
            FieldType.Boolean => IsTrue(value),
            FieldType.Integer => IsEmpty(value) ? 0 : AsInteger(value!),
            FieldType.Float or FieldType.Monetary => IsEmpty(value) ? 0m : AsNumber(value!),
            _ when IsEmpty(value) => null,
            FieldType.Many2One => AsInteger(value!),
            FieldType.Date => PythonDates.ReadDate(AsText(value!)),
            FieldType.Datetime => PythonDates.ReadDatetime(AsText(value!)),
            FieldType.Selection => AsChoice(field, AsText(value!)),
            _ => AsText(value!),
        };

    /// <summary>A float as Python prints it: <c>12.5</c>, <c>52.0</c>.</summary>
    public static JsonNode Float(decimal value)
    {
        var shortest = value / 1.0000000000000000000000000000m;
        return JsonValue.Create(shortest.Scale == 0 ? shortest * 1.0m : shortest);
    }

    /// <summary>A value as Python's <c>repr</c> shows it in messages.</summary>
    public static string Repr(JsonNode? value) => value switch
    {
        null => "None",
        JsonArray items => $"[{string.Join(", ", items.Select(Repr))}]",
        JsonObject members => $"{{{string.Join(", ", members.Select(member => $"'{member.Key}': {Repr(member.Value)}"))}}}",
        JsonValue leaf => leaf.GetValueKind() switch
        {
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.String => $"'{leaf.GetValue<string>()}'",
            _ => leaf.ToJsonString(),
        },
        _ => value.ToJsonString(),
    };

    /// <summary>Whether this is one of the two empties, <c>null</c> and <c>false</c>.</summary>
    public static bool IsEmpty(JsonNode? value) =>
        value is null || value.GetValueKind() is JsonValueKind.False or JsonValueKind.Null;

    private static JsonNode? Read(Session session, Field field, object? value, bool bareIds) => (field.Type, value) switch
    {
        (FieldType.Integer, null) => 0,
        (FieldType.Float or FieldType.Monetary, null) => Float(0),
        (FieldType.One2Many or FieldType.Many2Many, _) => new JsonArray([.. (value as int[] ?? []).Select(id => (JsonNode)id)]),
        (_, null) => false,
        (FieldType.Many2One, int id) => bareIds ? id : new JsonArray(id, DisplayName(session, field.Relation!, id)),
        (FieldType.Float or FieldType.Monetary, _) => Float(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        (_, bool set) => set,
        (_, int number) => number,
        (_, DateTime moment) => PythonDates.Write(moment),
        (_, DateOnly day) => PythonDates.Write(day),
        _ => value.ToString(),
    };

    private static string DisplayName(Session session, string model, int id) =>
        session.Find(model, id) is { } row ? row.Model.Display(session, row) : $"{model},{id}";

    private static bool IsTrue(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Number => value.GetValue<decimal>() != 0,
        JsonValueKind.String => value.GetValue<string>().Length > 0,
        _ => true,
    };

    private static int AsInteger(JsonNode value)
    {
        if (value.GetValueKind() is JsonValueKind.Number && value.AsValue().TryGetValue(out int number))
            return number;
        return int.TryParse(AsText(value), CultureInfo.InvariantCulture, out var read)
            ? read
            : throw OdooError.Value($"invalid literal for int() with base 10: {Repr(value)}");
    }

    private static decimal AsNumber(JsonNode value) =>
        decimal.TryParse(AsText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var read)
            ? read
            : throw OdooError.Value($"could not convert string to float: {Repr(value)}");

    private static string AsText(JsonNode value) =>
        value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static string AsChoice(Field field, string value) =>
        field.Choices.Any(choice => choice.Value == value)
            ? value
            : throw OdooError.Value($"Wrong value for {field.Name}: '{value}'");

    private static List<Command> Commands(Session session, Field field, JsonNode? value, Func<string, OdooError> unknown)
    {
        if (IsEmpty(value))
            return [new Command(CommandKind.Clear, 0)];
        var items = value as JsonArray ?? throw OdooError.Value($"Wrong value for {field.Name}: {Repr(value)}");
        return [.. items.Select(item => item is JsonArray parts && parts.Count > 0
            ? ReadCommand(session, field, parts, unknown)
            : new Command(CommandKind.Link, AsInteger(item!)))];
    }

    private static Command ReadCommand(Session session, Field field, JsonArray parts, Func<string, OdooError> unknown)
    {
        var kind = (CommandKind)AsInteger(parts[0]!);
        if (!Enum.IsDefined(kind))
            throw OdooError.Value($"Unknown x2many command {Repr(parts)}");
        var id = parts.Count > 1 && parts[1]?.GetValueKind() is JsonValueKind.Number ? AsInteger(parts[1]!) : 0;
        var third = parts.Count > 2 ? parts[2] : null;
        var values = kind is CommandKind.Create or CommandKind.Update
            ? Write(session, session.Table(field.Relation!).Model, third as JsonObject ?? [], unknown)
            : null;
        var ids = kind is CommandKind.Set ? (third as JsonArray ?? []).Select(item => AsInteger(item!)).ToArray() : null;
        return new Command(kind, id, values, ids);
    }
}

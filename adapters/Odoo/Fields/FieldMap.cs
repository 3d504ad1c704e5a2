using System.Buffers;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Fields;

/// <summary>
/// Translates between the names of Odoo 19, which operations use, and those of one database. Knows where calls name fields: <c>fields</c>,
/// <c>domain</c>, <c>order</c>, <c>vals</c>, <c>vals_list</c>, and the columns of <c>load</c>; and answers with rows: <c>read</c>, <c>search_read</c>.
/// </summary>
/// <param name="version">By which methods are named; null for the newest.</param>
internal sealed class FieldMap(IReadOnlyDictionary<string, ModelFields> models, OdooVersion? version)
{
    private readonly MethodRule[] _methods = [.. FieldTable.Methods.Where(rule => version?.Major < rule.Since)];

    public bool IsAsToday => _methods.Length == 0 && models.Values.All(model => model.IsAsToday);

    /// <summary>Whether the database says a field itself, and nothing has to stand for it.</summary>
    public bool Has(string model, string field) => !models.TryGetValue(model, out var fields) || fields.Absent(field) is null;

    /// <summary>What operations need and the database has not: a sentence for each, by the operation.</summary>
    public ILookup<string, string> Lacks { get; } = (
        from need in FieldNeeds.All
        from lack in LacksOf(need, models)
        select (need.Operation, lack)).ToLookup(row => row.Operation, row => row.lack, StringComparer.Ordinal);

    /// <summary>The call in the words of the database.</summary>
    public OdooRequest Ask(OdooRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        var buffer = new ArrayBufferWriter<byte>(request.Body.Length + 64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (request.Method == "load")
                WriteLoad(json, request.Model, body.RootElement);
            foreach (var member in body.RootElement.EnumerateObject())
                if (request.Method != "load" || member.Name is not ("fields" or "data"))
                    WriteMember(json, request.Model, member);
            json.WriteEndObject();
        }
        var method = Array.Find(_methods, rule => rule.Model == request.Model && rule.Name == request.Method)?.Formerly ?? request.Method;
        return request with { Method = method, Body = buffer.WrittenMemory };
    }

    /// <summary>The answer in the words of Odoo 19.</summary>
    /// <param name="asked">The call before it was translated.</param>
    public OdooReply Understand(OdooRequest asked, OdooReply reply)
    {
        if (!reply.Done || asked.Method is not ("read" or "search_read") || reply.Value.ValueKind != JsonValueKind.Array
            || !models.TryGetValue(asked.Model, out var model) || model.IsAsToday)
            return reply;
        using var body = JsonDocument.Parse(asked.Body);
        string[] names = body.RootElement.TryGetProperty("fields", out var fields) ? [.. fields.EnumerateArray().Select(field => field.GetString()!)] : [];
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var row in reply.Value.EnumerateArray())
                WriteRow(json, model, row, names);
            json.WriteEndArray();
        }
        return reply with { Value = JsonElement.Parse(buffer.WrittenSpan) };
    }

    private static IEnumerable<string> LacksOf(FieldNeed need, IReadOnlyDictionary<string, ModelFields> models) => models.TryGetValue(need.Model, out var model)
        ? need.Fields.Where(model.Lacks).Select(field => $"{need.Model} has no field '{field}'")
        : [$"there is no {need.Model}, or the key may not see it"];

    private void WriteMember(Utf8JsonWriter json, string model, JsonProperty member)
    {
        json.WritePropertyName(member.Name);
        switch (member.Name)
        {
            case "fields" when member.Value.ValueKind == JsonValueKind.Array:
                WriteNames(json, model, member.Value);
                break;
            case "domain" when member.Value.ValueKind == JsonValueKind.Array:
                WriteDomain(json, model, member.Value);
                break;
            case "order" when member.Value.GetString() is { } order:
                json.WriteStringValue(string.Join(',', order.Split(',').Select(term => OrderTerm(model, term.Trim()))));
                break;
            case "vals":
                WriteValues(json, model, member.Value);
                break;
            case "vals_list" when member.Value.ValueKind == JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var values in member.Value.EnumerateArray())
                    WriteValues(json, model, values);
                json.WriteEndArray();
                break;
            default:
                member.Value.WriteTo(json);
                break;
        }
    }

    /// <summary>Fields to read: a missing one is left out, and what says it is asked for instead.</summary>
    private void WriteNames(Utf8JsonWriter json, string model, JsonElement names)
    {
        var here = new List<string>();
        foreach (var name in names.EnumerateArray().Select(name => name.GetString()!))
            if (Path(model, name, '.') is { } path)
                here.Add(path);
            else if (models[model].Absent(name)?.SaidBy is { } said)
                here.Add(said.Field);
        OdooJson.Write(json, here.Distinct().ToArray());
    }

    private void WriteDomain(Utf8JsonWriter json, string model, JsonElement domain)
    {
        json.WriteStartArray();
        foreach (var item in domain.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 3 || item[0].ValueKind != JsonValueKind.String)
            {
                item.WriteTo(json);
                continue;
            }
            var name = item[0].GetString()!;
            json.WriteStartArray();
            json.WriteStringValue(Path(model, name, '.') ?? name);
            item[1].WriteTo(json);
            item[2].WriteTo(json);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private string OrderTerm(string model, string term)
    {
        var name = term.Split(' ')[0];
        return (Path(model, name, '.') ?? name) + term[name.Length..];
    }

    /// <summary>Values to write: a missing field is left out. Commands to lines hold values of the lines' model.</summary>
    private void WriteValues(Utf8JsonWriter json, string model, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            values.WriteTo(json);
            return;
        }
        json.WriteStartObject();
        foreach (var (name, value) in values.EnumerateObject().Select(member => (member.Name, member.Value)))
        {
            if (Path(model, name, '.') is not { } here)
                continue;
            json.WritePropertyName(here);
            if (value.ValueKind == JsonValueKind.Array && RelationOf(model, name) is { } lines)
                WriteCommands(json, lines, value);
            else
                value.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private void WriteCommands(Utf8JsonWriter json, string model, JsonElement commands)
    {
        json.WriteStartArray();
        foreach (var command in commands.EnumerateArray())
        {
            if (command.ValueKind != JsonValueKind.Array)
            {
                command.WriteTo(json);
                continue;
            }
            json.WriteStartArray();
            foreach (var part in command.EnumerateArray())
                WriteValues(json, model, part);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>Columns are paths (<c>order_line/product_id/.id</c>); the column of a missing field is left out of every row.</summary>
    private void WriteLoad(Utf8JsonWriter json, string model, JsonElement body)
    {
        var columns = body.GetProperty("fields").EnumerateArray().Select(column => Path(model, column.GetString()!, '/')).ToArray();
        json.WritePropertyName("fields");
        OdooJson.Write(json, columns.OfType<string>().ToArray());
        json.WriteStartArray("data");
        foreach (var row in body.GetProperty("data").EnumerateArray())
        {
            json.WriteStartArray();
            foreach (var (n, cell) in row.EnumerateArray().Index())
                if (columns[n] is not null)
                    cell.WriteTo(json);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, ModelFields model, JsonElement row, string[] asked)
    {
        json.WriteStartObject();
        foreach (var field in row.EnumerateObject())
        {
            var name = model.Today(field.Name);
            if (name != "id" && asked.Length > 0 && !asked.Contains(name))
                continue;
            json.WritePropertyName(name);
            if (model.Sayings.FirstOrDefault(said => said.Field == name && row.Text(field.Name) == said.Value) is { } said)
                json.WriteStringValue(said.Today);
            else
                field.Value.WriteTo(json);
        }
        foreach (var name in asked)
            if (model.Absent(name) is { SaidBy: { } said })
                json.WriteBoolean(name, row.Text(said.Field) == said.Value);
            else if (model.Absent(name) is { Otherwise: { } otherwise })
            {
                json.WritePropertyName(name);
                json.WriteRawValue(otherwise);
            }
        json.WriteEndObject();
    }

    /// <summary>A path of fields in the words of the database; null where it leads over a field that is not there and can be done without.</summary>
    private string? Path(string model, string path, char separator)
    {
        string? at = model;
        var parts = new List<string>();
        foreach (var part in path.Split(separator, StringSplitOptions.None))
        {
            if (at is null || !models.TryGetValue(at, out var fields))
            {
                parts.Add(part);
                continue;
            }
            if (fields.Absent(part) is not null)
                return null;
            parts.Add(fields.Here(part));
            at = fields.RelationOf(part);
        }
        return string.Join(separator, parts);
    }

    private string? RelationOf(string model, string field) => models.TryGetValue(model, out var fields) ? fields.RelationOf(field) : null;
}

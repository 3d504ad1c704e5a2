using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>The methods every model has.</summary>
internal static class CommonMethods
{
    public static readonly IReadOnlyList<Method> All =
    [
        new("search", false, ["domain", "offset?", "limit?", "order?"], call => Ids(Found(call))),
        new("search_count", false, ["domain", "limit?"], SearchCount),
        new("search_read", false, ["domain?", "fields?", "offset?", "limit?", "order?", "load?"], call =>
            Read(call, Found(call))),
        new("read", true, ["fields?", "load?"], call =>
            Read(call, call.Ids.Distinct().Select(id => call.Session.Find(call.Model.Name, id)).OfType<Row>())),
        new("exists", true, [], call => Ids(call.Ids.Select(id => call.Session.Find(call.Model.Name, id)).OfType<Row>())),
        new("fields_get", false, ["allfields?", "attributes?"], FieldsGet),
        new("create", false, ["vals_list"], Create),
        new("write", true, ["vals"], Write),
        new("unlink", true, [], Unlink),
        new("load", false, ["fields", "data"], Import.Run),
    ];

    /// <summary>Ids as a recordset comes back.</summary>
    public static JsonArray Ids(IEnumerable<Row> rows) => new([.. rows.Select(row => (JsonNode)row.Id)]);

    private static IEnumerable<Row> Found(Call call) => Search.Page(
        call.Session, call.Model, call.Domain, call.Text("order"), call.Integer("offset") ?? 0, call.Integer("limit"));

    private static JsonNode SearchCount(Call call)
    {
        var count = Search.Matching(call.Session, call.Model, call.Domain).Count();
        return call.Integer("limit") is { } limit ? Math.Min(limit, count) : count;
    }

    private static JsonNode Read(Call call, IEnumerable<Row> rows)
    {
        var asked = call.Names("fields");
        var fields = asked is { Count: > 0 } ? asked.Distinct().Select(call.Model.FieldNamed)
            .ToArray() : [.. call.Model.Outside.Values];
        var bareIds = call.Arguments.ContainsKey("load") && JsonValues.IsEmpty(call.Arguments["load"]);
        return new JsonArray([.. rows.ToArray()
            .Select(row => (JsonNode)JsonValues.Read(call.Session, row, fields.Where(field => field.Name != "id"), bareIds))]);
    }

    private static JsonNode FieldsGet(Call call)
    {
        var attributes = call.Names("attributes");
        var described = new JsonObject();
        foreach (var (name, field) in call.Model.Outside)
            if (call.Names("allfields") is not { Count: > 0 } wanted || wanted.Contains(name))
                described[name] = new JsonObject(Attributes(field)
                    .Where(attribute => attributes is not { Count: > 0 } || attributes.Contains(attribute.Key)));
        return described;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Attributes(Field field)
    {
        yield return new("readonly", field.IsReadOnly);
        if (field.Relation is { } relation)
            yield return new("relation", relation);
        if (field.Inverse is { } inverse)
            yield return new("relation_field", inverse);
        yield return new("required", field.IsRequired);
        if (field.Type is FieldType.Selection)
            yield return new("selection", new JsonArray([.. field.Choices
                .Select(choice => new JsonArray(choice.Value, choice.Label))]));
        yield return new("store", field.IsStored);
        yield return new("string", field.Label);
        yield return new("type", field.Type.ToString().ToLowerInvariant());
    }

    private static JsonNode Create(Call call)
    {
        var list = call.Arguments["vals_list"] as JsonArray ?? [call.Arguments["vals_list"]?.DeepClone()];
        return Ids([.. list.Select(item => call.Session.Create(call.Model, JsonValues.Write(
            call.Session, call.Model, item as JsonObject ?? [], name =>
                OdooError.Value($"Invalid field '{name}' in '{call.Model.Name}'"))))]);
    }

    private static JsonNode Write(Call call)
    {
        var records = call.Records;
        var values = JsonValues.Write(call.Session, call.Model, call.Arguments["vals"] as JsonObject ?? [], OdooError.Key);
        foreach (var row in records)
            call.Session.Write(row, values);
        return true;
    }

    private static JsonNode Unlink(Call call)
    {
        foreach (var row in call.Records)
            call.Session.Delete(row);
        return true;
    }
}

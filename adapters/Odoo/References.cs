using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// Records with those that their references lead to in place of <c>[id, name]</c>: <c>{ "country_id": { "id": 57, "code": "DE" } }</c>, as Odoo's
/// <c>web_read</c> has them, which older servers do not know. An archived record is found, for <c>read</c> finds it.
/// </summary>
internal static class References
{
    /// <summary>The rows of a reply, to be completed.</summary>
    public static List<JsonObject> Rows(OdooReply reply) => [.. reply.Value.EnumerateArray().Select(row => JsonObject.Create(row)!)];

    /// <summary>Puts the records that a field leads to into the rows. One that is not found, or may not be seen, stays a pair.</summary>
    /// <returns>The records put in, for references of their own; or why they could not be read.</returns>
    public static async ValueTask<Lookup<List<JsonObject>>> PutAsync(OdooSession odoo, List<JsonObject> rows, string field, string model, params string[] fields)
    {
        int[] ids = [.. rows.Select(row => IdOf(row, field)).OfType<int>().Distinct()];
        if (ids.Length == 0)
            return new List<JsonObject>();
        var reply = await odoo.ReadAsync(model, ids, fields);
        if (!reply.Done)
            return reply;
        var found = reply.Value.EnumerateArray().Where(row => row.Id("id") is not null).ToDictionary(row => row.Id("id")!.Value);
        var put = new List<JsonObject>(rows.Count);
        foreach (var row in rows)
            if (IdOf(row, field) is { } id && found.TryGetValue(id, out var record))
            {
                var copy = JsonObject.Create(record)!;
                row[field] = copy;
                put.Add(copy);
            }
        return put;
    }

    /// <summary>The same for several fields, one after the other; null when all went well.</summary>
    public static async ValueTask<OdooReply?> PutAllAsync(OdooSession odoo, List<JsonObject> rows, params (string Field, string Model, string[] Fields)[] references)
    {
        foreach (var (field, model, fields) in references)
            if ((await PutAsync(odoo, rows, field, model, fields)).Failure is { } failure)
                return failure;
        return null;
    }

    public static byte[] ToJson(this JsonObject record) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(record, NodeJson.Default.JsonNode);

    private static int? IdOf(JsonObject row, string field) => row[field] is JsonArray { Count: > 0 } pair && pair[0] is JsonValue id && id.TryGetValue<int>(out var number) ? number : null;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : System.Text.Json.Serialization.JsonSerializerContext;

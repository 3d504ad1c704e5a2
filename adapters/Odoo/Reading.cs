using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// What to read of records, and of those they lead to: what <c>web_read</c> does with a specification. It is done with <c>read</c>, level by level,
/// since versions before 17 have no web_read, and fields are named by version where they are asked for.
/// </summary>
internal sealed class Reading(string model, params string[] fields)
{
    private readonly Dictionary<string, Reading> _into = new(StringComparer.Ordinal);
    private bool _isMaster;

    public string Model { get; } = model;

    /// <summary>The same, of what hardly ever changes: where it is led to, it is kept for a while with all that it leads to (<see cref="MasterRecords"/>).</summary>
    public static Reading Master(string model, params string[] fields) => new(model, fields) { _isMaster = true };

    /// <summary>Reads more of what a field leads to; a model may lead to itself, as backorders do.</summary>
    public Reading Into(string field, Reading what)
    {
        _into[field] = what;
        return this;
    }

    /// <summary>What it asks for, model by model.</summary>
    public IEnumerable<(string Model, string[] Fields)> Asked() => Asked([]);

    public async ValueTask<Lookup<IReadOnlyList<Found>>> FindAsync(OdooSession odoo, object[] domain, string? order = "id", int? limit = null)
    {
        var reply = await odoo.SearchAsync(Model, domain, [.. fields.Union(_into.Keys)], limit, order);
        return reply.Done ? await FollowAsync(odoo, [.. reply.Value.EnumerateArray()]) : reply;
    }

    /// <summary>Records by their ids, in that order; a missing one is left out.</summary>
    public async ValueTask<Lookup<IReadOnlyList<Found>>> ReadAsync(OdooSession odoo, IReadOnlyList<int> ids)
    {
        if (ids.Count == 0)
            return new Lookup<IReadOnlyList<Found>>([], null);
        var reply = await odoo.ReadAsync(Model, ids, [.. fields.Union(_into.Keys)]);
        return reply.Done ? await FollowAsync(odoo, [.. reply.Value.EnumerateArray()]) : reply;
    }

    private async ValueTask<Lookup<IReadOnlyList<Found>>> FollowAsync(OdooSession odoo, JsonElement[] rows)
    {
        var reads = _into.Select(into => (Field: into.Key, Read: BehindAsync(odoo, rows, into.Key, into.Value).AsTask())).ToArray();
        await Task.WhenAll(reads.Select(read => read.Read));
        var behind = new Dictionary<string, IReadOnlyDictionary<int, Found>>(StringComparer.Ordinal);
        foreach (var (field, read) in reads)
        {
            var found = await read;
            if (found.Failure is { } failure)
                return failure;
            behind[field] = found.Value!.ToDictionary(record => record.Id);
        }
        return new Lookup<IReadOnlyList<Found>>([.. rows.Select(row => new Found(row, behind))], null);
    }

    private async ValueTask<Lookup<IReadOnlyList<Found>>> BehindAsync(OdooSession odoo, JsonElement[] rows, string field, Reading what)
    {
        List<int> ids = [.. rows.SelectMany(row => row.Ids(field)).Distinct()];
        if (what._isMaster)
            return await odoo.Master.Records.ReadAsync(odoo, what, ids);
        if (!IsLikeThis(what))
            return await what.ReadAsync(odoo, ids);
        // A customer is mostly its own company: what leads to a record of those that were read just now needs no call.
        var here = rows.Where(row => row.Id("id") is { } id && ids.Contains(id)).Select(row => new Found(row, NothingBehind)).ToList();
        var others = await what.ReadAsync(odoo, [.. ids.Except(here.Select(found => found.Id))]);
        return others.Failure is null ? new Lookup<IReadOnlyList<Found>>([.. here, .. others.Value!], null) : others;
    }

    /// <summary>Whether the rows of this are what is wanted of what they lead to.</summary>
    private bool IsLikeThis(Reading what) => what.Model == Model && what._into.Count == 0 && what.Fields.SequenceEqual(fields);

    /// <param name="seen">Records may lead back to their own kind.</param>
    private IEnumerable<(string Model, string[] Fields)> Asked(HashSet<Reading> seen) =>
        seen.Add(this) ? [(Model, [.. fields.Union(_into.Keys)]), .. _into.Values.SelectMany(into => into.Asked(seen))] : [];

    private string[] Fields => fields;

    private static readonly Dictionary<string, IReadOnlyDictionary<int, Found>> NothingBehind = [];
}

/// <summary>A record, and those it leads to as far as they were read.</summary>
internal sealed record Found(JsonElement Row, IReadOnlyDictionary<string, IReadOnlyDictionary<int, Found>> Behind)
{
    public int Id => Row.Id("id") ?? 0;

    public string? Name => Row.Text("name");

    public string? Text(string field) => Row.Text(field);

    public decimal Amount(string field) => Row.Amount(field);

    public bool Flag(string field) => Row.Flag(field);

    /// <summary>What a many2one leads to; null where it is empty.</summary>
    public Found? To(string field) => Row.Id(field) is { } id ? Behind[field].GetValueOrDefault(id) : null;

    /// <summary>What a list leads to, in Odoo's order.</summary>
    public IEnumerable<Found> All(string field) => Row.Ids(field).Select(id => Behind[field].GetValueOrDefault(id)).OfType<Found>();

    /// <summary>The fields as they came; a reference that was followed is the record it leads to, a list of them a list of records.</summary>
    /// <param name="more">Members that are no fields of Odoo's.</param>
    public void Write(Utf8JsonWriter json, Action<Utf8JsonWriter>? more = null)
    {
        json.WriteStartObject();
        foreach (var field in Row.EnumerateObject())
        {
            json.WritePropertyName(JsonMarshal.GetRawUtf8PropertyName(field));
            if (field.Value.ValueKind != JsonValueKind.Array || !Behind.ContainsKey(field.Name))
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
            else if (IsPair(field.Value))
                WriteReference(json, field);
            else
                WriteAll(json, All(field.Name));
        }
        more?.Invoke(json);
        json.WriteEndObject();
    }

    public ReadOnlyMemory<byte> ToJson() => Json(json => Write(json));

    /// <summary>A record of the operation over several: <c>{"shipments": […]}</c></summary>
    public static ReadOnlyMemory<byte> ListJson(string name, IEnumerable<Found> records) => Json(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName(name);
        WriteAll(json, records);
        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return buffer.WrittenMemory;
    }

    private static bool IsPair(JsonElement value) => value.GetArrayLength() == 2 && value[1].ValueKind == JsonValueKind.String;

    private void WriteReference(Utf8JsonWriter json, JsonProperty field)
    {
        if (To(field.Name) is { } record)
            record.Write(json);
        else
            field.Value.WriteTo(json);
    }

    private static void WriteAll(Utf8JsonWriter json, IEnumerable<Found> records)
    {
        json.WriteStartArray();
        foreach (var record in records)
            record.Write(json);
        json.WriteEndArray();
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// Every record that a recorded Odoo answered, with its references followed to the other records, as Odoo's own <c>web_read</c> would have
/// answered it: a reference is the record it leads to, as far as that was ever read.
/// </summary>
internal sealed class OdooRecords
{
    private const int Depth = 4;

    private static readonly string[] Reads = ["read", "search_read", "web_read", "web_search_read"];

    private readonly Dictionary<string, JsonObject> _fields = [];
    private readonly Dictionary<(string Model, int Id), JsonObject> _known = [];
    private readonly List<(string File, string Model, JsonObject Record)> _read = [];

    private OdooRecords(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "fields_get")))
        {
            var fields = JsonNode.Parse(File.ReadAllBytes(file))!;
            _fields[Path.GetFileNameWithoutExtension(file)] = (JsonObject)(fields["result"] ?? fields["response"]?["json"]?["result"] ?? fields["response"]?["json"] ?? fields);
        }
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)) Collect(file);
    }

    /// <summary>Skips the running test where the transcripts are not at hand.</summary>
    public static OdooRecords Read() => new(Simulators.SharedFiles.TranscriptsOrSkip());

    /// <summary>
    /// The records of a model that were read with at least these fields (<c>name=value</c>: with this text), each as often as it was read. Where
    /// a list was read and none of its records ever was, the field counts as not read.
    /// </summary>
    public IEnumerable<(string File, JsonElement Record)> Of(string model, params string[] fields) => _read
        .Where(r => r.Model == model && fields.All(f => Has(r.Record, f)))
        .Select(r => (r.File, r.Record, Followed: Follow(model, r.Record, Depth)))
        .Where(r => !fields.Any(f => r.Record[f] is JsonArray { Count: > 0 } && r.Followed[f] is JsonArray { Count: 0 }))
        .Select(r => (r.File, JsonSerializer.SerializeToElement(r.Followed)));

    /// <summary>
    /// The records of a model that <see cref="Of"/> does not have because too little of them was read, as <c>file: what was not read</c>,
    /// each once; a list of which no record ever was counts as not read. Records of another kind (<c>name=value</c>) are none of these.
    /// </summary>
    public IEnumerable<string> TooSparse(string model, params string[] fields) => _read
        .Where(r => r.Model == model && !fields.Any(f => r.Record.ContainsKey(f.Split('=')[0]) && !Has(r.Record, f)))
        .Select(r => (r.File, Missing: string.Join(' ', fields.Where(f => !IsRead(model, r.Record, f.Split('=')[0])).Select(f => f.Split('=')[0]))))
        .Where(r => r.Missing.Length > 0)
        .Select(r => $"{r.File}: {r.Missing}")
        .Distinct();

    private bool IsRead(string model, JsonObject record, string field) =>
        record.ContainsKey(field) && !(record[field] is JsonArray { Count: > 0 } && Follow(model, record, 1)[field] is JsonArray { Count: 0 });

    private static bool Has(JsonObject record, string field) =>
        field.Split('=') is [var name, var value] ? record[name] is JsonValue text && text.ToString() == value : record.ContainsKey(field);

    private void Collect(string file)
    {
        var transcript = JsonNode.Parse(File.ReadAllBytes(file))!;
        // Some are of many calls at once.
        if (transcript["request"] is not JsonObject request || Called(request) is not var (model, method) || !Reads.Contains(method)) return;
        var answer = transcript["response"]!["json"];
        var result = answer is JsonObject { Count: > 0 } envelope && envelope.ContainsKey("result") ? envelope["result"] : answer;
        foreach (var record in ((result as JsonObject)?["records"] ?? result) as JsonArray ?? [])
        {
            if (record is not JsonObject members || members["id"] is not JsonValue id) continue;
            _read.Add((Path.GetFileName(file), model, members));
            if (!_known.TryGetValue((model, (int)id), out var known)) _known[(model, (int)id)] = known = [];
            foreach (var (name, value) in members) known[name] = value?.DeepClone();
        }
    }

    private static (string Model, string Method)? Called(JsonNode request)
    {
        if (((string?)request["path"])?.Split("/json/2/") is [_, var called]) return called.Split('/') is [var m, var f] ? (m, f) : null;
        return (request["json"] as JsonObject)?["params"]?["args"] is JsonArray { Count: > 4 } args && args[3] is JsonValue model && model.TryGetValue(out string? name) && args[4] is JsonValue method
            ? (name, method.ToString())
            : null;
    }

    private JsonObject Follow(string model, JsonObject record, int depth) =>
        new(record.Select(field => KeyValuePair.Create(field.Key, Follow(_fields.GetValueOrDefault(model)?[field.Key], field.Value, depth))));

    private JsonNode? Follow(JsonNode? field, JsonNode? value, int depth)
    {
        if ((string?)field?["relation"] is not { } relation || depth == 0) return value?.DeepClone();
        switch ((string?)field["type"], value)
        {
            case ("many2one", JsonArray { Count: 2 } pair):
                var found = _known.TryGetValue((relation, (int)pair[0]!), out var known) ? Follow(relation, known, depth - 1) : new JsonObject { ["id"] = (int)pair[0]! };
                found.TryAdd("display_name", pair[1]?.DeepClone());
                return found;
            case ("one2many" or "many2many", JsonArray ids):
                return new JsonArray([.. ids.Where(id => id is JsonValue && _known.ContainsKey((relation, (int)id!))).Select(id => (JsonNode)Follow(relation, _known[(relation, (int)id!)], depth - 1))]);
            default:
                return value?.DeepClone();
        }
    }
}

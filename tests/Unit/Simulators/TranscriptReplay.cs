using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>
/// Sends the recorded JSON-2 requests to the simulator, in their order, with the recorded ids exchanged for ours as they
/// are learned from the answers, and keeps what came back.
/// </summary>
public sealed class TranscriptReplay : IAsyncLifetime
{
    private const string RecordedOrder = "25";

    private static readonly Dictionary<string, string> Relations = new()
    {
        ["partner_id"] = "res.partner",
        ["order_id"] = "sale.order",
        ["sale_id"] = "sale.order",
        ["sale_line_id"] = "sale.order.line",
        ["order_line"] = "sale.order.line",
        ["picking_id"] = "stock.picking",
        ["picking_ids"] = "stock.picking",
        ["move_ids"] = "stock.move",
        ["backorder_id"] = "stock.picking",
        ["backorder_ids"] = "stock.picking",
        ["return_id"] = "stock.picking",
        ["move_id"] = "account.move",
        ["invoice_ids"] = "account.move",
        ["invoice_line_ids"] = "account.move.line",
        ["wizard_id"] = "stock.return.picking",
        ["active_id"] = "",
        ["active_ids"] = "",
    };

    private readonly Dictionary<(string Model, int Recorded), int> _ids = [];
    private HttpClient _http = new();
    private OdooSimulator? _odoo;

    /// <summary>What came back, by the transcript's file name.</summary>
    public Dictionary<string, (Transcript Recorded, int Status, string? ContentType, string Body)> Answers { get; } = [];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (SharedFiles.Transcripts is null)
            return;
        _odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Database = "odoo19" });
        _http = new HttpClient { BaseAddress = _odoo.Url };
        await MakeWhatTheyStartFromAsync();
        foreach (var transcript in Transcript.All())
            Answers[transcript.File] = await SendAsync(transcript);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_odoo is not null)
            await _odoo.DisposeAsync();
    }

    /// <summary>The recorded answer in our ids, for comparing texts that contain them.</summary>
    public string InOurIds(string model, string text) => _ids.Where(pair => pair.Key.Model == model)
        .Aggregate(text, (changed, pair) => changed.Replace($"{model}({pair.Key.Recorded},)", $"{model}({pair.Value},)"));

    private async Task MakeWhatTheyStartFromAsync()
    {
        using var caller = new OdooCaller(_odoo!);
        var customer = await caller.CallAsync("res.partner", "create", JsonNode.Parse(
            """{"vals_list":[{"name":"Gateway Test Customer","is_company":true,"ref":"GW-C-1","street":"1 Quay St","city":"Boston","zip":"02110","country_id":233,"email":""}]}""")!.AsObject());
        _ids[("res.partner", 46)] = (int)customer![0]!;
        var order = OdooCaller.Order("PO-10001", product: "5", partner: customer[0]!.ToJsonString());
        _ids[("sale.order", int.Parse(RecordedOrder))] = (int)(await caller.CallAsync("sale.order", "load", order))!["ids"]![0]!;
        await caller.CallAsync("sale.order", "action_confirm",
            new JsonObject { ["ids"] = new JsonArray(_ids[("sale.order", 25)]) });
    }

    private async Task<(Transcript, int, string?, string)> SendAsync(Transcript transcript)
    {
        var model = transcript.Path.Split('/')[3];
        using var request = new HttpRequestMessage(new HttpMethod(transcript.Method), transcript.Path);
        if (transcript.Method == "POST")
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(transcript.RawBody
                ?? Ours(model, transcript.Json)!.ToJsonString()));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", transcript.Headers["Content-Type"]);
        }
        if (transcript.Headers.TryGetValue("Authorization", out var authorization))
            request.Headers.TryAddWithoutValidation("Authorization",
                authorization.Replace("<api-key>", transcript.File.StartsWith("092-") ? "demo-odoo-restricted-key"
                    : "demo-odoo-key"));
        request.Headers.Add("X-Odoo-Database", transcript.Headers["X-Odoo-Database"]);
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.OK && transcript.Status == 200)
            Learn(model, transcript.Answer, JsonNode.Parse(body));
        return (transcript, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body);
    }

    /// <summary>The request with our ids: in <c>ids</c>, in conditions on relations, in the values of relations and in load's id columns.</summary>
    private JsonNode? Ours(string model, JsonNode? node, string? member = null) => node switch
    {
        JsonObject members when (string?)members["active_model"] is { } active => Context(active, members),
        JsonObject members => new JsonObject(members.Select(pair => KeyValuePair.Create(pair.Key,
            pair.Key == "data" ? Data(members["fields"]!.AsArray(), pair.Value!.AsArray()) : Ours(model, pair.Value, pair.Key)))),
        JsonArray { Count: 3 } leaf when leaf[0] is JsonValue first && first.TryGetValue(out string? field)
            && Relations.ContainsKey(field) =>
            new JsonArray(field, leaf[1]!.DeepClone(), Ours(model, leaf[2], field)),
        JsonArray items => new JsonArray([.. items.Select(item => Ours(model, item, member))]),
        JsonValue value when value.TryGetValue(out int id) && member is not null
            && (member == "ids" || Relations.ContainsKey(member)) =>
            _ids.GetValueOrDefault((member == "ids" ? model : Relations[member], id), id),
        _ => node?.DeepClone(),
    };

    private JsonObject Context(string active, JsonObject members) =>
        new(members.Select(pair => KeyValuePair.Create(pair.Key, pair.Value switch
        {
            JsonArray many => new JsonArray([.. many.Select(id => (JsonNode)_ids.GetValueOrDefault((active, (int)id!), (int)id!))]),
            JsonValue one when one.TryGetValue(out int id) => _ids.GetValueOrDefault((active, id), id),
            _ => pair.Value?.DeepClone(),
        })));

    private JsonArray Data(JsonArray fields, JsonArray rows)
    {
        var partner = fields.Select(field => (string)field!).ToList().IndexOf("partner_id/.id");
        return new JsonArray([.. rows.Select(row => new JsonArray([.. row!.AsArray().Select((cell, i) =>
            i == partner && int.TryParse((string)cell!, out var id) ? _ids.GetValueOrDefault(("res.partner", id), id).ToString()
                : cell?.DeepClone())]))]);
    }

    private void Learn(string model, JsonNode? recorded, JsonNode? ours, string member = "ids")
    {
        switch (recorded, ours)
        {
            case (JsonObject left, JsonObject right):
                foreach (var (name, value) in left)
                    Learn(model, value, right[name], name);
                break;
            case (JsonArray left, JsonArray right):
                for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
                    Learn(model, left[i], right[i], member);
                break;
            case (JsonValue left, JsonValue right) when left.TryGetValue(out int was) && right.TryGetValue(out int now):
                if (member is "id" or "ids")
                    _ids.TryAdd((model, was), now);
                else if (member == "res_id")
                    _ids.TryAdd((model == "sale.advance.payment.inv" ? "account.move" : "stock.picking", was), now);
                else if (Relations.TryGetValue(member, out var relation))
                    _ids.TryAdd((relation, was), now);
                break;
        }
    }
}

/// <summary>One recorded request and its answer.</summary>
public sealed record Transcript(string File, string Method, string Path, IReadOnlyDictionary<string, string> Headers,
    JsonNode? Json, string? RawBody, int Status, JsonNode? Answer, string? RawAnswer)
{
    /// <summary>The JSON-2 transcripts in the order they were taken.</summary>
    public static IEnumerable<Transcript> All() =>
        SharedFiles.Transcripts is not { } folder ? [] : Directory.GetFiles(folder, "*-json2-*.json")
        .Order(StringComparer.Ordinal).Select(Read);

    private static Transcript Read(string path)
    {
        var document = JsonNode.Parse(System.IO.File.ReadAllText(path))!;
        var (request, response) = (document["request"]!.AsObject(), document["response"]!.AsObject());
        return new Transcript(System.IO.Path.GetFileName(path), (string)request["method"]!, (string)request["path"]!,
            request["headers"]!.AsObject().ToDictionary(header => header.Key, header => (string)header.Value!),
            request["json"], (string?)request["body"], (int)response["status"]!, response["json"], (string?)response["body"]);
    }
}

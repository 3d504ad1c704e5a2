using System.Buffers;
using System.Text.Json;
using Gateway.Adapters.Odoo.Fields;
using Gateway.Adapters.Odoo.Wire;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// One operation's conversation with Odoo: companies, language, deadline and correlation are the same for all its calls.
/// Calls may run side by side.
/// </summary>
/// <param name="companies">Database ids of the companies that the partner trades with, one at least.</param>
/// <param name="until">From here on nothing is changed any more (<see cref="OperationCall.Until"/>).</param>
internal sealed partial class OdooSession(
    OdooBackend backend, IReadOnlyList<int> companies, string? correlationId, DateTimeOffset? until, Deadline deadline)
{
    /// <summary>The company in which records are made.</summary>
    public int Company => companies[0];

    /// <summary>Which companies' records may be seen, as text.</summary>
    public string Companies { get; } = string.Join(',', companies);

    /// <summary>A leaf of a domain: records of the partner's companies.</summary>
    public object[] OfCompanies => companies is [var one] ? Is("company_id", one) : In("company_id", companies);

    /// <summary>A leaf of a domain: records of the partner's companies, and those that belong to none.</summary>
    public object[] Shared => ["company_id", "in", (object[])[false, .. companies]];

    /// <summary>The same, for what is made: of the company in which it is made.</summary>
    public object[] SharedWhereMade => ["company_id", "in", (object[])[false, Company]];

    /// <summary>Which of the partner's companies a record belongs to, from 0; the first where it is everybody's; null where it is none of them.</summary>
    public int? PlaceOf(JsonElement row)
    {
        if (row.Id("company_id") is not { } owner)
            return 0;
        for (var i = 0; i < companies.Count; i++)
            if (companies[i] == owner)
                return i;
        return null;
    }

    /// <summary>Whether anything was sent that changes something, whatever came of it.</summary>
    public bool HasChanged { get; private set; }

    public MasterData Master => backend.Master;

    public OdooOptions Options => backend.Options;

    /// <summary>Rows as <c>search_read</c> answers them; Done, with an array as value.</summary>
    public async ValueTask<OdooReply> SearchAsync(string model, object[] domain, string[] fields, int? limit = null, string? order = null, int? warehouse = null) =>
        Rows(await ReadAsync(model, "search_read", Arguments(warehouse, json =>
        {
            json.WritePropertyName("domain");
            OdooJson.Write(json, domain);
            json.WritePropertyName("fields");
            OdooJson.Write(json, fields);
            if (limit is { } most)
                json.WriteNumber("limit", most);
            if (order is not null)
                json.WriteString("order", order);
        })));

    /// <summary>Rows by their ids; a missing one is left out (Odoo answers without it).</summary>
    public async ValueTask<OdooReply> ReadAsync(string model, IReadOnlyList<int> ids, string[] fields) =>
        Rows(await ReadAsync(model, "read", Arguments(null, json =>
        {
            json.WritePropertyName("ids");
            OdooJson.Write(json, ids);
            json.WritePropertyName("fields");
            OdooJson.Write(json, fields);
        })));

    /// <summary>
    /// The record with an external id, made by <c>load</c> when there is none. <c>load</c> overwrites what it knows, so a known id is not loaded: the
    /// look-up runs before every attempt, and what was looked up is believed until the work may be somebody else's. Of parallel calls one wins; the
    /// others meet a serialization failure, look again and find its record.
    /// </summary>
    /// <param name="name">The external id without its module.</param>
    /// <param name="rows">Asked once, only when the record is to be made; a failure ends the call.</param>
    public ValueTask<OdooReply> FindOrLoadAsync(string model, string name, Func<ValueTask<Lookup<LoadRows>>> rows)
    {
        LoadRows? prepared = null;
        return backend.Attempts.AgainAsync(Attempt, deadline);

        async ValueTask<OdooReply> Attempt()
        {
            var known = await FindAsync(model, name);
            if (known.Status != OperationStatus.NotFound)
                return known.BeforeChange() with { Transient = false, Known = prepared is null };
            if (prepared is null)
            {
                var made = await rows();
                if (made.Failure is { } failure)
                    return failure.BeforeChange() with { Transient = false };
                prepared = made.Value!;
            }
            return Loaded(await ChangeAsync(model, "load", Arguments(null, prepared.Write)));
        }
    }

    /// <summary>The record with an external id: Done with its database id, or NotFound.</summary>
    /// <param name="name">The external id without its module.</param>
    public async ValueTask<OdooReply> FindAsync(string model, string name)
    {
        var reply = await SearchAsync("ir.model.data",
            [Is("module", Options.ExternalIdModule), Is("name", name), Is("model", model)], ["model", "res_id"], limit: 1);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0 && reply.Value[0].Id("res_id") is { } id ? OdooReply.Found(id) : OdooReply.NotFound("");
    }

    /// <summary>The wire to this Odoo: at once where it is known, else asked for as reads are.</summary>
    public async ValueTask<Lookup<ChosenWire>> ChooseWireAsync()
    {
        if (backend.Client.Wires.Current is { } known)
            return known;
        ChosenWire? chosen = null;
        var reply = await backend.Attempts.AgainAsync(() => backend.Attempts.OnceAsync(Ask, deadline), deadline);
        return chosen is null ? reply : chosen;

        async ValueTask<OdooReply> Ask(CancellationToken attempt)
        {
            var asked = await backend.Client.ChooseAsync(attempt, deadline.Caller);
            chosen = asked.Value;
            return asked.Failure ?? new OdooReply(OperationStatus.Done);
        }
    }

    /// <summary>The fields of a model with their types, by name, as <c>fields_get</c> describes them.</summary>
    public ValueTask<OdooReply> FieldsAsync(string model) => ReadAsync(model, "fields_get", Arguments(null, json =>
    {
        json.WritePropertyName("attributes");
        OdooJson.Write(json, (string[])["type", "relation"]);
    }));

    /// <summary>The contact to which Odoo delivers what a partner orders, where nothing else is said.</summary>
    public async ValueTask<Lookup<int>> DeliversToAsync(int partner)
    {
        var reply = await ReadAsync("res.partner", "address_get", Arguments(null, json =>
        {
            json.WritePropertyName("ids");
            OdooJson.Write(json, (int[])[partner]);
            json.WritePropertyName("adr_pref");
            OdooJson.Write(json, (string[])["delivery"]);
        }));
        if (!reply.Done)
            return reply;
        return reply.Value.ValueKind == JsonValueKind.Object && reply.Value.Id("delivery") is { } contact
            ? contact
            : OdooReply.Unusable($"address_get answered {reply.Value.ValueKind} without a delivery address");
    }

    /// <summary>Waits for its turn; false where time ran out.</summary>
    public async ValueTask<bool> EnterAsync(SemaphoreSlim turn)
    {
        try
        {
            await turn.WaitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException) when (!deadline.Caller.IsCancellationRequested)
        {
            return false;
        }
    }

    private ValueTask<OdooReply> ReadAsync(string model, string method, ReadOnlyMemory<byte> body)
    {
        var request = new OdooRequest(model, method, Effect.Reads, body) { CorrelationId = correlationId };
        return backend.Attempts.AgainAsync(() => SendAsync(request), deadline);
    }

    private ValueTask<OdooReply> ChangeAsync(string model, string method, ReadOnlyMemory<byte> body)
    {
        HasChanged = true;
        return SendAsync(new OdooRequest(model, method, Effect.Changes, body) { CorrelationId = correlationId, Until = until });
    }

    private ValueTask<OdooReply> SendAsync(OdooRequest request) =>
        backend.Discovery.Map is { } map ? TranslatedAsync(map, request) : OnceAsync(request);

    private async ValueTask<OdooReply> TranslatedAsync(FieldMap map, OdooRequest request) =>
        map.Understand(request, await OnceAsync(map.Ask(request)));

    private ValueTask<OdooReply> OnceAsync(OdooRequest request) =>
        backend.Attempts.OnceAsync(attempt => backend.Client.SendAsync(request with { TimeLeft = deadline.Left }, attempt, deadline.Caller), deadline, request.Effect);

    /// <summary>A method's arguments, and the context that all calls have.</summary>
    /// <param name="context">What the context has beside these.</param>
    private ReadOnlyMemory<byte> Arguments(int? warehouse, Action<Utf8JsonWriter> own, Action<Utf8JsonWriter>? context = null)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        own(json);
        json.WriteStartObject("context");
        // load reads times in the user's zone unless it is told which; company and language must not depend on that user either.
        json.WriteStartArray("allowed_company_ids");
        foreach (var company in companies)
            json.WriteNumberValue(company);
        json.WriteEndArray();
        json.WriteString("tz", "UTC");
        if (Options.Language is { } language)
            json.WriteString("lang", language);
        if (warehouse is { } id)
            json.WriteNumber("warehouse_id", id);
        context?.Invoke(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    /// <summary>Records: what reads and searches of Odoo answer.</summary>
    private static OdooReply Rows(OdooReply reply)
    {
        if (!reply.Done) return reply;
        if (reply.Value.ValueKind != JsonValueKind.Array) return OdooReply.Unusable($"rows expected, got {reply.Value.ValueKind}");
        foreach (var row in reply.Value.EnumerateArray())
            if (row.ValueKind != JsonValueKind.Object) return OdooReply.Unusable($"a record expected, got {row.ValueKind}");
        return reply;
    }

    /// <summary><c>load</c> hides its failures under 200: no ids, and messages of type error.</summary>
    private static OdooReply Loaded(OdooReply reply)
    {
        if (!reply.Done)
            return reply;
        if (reply.Value is not { ValueKind: JsonValueKind.Object } value)
            return OdooReply.Unusable($"load answered {reply.Value.ValueKind}");
        if (value.Ids("ids").ToArray() is [var id])
            return OdooReply.Found(id);
        var errors = value.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
            ? messages.EnumerateArray().Where(message => message.Text("type") != "warning").ToArray()
            : [];
        if (errors.Length == 0)
            return OdooReply.Unusable(OdooErrors.Cut($"load answered neither one id nor an error: {value.GetRawText()}"));
        var reason = OdooErrors.Cut("load: " + string.Join(" | ", errors.Select(error => error.Text("message")?.Trim())));
        return errors.Any(error => OdooErrors.IsConflict(error.Text("message") ?? ""))
            ? OdooReply.NotSent(reason) with { Transient = true, RetryAfter = TimeSpan.FromSeconds(1) }
            : OdooReply.Refused(string.Join("; ", errors.Select(Describe).Distinct().Take(5)), reason);
    }

    private static string Describe(JsonElement error)
    {
        var text = Scrub.Text(error.Text("message") ?? "");
        return error.Text("field") == "order_line" && error.TryGetProperty("rows", out var rows) && rows.Id("from") is { } line
            ? $"orderLines/{line}: {text}"
            : text;
    }

    /// <summary>A leaf of a domain: field equals value.</summary>
    public static object[] Is(string field, object value) => [field, "=", value];

    public static object[] In<T>(string field, IEnumerable<T> values) => [field, "in", values.ToArray()];
}

/// <summary>Columns and rows for <c>load</c>; every cell is text, an empty one is no value.</summary>
internal sealed record LoadRows(IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WritePropertyName("fields");
        OdooJson.Write(json, Columns);
        json.WriteStartArray("data");
        foreach (var row in Rows)
            OdooJson.Write(json, row);
        json.WriteEndArray();
    }

    /// <summary>A single record from its cells.</summary>
    public static LoadRows One(params (string Column, string? Cell)[] cells)
    {
        var set = cells.Where(cell => !string.IsNullOrEmpty(cell.Cell)).ToArray();
        return new LoadRows([.. set.Select(cell => cell.Column)], [[.. set.Select(cell => cell.Cell!)]]);
    }
}

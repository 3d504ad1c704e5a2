using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo;

/// <summary>Methods that change something, wizards, and turns: what documents without external ids are worked with.</summary>
internal sealed partial class OdooSession
{
    /// <summary>
    /// A method that changes something, on records or on none. Sent again only while Odoo has certainly rolled it back.
    /// </summary>
    /// <param name="own">Its arguments by name, but for ids and context.</param>
    /// <param name="context">What the context has beside company, language and time zone.</param>
    public ValueTask<OdooReply> ActAsync(
        string model, string method, IReadOnlyList<int> ids, Action<Utf8JsonWriter>? own = null, Action<Utf8JsonWriter>? context = null)
    {
        var body = Arguments(null, json =>
        {
            if (ids.Count > 0)
            {
                json.WritePropertyName("ids");
                OdooJson.Write(json, ids);
            }
            own?.Invoke(json);
        }, context);
        return backend.Attempts.AgainAsync(() => ChangeAsync(model, method, body), deadline);
    }

    /// <summary>Writes the same values to records.</summary>
    public ValueTask<OdooReply> WriteAsync(string model, IReadOnlyList<int> ids, IReadOnlyDictionary<string, object> values) =>
        ActAsync(model, "write", ids, json => WriteValues(json, "vals", values));

    /// <summary>Makes one record; Done with its id. Twice is two, so it is for what does nothing by itself: wizards and proposals.</summary>
    public async ValueTask<OdooReply> ProposeAsync(string model, IReadOnlyDictionary<string, object> values, Action<Utf8JsonWriter>? context = null)
    {
        var reply = await ActAsync(model, "create", [], json =>
        {
            json.WriteStartArray("vals_list");
            WriteValues(json, null, values);
            json.WriteEndArray();
        }, context);
        if (!reply.Done)
            return reply.BeforeChange();
        return reply.Value is { ValueKind: JsonValueKind.Array } made && made.GetArrayLength() == 1 && made[0].TryGetInt32(out var id)
            ? OdooReply.Found(id)
            : OdooReply.NotSent($"{model}/create answered {reply.Value.ValueKind}");
    }

    /// <summary>One after the other for a record: what is looked at before a change must still hold when it is made. In this process only.</summary>
    /// <param name="record">What is changed: <c>stock.picking WH/OUT/00068</c>.</param>
    public async ValueTask<OperationResult> InTurnAsync(string record, Func<ValueTask<OperationResult>> work)
    {
        IDisposable turn;
        try
        {
            turn = await backend.Turns.EnterAsync(record, deadline.Token);
        }
        catch (OperationCanceledException) when (!deadline.Caller.IsCancellationRequested)
        {
            return OdooReply.NotSent($"no turn came for {record}").ToResult();
        }
        using (turn)
            return await work();
    }

    /// <summary>Whether the database has a field itself; true while it was not asked, which only an Odoo 19 is not.</summary>
    public bool Knows(string model, string field) => backend.Discovery.Map?.Has(model, field) ?? true;

    /// <summary>Database id of the user whose key the gateway shows.</summary>
    public async ValueTask<Lookup<int?>> UserAsync()
    {
        var reply = await ReadAsync("res.users", "context_get", Arguments(null, _ => { }));
        if (!reply.Done)
            return reply;
        return reply.Value.Id("uid") is { } user ? user : OdooReply.NotSent("Odoo does not say whose key it is");
    }

    private static void WriteValues(Utf8JsonWriter json, string? name, IReadOnlyDictionary<string, object> values)
    {
        if (name is not null)
            json.WritePropertyName(name);
        OdooJson.Write(json, values);
    }
}

using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.Wire.OdooJson;

namespace Gateway.Adapters.Odoo;

/// <summary>Changes of records that exist. None is repeated by itself: who calls looks first at what is there.</summary>
internal sealed partial class OdooSession
{
    /// <summary>
    /// Runs an attempt again while its reply is transient: another transaction was first, so nothing was changed. Each attempt begins with a look at
    /// what is there.
    /// </summary>
    public ValueTask<OdooReply> AgainAsync(Func<ValueTask<OdooReply>> attempt) => backend.Attempts.AgainAsync(attempt, deadline);

    /// <summary>
    /// One record and its lines by external ids: what is known is overwritten with what the rows say, what is not is made; all of it or nothing. Done
    /// with the record's database id.
    /// </summary>
    public async ValueTask<OdooReply> LoadAsync(string model, LoadRows rows) => Loaded(await ChangeAsync(model, "load", Arguments(null, rows.Write)));

    /// <summary>A method of one record, which changes it. Done with what the method returned, whatever that is: some answer a form and have done nothing.</summary>
    /// <param name="flags">Members of the context that are true.</param>
    public ValueTask<OdooReply> DoAsync(string model, string method, int id, params string[] flags) => ChangeAsync(model, method, Arguments(null, json =>
    {
        json.WritePropertyName("ids");
        Write(json, new[] { id });
    }, json =>
    {
        foreach (var flag in flags)
            json.WriteBoolean(flag, true);
    }));

    /// <summary>The external id under which the gateway made a record, without its module: Done with it as text, or NotFound.</summary>
    public async ValueTask<Lookup<string>> NameOfAsync(string model, int id)
    {
        var reply = await SearchAsync("ir.model.data", [Is("module", Options.ExternalIdModule), Is("model", model), Is("res_id", id)], ["name"], limit: 1, order: "id");
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0 && reply.Value[0].Text("name") is { } name ? name : OdooReply.NotFound("");
    }
}

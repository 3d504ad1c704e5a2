using Gateway.Adapters.Odoo;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Odoo's operations on its simulator. Each group of operations has a file of its own.</summary>
internal static class OdooSamples
{
    public static readonly AdapterSample Adapter = new("odoo", () => PlayAsync(version: 19), Options,
        [.. OdooOrderSamples.All, .. OdooReadSamples.All, .. OdooStockSamples.All, .. OdooReturnSamples.All, .. OdooBillSamples.All])
    {
        Key = "demo-odoo-key",
        Chatter =
        [
            (422, """{ "name": "odoo.exceptions.UserError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (403, """{ "name": "odoo.exceptions.AccessError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (404, """{ "name": "odoo.exceptions.MissingError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (500, """{ "name": "psycopg2.OperationalError", "message": "{leak}", "arguments": ["{leak}"], "context": {}, "debug": "Traceback (most recent call last):\n{leak}" }"""),
            (200, """{ "ids": false, "messages": [{ "type": "error", "message": "{leak}" }] }"""),
        ],
    };

    /// <summary>What older versions have nothing for: the first that has it, and what is missing before.</summary>
    public static IReadOnlyDictionary<string, (int Since, string Lack)> Later { get; } = new Dictionary<string, (int Since, string Lack)>
    {
        ["stock.count"] = (15, "stock.quant has no field 'inventory_quantity_set'"),
        ["stock.adjust"] = (15, "stock.quant has no field 'inventory_quantity_set'"),
        ["credit.check"] = (16, "res.partner has no field 'use_partner_credit_limit'"),
    };

    /// <summary>The oldest and the newest that speak JSON-RPC alone; <see cref="OdooVersionTests"/> has those between.</summary>
    public static IReadOnlyList<AdapterSample> OverJsonRpc { get; } = [.. new[] { 14, 18 }.Select(version =>
    {
        var lacks = Later.Where(later => version < later.Value.Since).ToDictionary(later => later.Key, later => later.Value.Lack);
        return Of(version) with
        {
            Name = $"odoo {version}",
            Lacks = lacks,
            Operations = [.. Adapter.Operations.Where(sample => !lacks.ContainsKey(sample.Operation))],
            Chatter = [.. Adapter.Chatter.Select(said => (200, said.Status == 200 ? Envelope("result", said.Json) : Envelope("error", $$"""{ "code": 200, "message": "Odoo Server Error", "data": {{said.Json}} }""")))],
        };
    })];

    private static string Envelope(string member, string json) => $$"""{ "jsonrpc": "2.0", "id": 1, "{{member}}": {{json}} }""";

    /// <summary>The same on an Odoo of another version, which is found out.</summary>
    public static AdapterSample Of(int version) => Adapter with
    {
        Play = () => PlayAsync(version),
        Options = (url, key) => Options(url, key) with { Api = OdooApi.Auto, Login = "admin" },
    };

    /// <summary>A call that names what is not there, by a reference.</summary>
    public static ValueTask<OperationCall> NobodysAsync(SampleWorld world) => ValueTask.FromResult(world.Call("{}", reference: "999999"));

    private static async Task<PlayedBackend> PlayAsync(int version)
    {
        var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Version = version });
        return new PlayedBackend(odoo, odoo.Url, odoo.Chaos, () => odoo.Requests, () => odoo.LastTraceParent);
    }

    private static OdooOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "odoo",
        Url = url,
        Database = "demo",
        Api = OdooApi.Json2,
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}

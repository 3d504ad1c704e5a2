using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>All simulators on real sockets, with stock for any storm; warehouse and carrier send their webhooks to the gateway.</summary>
internal sealed class StormBackends : IAsyncDisposable
{
    private readonly HttpClient _people = new();

    private StormBackends(OdooSimulator odoo, WmsSimulator wms, TmsSimulator tms, PartnerSimulator partner) =>
        (Odoo, Wms, Tms, Partner) = (odoo, wms, tms, partner);

    public OdooSimulator Odoo { get; }

    public WmsSimulator Wms { get; }

    public TmsSimulator Tms { get; }

    public PartnerSimulator Partner { get; }

    public static async Task<StormBackends> StartAsync(Uri gateway, string wms, string tms)
    {
        var backends = new StormBackends(
            await OdooSimulator.StartAsync(),
            await WmsSimulator.StartAsync(),
            await TmsSimulator.StartAsync(),
            await PartnerSimulator.StartAsync(new PartnerSimulatorOptions { Secret = TestWorkspace.WebhookSecret }));
        backends.Wms.SendHooksTo(new HookTarget(new Uri(gateway, $"hooks/{wms}"), StormWorkspace.WmsHookSecret));
        backends.Tms.SendHooksTo(new HookTarget(new Uri(gateway, $"hooks/{tms}")));
        backends._people.BaseAddress = backends.Odoo.Url;
        backends._people.DefaultRequestHeaders.Add("Authorization", "bearer demo-odoo-key");
        backends._people.DefaultRequestHeaders.Add("X-Odoo-Database", "demo");
        backends.Odoo.SetStock("FURN_8888", "WH", 1_000_000);
        backends.Wms.SetStock("DESK0005", "WH", 1_000_000);
        return backends;
    }

    /// <summary>People in Odoo confirm an order and ship all of it.</summary>
    public async Task ShipAsync(int order)
    {
        await InOdooAsync("sale.order/action_confirm", new JsonObject { ["ids"] = new JsonArray(order) });
        var picking = (await InOdooAsync("stock.picking/search", new JsonObject { ["domain"] = new JsonArray(new JsonArray("sale_id", "=", order)) }))!.AsArray().Single()!;
        await InOdooAsync("stock.picking/button_validate", new JsonObject { ["ids"] = new JsonArray(picking.DeepClone()) });
    }

    /// <summary>Returns that are not cancelled: what they are told by, and of which delivery.</summary>
    public async Task<IReadOnlyList<(string Origin, string Shipment)>> ReturnsAsync() =>
    [
        .. (await InOdooAsync("stock.picking/search_read", new JsonObject
        {
            ["domain"] = new JsonArray(new JsonArray("return_id", "!=", false), new JsonArray("state", "!=", "cancel")),
            ["fields"] = new JsonArray("origin", "return_id"),
        }))!.AsArray().Select(picking => ((string)picking!["origin"]!, (string)picking["return_id"]![1]!)),
    ];

    private async Task<JsonNode?> InOdooAsync(string call, JsonObject arguments)
    {
        using var answer = await _people.PostAsJsonAsync($"json/2/{call}", arguments, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{call}: {text}");
        return JsonNode.Parse(text);
    }

    public async ValueTask DisposeAsync()
    {
        _people.Dispose();
        await Partner.DisposeAsync();
        await Tms.DisposeAsync();
        await Wms.DisposeAsync();
        await Odoo.DisposeAsync();
    }
}

using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>A simulated Odoo with one order of <see cref="OdooBench.Order"/> in it, and what is done to that order.</summary>
internal sealed class OrderBench : IAsyncDisposable
{
    private readonly OdooBench _bench;
    private readonly HttpClient _odoo = new();

    private OrderBench(OdooBench bench, string reference) => (_bench, Reference) = (bench, reference);

    public OdooSimulator Odoo => _bench.Odoo;

    public string Reference { get; }

    public int Id => int.Parse(Reference, CultureInfo.InvariantCulture);

    /// <summary>The order as it was made.</summary>
    public JsonObject First { get; private set; } = null!;

    public List<(string? ExternalId, decimal Quantity, decimal Price)> Lines => [.. Odoo.Orders.Single().Lines.Select(line => (line.ExternalId, line.Quantity, line.PriceUnit))];

    public static async Task<OrderBench> StartAsync(OdooSimulatorOptions? simulator = null, int retries = 3)
    {
        var bench = await OdooBench.StartAsync(options => options with { Resilience = options.Resilience! with { Retries = retries } }, simulator);
        var made = await bench.CreateAsync(OdooBench.Order());
        Assert.Equal(OperationStatus.Done, made.Status);
        var order = new OrderBench(bench, made.Reference!);
        order.First = await order.OrderAsync();
        return order;
    }

    public ValueTask<OperationResult> ChangeAsync(Action<JsonObject> change) => _bench.Backend.Operations["order.change"].CallAsync(CallOf(change), TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> FindChangeAsync(Action<JsonObject> change) =>
        _bench.Backend.Operations["order.change"].ReadBackAsync(CallOf(change), TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> ConfirmAsync() => CallAsync("order.confirm");

    public ValueTask<OperationResult> CancelAsync() => CallAsync("order.cancel");

    public ValueTask<OperationResult> CallAsync(string operation) => _bench.Backend.Operations[operation].CallAsync(CallOf(_ => { }), TestContext.Current.CancellationToken);

    public ValueTask<OperationResult> CallAsync(string operation, string input) => _bench.CallAsync(operation, input);

    public ValueTask<OperationResult> FindAsync(string operation) => _bench.Backend.Operations[operation].ReadBackAsync(CallOf(_ => { }), TestContext.Current.CancellationToken);

    /// <summary>People in the warehouse ship so much of the first line, and leave the rest for later.</summary>
    public async Task ShipAsync(int quantity)
    {
        var picking = (await OdooAsync("stock.picking/search_read", new JsonObject { ["domain"] = Domain("sale_id", Id), ["fields"] = new JsonArray("state") }))[0]!["id"]!.DeepClone();
        var moves = (await OdooAsync("stock.move/search_read", new JsonObject { ["domain"] = Domain("picking_id", (int)picking), ["fields"] = new JsonArray("product_id") })).AsArray();
        foreach (var (n, move) in moves.Index())
            await OdooAsync("stock.move/write", new JsonObject
            {
                ["ids"] = new JsonArray((int)move!["id"]!),
                ["vals"] = new JsonObject { ["quantity"] = n == 0 ? quantity : 0, ["picked"] = n == 0 },
            });
        await OdooAsync("stock.picking/button_validate", new JsonObject { ["ids"] = new JsonArray(picking), ["context"] = new JsonObject { ["skip_backorder"] = true } });
    }

    /// <summary>People in the office invoice what can be.</summary>
    public async Task InvoiceAsync()
    {
        var wizard = await OdooAsync("sale.advance.payment.inv/create", new JsonObject
        {
            ["vals_list"] = new JsonArray(new JsonObject { ["advance_payment_method"] = "delivered", ["sale_order_ids"] = new JsonArray(new JsonArray(6, 0, new JsonArray(Id))) }),
        });
        await OdooAsync("sale.advance.payment.inv/create_invoices", new JsonObject { ["ids"] = wizard.DeepClone() });
    }

    public async Task<JsonObject> OrderAsync() => (await OdooAsync("sale.order/read", new JsonObject
    {
        ["ids"] = new JsonArray(Id),
        ["fields"] = new JsonArray("state", "commitment_date", "note", "partner_shipping_id", "picking_ids"),
    }))[0]!.AsObject();

    public async Task<JsonNode> OdooAsync(string call, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Odoo.Url, $"json/2/{call}")) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Authorization", "bearer demo-odoo-key");
        using var response = await _odoo.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        _odoo.Dispose();
        await _bench.DisposeAsync();
    }

    private static JsonArray Domain(string field, int value) => new(new JsonArray(field, "=", value));

    private OperationCall CallOf(Action<JsonObject> change)
    {
        var order = OdooBench.Order();
        change(order);
        return OdooBench.Call(order, "int_1") with { Reference = Reference };
    }
}

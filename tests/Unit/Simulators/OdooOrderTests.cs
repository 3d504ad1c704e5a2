using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>What the real server does to orders that an adapter must survive.</summary>
public sealed class OdooOrderTests : IAsyncLifetime
{
    private OdooSimulator _odoo = null!;
    private OdooCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _odoo = await OdooSimulator.StartAsync();
        _caller = new OdooCaller(_odoo);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _odoo.DisposeAsync();
    }

    [Fact]
    public async Task A_quantity_without_a_price_loses_the_price_agreed_at_creation()
    {
        var line = await LineAsync("""{"product_id":5,"product_uom_qty":5,"price_unit":12.5}""");
        await WriteAsync(line, """{"product_uom_qty":6}""");
        Assert.Equal((70m, 70m), await PricesAsync(line));
        await WriteAsync(line, """{"product_uom_qty":7,"price_unit":12.5}""");
        Assert.Equal((12.5m, 70m), await PricesAsync(line));
        await WriteAsync(line, """{"product_uom_qty":8}""");
        Assert.Equal((12.5m, 70m), await PricesAsync(line));
    }

    [Fact]
    public async Task A_technical_price_given_at_creation_keeps_the_agreed_one()
    {
        var line = await LineAsync("""{"product_id":5,"product_uom_qty":5,"price_unit":12.5,"technical_price_unit":70.0}""");
        await WriteAsync(line, """{"product_uom_qty":6}""");
        Assert.Equal((12.5m, 70m), await PricesAsync(line));
    }

    [Fact]
    public async Task A_taxed_product_adds_nineteen_percent_rounded_per_line()
    {
        await LineAsync("""{"product_id":40,"product_uom_qty":3,"price_unit":4.25}""");
        var order = await _caller.CallAsync("sale.order", "search_read",
            Json("""{"domain":[],"fields":["amount_untaxed","amount_tax","amount_total","currency_id"]}"""));
        Assert.Equal("""{"id":1,"amount_untaxed":12.75,"amount_tax":2.42,"amount_total":15.17,"currency_id":[125,"EUR"]}""",
            order![0]!.ToJsonString());
    }

    [Fact]
    public async Task Of_concurrent_confirmations_one_succeeds_and_one_transfer_is_made()
    {
        await LineAsync("""{"product_id":5,"product_uom_qty":1}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => _caller.TryAsync("sale.order", "action_confirm", Json("""{"ids":[1]}"""))));
        Assert.Equal([200, 422, 422, 422], answers.Select(answer => answer.Status).Order());
        Assert.Equal(1, (int)(await _caller.CallAsync("stock.picking", "search_count",
            Json("""{"domain":[["sale_id","=",1]]}""")))!);
    }

    [Fact]
    public async Task More_than_there_is_confirms_and_is_partially_available()
    {
        await LineAsync("""{"product_id":5,"product_uom_qty":100000}""");
        await _caller.CallAsync("sale.order", "action_confirm", Json("""{"ids":[1]}"""));
        var picking = await _caller.CallAsync("stock.picking", "search_read",
            Json("""{"domain":[["origin","=","S00001"]],"fields":["state"]}"""));
        var move = await _caller.CallAsync("stock.move", "search_read",
            Json("""{"domain":[["picking_id","=",1]],"fields":["state","quantity"]}"""));
        Assert.Equal("assigned", (string)picking![0]!["state"]!);
        Assert.Equal("""{"id":1,"state":"partially_available","quantity":120.0}""", move![0]!.ToJsonString());
    }

    [Fact]
    public async Task A_refused_call_leaves_nothing_behind()
    {
        var (status, body) = await _caller.TryAsync("sale.order", "create",
            Json("""{"vals_list":[{"partner_id":46,"order_line":[[0,0,{"product_id":5}],[0,0,{"product_id":99999}]]}]}"""));
        Assert.Equal((404, "odoo.exceptions.MissingError"), (status, (string)body!["name"]!));
        Assert.Empty(_odoo.Orders);
        Assert.Equal(0, (int)(await _caller.CallAsync("sale.order.line", "search_count", Json("""{"domain":[]}""")))!);
    }

    [Fact]
    public async Task An_order_without_a_customer_is_a_validation_error()
    {
        var (status, body) = await _caller.TryAsync("sale.order", "create", Json("""{"vals_list":[{"client_order_ref":"x"}]}"""));
        Assert.Equal((422, "odoo.exceptions.ValidationError"), (status, (string)body!["name"]!));
        Assert.Contains("Missing required value for the field 'Customer' (partner_id).", (string)body["message"]!);
    }

    [Fact]
    public async Task A_delivery_address_is_taken_from_the_customers_addresses()
    {
        var made = await _caller.CallAsync("res.partner", "load", Json(
            """{"fields":["id","name","parent_id/.id","type","street","country_id/.id"],"data":[["gw.addr_1","Acme Lager","46","delivery","Kai 2","57"]]}"""));
        await LineAsync("""{"product_id":5,"product_uom_qty":1}""");
        var order = await _caller.CallAsync("sale.order", "read",
            Json("""{"ids":[1],"fields":["partner_shipping_id","partner_invoice_id"]}"""));
        Assert.Equal((int)made!["ids"]![0]!, (int)order![0]!["partner_shipping_id"]![0]!);
        Assert.Equal("Acme GmbH, Acme Lager", (string)order[0]!["partner_shipping_id"]![1]!);
        Assert.Equal(46, (int)order[0]!["partner_invoice_id"]![0]!);
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private async Task<int> LineAsync(string line)
    {
        var order = await _caller.CallAsync("sale.order", "create",
            Json($$"""{"vals_list":[{"partner_id":46,"order_line":[[0,0,{{line}}]]}]}"""));
        return (int)(await _caller.CallAsync("sale.order.line", "search",
            Json($$"""{"domain":[["order_id","=",{{order![0]}}]]}""")))![0]!;
    }

    private Task WriteAsync(int line, string values) =>
        _caller.CallAsync("sale.order.line", "write", Json($$"""{"ids":[{{line}}],"vals":{{values}}}"""));

    private async Task<(decimal Price, decimal Technical)> PricesAsync(int line)
    {
        var read = await _caller.CallAsync("sale.order.line", "read",
            Json($$"""{"ids":[{{line}}],"fields":["price_unit","technical_price_unit"]}"""));
        return ((decimal)read![0]!["price_unit"]!, (decimal)read[0]!["technical_price_unit"]!);
    }
}

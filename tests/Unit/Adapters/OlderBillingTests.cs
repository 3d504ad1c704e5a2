using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>
/// Bills in an Odoo before 17, where a draft can be made a credit note, and no invoice again: one service of two is taken back, one cable is shipped since.
/// And before 16, where no order says whether all of it was shipped.
/// </summary>
public sealed class OlderBillingTests
{
    private const string Order = """{ "order": "S00001" }""";

    [Theory]
    [InlineData(50)] // the wizard makes an invoice of both
    [InlineData(5)] // and here a credit note
    public async Task Credit_is_given_whatever_is_still_to_be_invoiced(decimal cable)
    {
        await using var bench = await StartAsync(cable);

        Assert.Equal(10m, Untaxed(await CallAsync(bench, "credit-note.create", "credit_1"), "creditNotes"));
        Assert.Equal(cable, Untaxed(await CallAsync(bench, "invoice.create", "invoice_2"), "invoices"));
    }

    [Fact]
    public async Task An_invoice_that_the_wizard_would_make_a_credit_note_waits_for_that_and_nothing_is_made()
    {
        await using var bench = await StartAsync(cable: 5);
        var wizards = bench.Odoo.CallsOf("sale.advance.payment.inv", "create");

        var early = await CallAsync(bench, "invoice.create", "invoice_2");

        Assert.Equal((Refused, "more came back than is to be invoiced: that is to be credited first"), (early.Status, early.Detail));
        Assert.Equal(wizards, bench.Odoo.CallsOf("sale.advance.payment.inv", "create"));
        await CallAsync(bench, "credit-note.create", "credit_1");
        Assert.Equal(5m, Untaxed(await CallAsync(bench, "invoice.create", "invoice_3"), "invoices"));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task A_partner_invoiced_by_order_waits_for_all_of_it(int version)
    {
        await using var bench = await OfVersionAsync(version);
        var whole = LogisticsBench.Acme with { Invoicing = Invoicing.Order };
        var order = OdooBench.Order();
        order["lines"]!.AsArray().RemoveAt(1);
        var reference = AssertDone(await bench.CreateAsync(order)).Reference;
        AssertDone(await CallAsync(bench, "order.confirm", "confirm_1", "{}", reference));

        AssertDone(await CallAsync(bench, "shipment.validate", "shipped_1", Shipped("WH/OUT/00001", 2)));
        var early = await CallAsync(bench, "invoice.create", "invoice_1", partner: whole);
        Assert.Equal((Refused, "invoices of this partner are for whole orders, and not all of this one has been shipped"), (early.Status, early.Detail));

        AssertDone(await CallAsync(bench, "shipment.validate", "shipped_2", Shipped("WH/OUT/00002", 1)));
        Assert.Equal(37.5m, Untaxed(await CallAsync(bench, "invoice.create", "invoice_1", partner: whole), "invoices"));
    }

    private static string Shipped(string name, int desks) => $$"""
        { "name": "{{name}}", "state": "done", "context": { "skip_backorder": true },
          "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": {{desks}}, "picked": true } ] }
        """;

    private static Task<OdooBench> OfVersionAsync(int version) => OdooBench.StartAsync(options => options with { Api = OdooApi.Jsonrpc }, new OdooSimulatorOptions { Version = version });

    private static async Task<OdooBench> StartAsync(decimal cable)
    {
        var bench = await OfVersionAsync(16);
        var order = OdooBench.Order();
        order["lines"] = JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $$"""
            [ { "id": "1", "default_code": "SETUP", "product_uom_qty": 2, "unit_code": "C62", "price_unit": 10 },
              { "id": "2", "default_code": "CAB-2M", "product_uom_qty": 1, "unit_code": "C62", "price_unit": {{cable}} } ]
            """));
        var reference = AssertDone(await bench.CreateAsync(order)).Reference;
        AssertDone(await CallAsync(bench, "order.confirm", "confirm_1", "{}", reference));
        Assert.Equal(20m, Untaxed(await CallAsync(bench, "invoice.create", "invoice_1"), "invoices"));
        await TakeBackAsync(bench.Odoo);
        AssertDone(await CallAsync(bench, "shipment.validate", "shipped_1", """
            { "name": "WH/OUT/00001", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "CAB-2M" }, "product_uom": { "name": "Units" }, "quantity": 1, "picked": true } ] }
            """));
        return bench;
    }

    /// <summary>Somebody in Odoo lowers the first line to one.</summary>
    private static Task TakeBackAsync(OdooSimulator odoo) => OlderOdoo.WriteAsync(odoo, "sale.order.line", 1, new JsonObject { ["product_uom_qty"] = 1, ["price_unit"] = 10 });

    private static ValueTask<OperationResult> CallAsync(OdooBench bench, string operation, string externalId, string input = Order, string? reference = null, Partner? partner = null) =>
        bench.Backend.Operations[operation].CallAsync(
            new OperationCall(OdooBench.Json(input), partner ?? LogisticsBench.Acme) { ExternalId = externalId, Reference = reference }, TestContext.Current.CancellationToken);

    private static OperationResult AssertDone(OperationResult result)
    {
        Assert.True(result.Status == Done, $"{result.Status}: {result.Reason ?? result.Detail}");
        return result;
    }

    private static decimal Untaxed(OperationResult bill, string name) =>
        Assert.Single(OdooBench.Json(AssertDone(bill).Record).GetProperty(name).EnumerateArray()).GetProperty("amount_untaxed").GetDecimal();
}

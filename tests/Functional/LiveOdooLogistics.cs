using System.Text.Json;
using Gateway.Tests.Functional.Support;
using Xunit;
using static Gateway.Tests.Functional.Support.LiveOdoo;

namespace Gateway.Tests.Functional;

/// <summary>
/// The way of goods against a real Odoo 19: shipped in part, invoiced, returned, received, credited. Wants what <see cref="LiveOdoo"/> says; the
/// product must be invoiced by what was delivered, and 3 of it must be in stock. It leaves an order with all that belongs to it behind.
/// </summary>
public sealed class LiveOdooLogistics
{
    [Fact]
    public async Task From_the_shipment_to_the_credit_note()
    {
        await using var odoo = Open();
        var run = Guid.NewGuid().ToString("N");
        ValueTask<OperationResult> CallAsync(string operation, string input, string? externalId = null) => odoo.CallAsync(operation, input, externalId);
        async Task<JsonElement> DoneAsync(string operation, string input, string? externalId = null, string? reference = null) =>
            (await odoo.DoneAsync(operation, input, externalId, reference)).Record;

        var (made, _) = await odoo.DoneAsync("order.create", Order(run), $"so_{run}");
        await odoo.DoneAsync("order.confirm", "{}", $"int_{run}", made.Reference);
        var planned = Only(await DoneAsync("shipment.read", "{}", reference: made.Reference), "shipments");
        var (delivery, order) = (planned.GetProperty("name").GetString()!, planned.GetProperty("sale_id").GetProperty("name").GetString()!);

        // More than was ordered does not leave; two of three do, once; what is left waits.
        Assert.Equal(OperationStatus.Refused, (await CallAsync("shipment.validate", Shipped(delivery, 4))).Status);
        var shipped = await DoneAsync("shipment.validate", Shipped(delivery, 2));
        Assert.Equal("done", shipped.GetProperty("state").GetString());
        Assert.Single(shipped.GetProperty("backorder_ids").EnumerateArray());
        Assert.Equal(OperationStatus.Done, (await CallAsync("shipment.validate", Shipped(delivery, 2))).Status);
        Assert.Equal(OperationStatus.Refused, (await CallAsync("shipment.validate", Shipped(delivery, 1))).Status);

        var billed = $$"""{ "order": "{{order}}" }""";
        var parallel = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CallAsync("invoice.create", billed, $"invoice_{run}").AsTask()));
        Assert.Single(parallel.Select(result => (result.Status, result.Reference)).Distinct());
        var invoice = Only(await DoneAsync("invoice.create", billed, $"invoice_{run}"), "invoices");
        Assert.Equal(("posted", 25m), (invoice.GetProperty("state").GetString(), invoice.GetProperty("amount_untaxed").GetDecimal()));
        Assert.Equal(OperationStatus.Refused, (await CallAsync("invoice.create", billed, $"invoice_{run[..31]}")).Status);

        // Three of two do not come back; one does, once, and is received once.
        Assert.Equal(OperationStatus.Refused, (await CallAsync("return.create", Back(delivery, "RMA", 3), $"return_{run[..31]}")).Status);
        var back = await DoneAsync("return.create", Back(delivery, "RMA", 1), $"return_{run}");
        Assert.Equal(back.GetProperty("id").GetInt32(), (await DoneAsync("return.create", Back(delivery, "RMA", 1), $"return_{run}")).GetProperty("id").GetInt32());
        var receipt = back.GetProperty("name").GetString()!;
        Assert.Equal("done", (await DoneAsync("return.receive", Back(delivery, receipt, 1, received: true))).GetProperty("state").GetString());

        var credit = Only(await DoneAsync("credit-note.create", billed, $"credit_{run}"), "creditNotes");
        Assert.Equal(("posted", 12.5m), (credit.GetProperty("state").GetString(), credit.GetProperty("amount_untaxed").GetDecimal()));
        Assert.Equal(invoice.GetProperty("name").GetString(), Assert.Single(credit.GetProperty("credited_move_ids").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(OperationStatus.Refused, (await CallAsync("credit-note.create", billed, $"credit_{run[..31]}")).Status);
        Assert.Equal("25.00", (await DoneAsync("payment.status", $$"""{ "id": {{invoice.GetProperty("id").GetInt32()}} }""")).GetProperty("amount_total").GetString());
    }

    private static string Shipped(string delivery, int quantity) => $$"""{ "name": "{{delivery}}", "carrier_tracking_ref": "1Z999AA10123456784", {{Moved(quantity)}} }""";

    private static string Back(string delivery, string name, int quantity, bool received = false)
    {
        return $$"""
            { "name": "{{name}}", "picking_id": { "name": "{{delivery}}" }, "picking": { {{(received ? Moved(quantity) : "")}} },
              "product_return_moves": [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "uom_id": { "name": "{{Unit}}" }, "quantity": {{quantity}}, "to_refund": true }] }
            """;
    }

    private static JsonElement Only(JsonElement record, string name) => Assert.Single(record.GetProperty(name).EnumerateArray());
}

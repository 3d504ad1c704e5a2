using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Adapters.Odoo;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>
/// The way of goods against a real Odoo 19: shipped in part, invoiced, returned, received, credited. Set what <see cref="LiveOdooOrder"/> wants; the
/// product must be invoiced by what was delivered, and 3 of it must be in stock. ODOO_UNIT is the unit's name there (Units). It leaves an order with
/// all that belongs to it behind.
/// </summary>
public sealed class LiveOdooLogistics
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_shipment_to_the_credit_note()
    {
        var acme = new Partner("acme", "Acme") { Buyers = [Setting("BUYER")] };
        await using var odoo = Open();
        var run = Guid.NewGuid().ToString("N");
        ValueTask<OperationResult> CallAsync(string operation, string input, string? externalId = null, string? reference = null) => odoo.Operations[operation].CallAsync(
            new OperationCall(JsonSerializer.Deserialize<JsonElement>(input), acme) { ExternalId = externalId, Reference = reference }, Cancellation);
        async Task<JsonElement> DoneAsync(string operation, string input, string? externalId = null, string? reference = null)
        {
            var result = await CallAsync(operation, input, externalId, reference);
            Assert.True(result.Status == OperationStatus.Done, $"{operation}: {result.Status} {result.Reason ?? result.Detail}");
            return JsonSerializer.Deserialize<JsonElement>(result.Record.Span);
        }

        var made = await CallAsync("order.create", $$"""
            { "client_order_ref": "GW-{{run}}", "buyer": "{{Setting("BUYER")}}", "currency": "{{Currency}}",
              "lines": [{ "default_code": "{{Setting("SKU")}}", "product_uom_qty": 3, "unit_code": "C62", "price_unit": "12.50" }] }
            """, $"so_{run}");
        Assert.Equal(OperationStatus.Done, made.Status);
        await ConfirmAsync(made.Reference!);
        var planned = Only(await DoneAsync("shipment.read", "{}", reference: made.Reference), "shipments");
        var (delivery, order) = (planned.GetProperty("name").GetString()!, planned.GetProperty("sale_id").GetProperty("name").GetString()!);

        // More than was ordered does not leave; two of three do, once; what is left waits.
        Assert.Equal(OperationStatus.Refused, (await CallAsync("shipment.validate", Moved(delivery, 4))).Status);
        var shipped = await DoneAsync("shipment.validate", Moved(delivery, 2));
        Assert.Equal("done", shipped.GetProperty("state").GetString());
        Assert.Single(shipped.GetProperty("backorder_ids").EnumerateArray());
        Assert.Equal(OperationStatus.Done, (await CallAsync("shipment.validate", Moved(delivery, 2))).Status);
        Assert.Equal(OperationStatus.Refused, (await CallAsync("shipment.validate", Moved(delivery, 1))).Status);

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

    private static string Unit => Environment.GetEnvironmentVariable("ODOO_UNIT") ?? "Units";

    private static string Currency => Environment.GetEnvironmentVariable("ODOO_CURRENCY") ?? "EUR";

    private static string Moved(string delivery, int quantity) => $$"""
        { "name": "{{delivery}}", "state": "done", "context": { "skip_backorder": true }, "carrier_tracking_ref": "1Z999AA10123456784",
          "move_ids": [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "product_uom": { "name": "{{Unit}}" }, "quantity": {{quantity}}, "picked": true }] }
        """;

    private static string Back(string delivery, string name, int quantity, bool received = false)
    {
        var booked = $$"""
            "state": "done", "context": { "skip_backorder": true },
            "move_ids": [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "product_uom": { "name": "{{Unit}}" }, "quantity": {{quantity}}, "picked": true }]
            """;
        return $$"""
            { "name": "{{name}}", "picking_id": { "name": "{{delivery}}" }, "picking": { {{(received ? booked : "")}} },
              "product_return_moves": [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "uom_id": { "name": "{{Unit}}" }, "quantity": {{quantity}}, "to_refund": true }] }
            """;
    }

    private static JsonElement Only(JsonElement record, string name) => Assert.Single(record.GetProperty(name).EnumerateArray());

    private static async Task ConfirmAsync(string order)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Setting("URL")) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", Setting("KEY"));
        http.DefaultRequestHeaders.Add("X-Odoo-Database", Setting("DB"));
        using var answer = await http.PostAsJsonAsync("/json/2/sale.order/action_confirm", new { ids = new[] { int.Parse(order, System.Globalization.CultureInfo.InvariantCulture) } }, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static Backend Open() => new OdooAdapter(NullLoggerFactory.Instance, Outside.World).Open("odoo", new OdooOptions
    {
        Adapter = "odoo",
        Url = new Uri(Setting("URL")),
        Database = Setting("DB"),
        Credential = new CredentialOptions { Key = new Secret("secret://env/ODOO_KEY", Setting("KEY")) },
        Timeout = TimeSpan.FromSeconds(60),
    }, TimeProvider.System);

    private static string Setting(string name)
    {
        var value = Environment.GetEnvironmentVariable("ODOO_" + name);
        if (string.IsNullOrEmpty(value))
            Assert.Skip($"needs a real Odoo: ODOO_{name} is not set");
        return value;
    }
}

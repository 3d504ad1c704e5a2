using System.Text.Json;
using Gateway.Simulators;
using Xunit;
using static Gateway.OperationStatus;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Invoices and credit notes in Odoo: of what was shipped and came back, once, posted and linked.</summary>
public sealed class BillingTests
{
    private const string Order = """{ "order": "S00001" }""";
    private const string Wizard = "sale.advance.payment.inv/create_invoices";

    [Fact]
    public async Task An_invoice_is_of_what_was_shipped_and_is_posted()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync(desks: 2, lamps: 2);

        var invoice = Only(await bench.DoneAsync("invoice.create", Order, "invoice_1"), "invoices");

        Assert.Equal(("posted", "out_invoice"), (invoice.GetProperty("state").GetString(), invoice.GetProperty("move_type").GetString()));
        Assert.StartsWith("INV/", invoice.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.Equal(39.5m, invoice.GetProperty("amount_untaxed").GetDecimal());
        Assert.Equal("S00001", Assert.Single(invoice.GetProperty("sale_order_ids").EnumerateArray()).GetProperty("name").GetString());
    }

    /// <summary>Installation is billed when it is ordered, so nothing of it has to be shipped before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_has_been_invoiced_is_not_cancelled(bool shipped)
    {
        await using var bench = await StartAsync();
        var id = 1;
        if (shipped) await bench.ShipAsync();
        else
        {
            var made = await bench.CallAsync("order.create", """{ "client_order_ref": "PO-2", "buyer": "ACME-DE", "currency": "EUR", "lines": [ { "default_code": "SETUP", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "90" } ] }""", "order_2");
            id = int.Parse(made.Reference!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(Done, (await bench.CallAsync("order.confirm", "{}", "confirm_2", made.Reference)).Status);
        }
        await bench.DoneAsync("invoice.create", $$"""{ "order": "S0000{{id}}" }""", "invoice_1");

        var result = await bench.CallAsync("order.cancel", "{}", "cancel_1", $"{id}");

        Assert.Equal((Refused, shipped ? "Goods of this order have been shipped, so it can't be cancelled any more. What was shipped can be returned." : "This order has been invoiced, so it can't be cancelled any more."), (result.Status, result.Detail));
        Assert.Equal(0, bench.Odoo.CallsOf("sale.order", "action_cancel"));
    }

    [Fact]
    public async Task The_rest_has_an_invoice_of_its_own()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync(desks: 2, lamps: 2);
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal(Refused, (await bench.CallAsync("invoice.create", Order, "invoice_2")).Status);

        await bench.DoneAsync("shipment.validate", """
            { "name": "WH/OUT/00002", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": 1, "picked": true } ] }
            """);
        Assert.Equal(12.5m, Only(await bench.DoneAsync("invoice.create", Order, "invoice_2"), "invoices").GetProperty("amount_untaxed").GetDecimal());
        Assert.Equal(2, (await bench.DoneAsync("invoice.read", "{}", reference: "1")).GetProperty("invoices").GetArrayLength());
    }

    [Fact]
    public async Task Nothing_left_to_invoice_is_refused_in_words_of_ours()
    {
        await using var bench = await StartAsync();

        var result = await bench.CallAsync("invoice.create", Order, "invoice_1");

        Assert.Equal((Refused, "there is nothing to invoice"), (result.Status, result.Detail));
        Assert.Equal(0, bench.Odoo.CallsOf("sale.advance.payment.inv", "create"));
    }

    [Fact]
    public async Task The_same_invoice_again_is_the_one_that_there_is()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var first = await bench.CallAsync("invoice.create", Order, "invoice_1");

        var again = await bench.CallAsync("invoice.create", Order, "invoice_1");

        Assert.Equal((Done, first.Reference), (again.Status, again.Reference));
        Assert.Equal(Done, (await bench.ReadBackAsync("invoice.create", Order, "invoice_1")).Status);
        Assert.Single(await bench.RowsAsync("account.move", "name"));
    }

    [Fact]
    public async Task Four_at_once_make_one_invoice()
    {
        await using var bench = await StartAsync(simulator: new OdooSimulatorOptions { TransactionTime = TimeSpan.FromMilliseconds(10) });
        await bench.ShipAsync();

        var results = await Task.WhenAll(Enumerable.Range(1, 4).Select(n => bench.CallAsync("invoice.create", Order, $"invoice_{n % 2}").AsTask()));

        Assert.Equal(2, results.Count(result => result.Status == Done));
        Assert.Equal(2, results.Count(result => result.Status == Refused));
        Assert.Single(await bench.RowsAsync("account.move", "name"));
    }

    [Theory]
    [InlineData(Wizard, ChaosMode.DropAfterWork)]
    [InlineData(Wizard, ChaosMode.DropBefore)]
    [InlineData(Wizard, ChaosMode.ErrorAfterWork)]
    [InlineData("account.move/write", ChaosMode.DropAfterWork)]
    [InlineData("account.move/write", ChaosMode.DropBefore)]
    [InlineData("account.move/action_post", ChaosMode.DropAfterWork)]
    [InlineData("account.move/action_post", ChaosMode.DropBefore)]
    public async Task Wherever_it_is_cut_off_one_posted_invoice_comes_of_it(string path, ChaosMode mode)
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(mode) { Path = path, Count = 1, Status = 502 });

        Assert.Equal(Unknown, (await bench.CallAsync("invoice.create", Order, "invoice_1")).Status);
        var found = await bench.ReadBackAsync("invoice.create", Order, "invoice_1");
        if (found.Status == NotFound)
            found = await bench.CallAsync("invoice.create", Order, "invoice_1", resumes: true);

        Assert.Equal(Done, found.Status);
        Assert.Equal("posted", Assert.Single(await bench.RowsAsync("account.move", "state"))!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_wizard_that_never_got_to_work_is_nothing_done()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = "sale.advance.payment.inv/create", Count = 1 });

        Assert.Equal(NotSent, (await bench.CallAsync("invoice.create", Order, "invoice_1")).Status);
        Assert.Empty(await bench.RowsAsync("account.move", "name"));
    }

    [Fact]
    public async Task Invoices_stand_in_the_journal_of_the_company_and_an_unknown_one_is_told_before_anything_is_made()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();

        var wrong = await bench.CallAsync("invoice.create", Order, "invoice_1", partner: Acme with { Companies = [new Company("main", 1) { Journal = "NOPE" }] });
        Assert.Equal(NotSent, wrong.Status);
        Assert.Contains("NOPE", wrong.Reason, StringComparison.Ordinal);
        Assert.Empty(await bench.RowsAsync("account.move", "name"));

        Assert.Equal(Done, (await bench.CallAsync("invoice.create", Order, "invoice_1", partner: Acme with { Companies = [new Company("main", 1) { Journal = "PART" }] })).Status);
        Assert.Equal(9, Assert.Single(await bench.RowsAsync("account.move", "journal_id"))!["journal_id"]![0]!.GetValue<int>());
    }

    [Fact]
    public async Task A_partner_invoiced_by_order_waits_for_all_of_it()
    {
        await using var bench = await StartAsync();
        var whole = Acme with { Invoicing = Invoicing.Order };
        await bench.ShipAsync(desks: 2);
        Assert.Equal(Refused, (await bench.CallAsync("invoice.create", Order, "invoice_1", partner: whole)).Status);

        await bench.DoneAsync("shipment.validate", """
            { "name": "WH/OUT/00002", "state": "done", "context": { "skip_backorder": true },
              "move_ids": [ { "product_id": { "default_code": "DESK0005" }, "product_uom": { "name": "Units" }, "quantity": 1, "picked": true } ] }
            """);
        Assert.Equal(Done, (await bench.CallAsync("invoice.create", Order, "invoice_1", partner: whole)).Status);
    }

    [Fact]
    public async Task A_partner_invoiced_by_month_has_one_invoice_for_all_orders_of_the_month()
    {
        await using var bench = await StartAsync();
        var monthly = Acme with { Invoicing = Invoicing.Month };
        var month = $$"""{ "month": "{{DateTime.UtcNow:yyyy-MM}}", "buyer": "ACME-DE" }""";
        await bench.OrderAsync("PO-2");
        await bench.ShipAsync();
        await bench.ShipAsync(name: "WH/OUT/00002");

        Assert.Equal(Refused, (await bench.CallAsync("invoice.create", Order, "invoice_1", partner: monthly)).Status);
        Assert.Equal(Refused, (await bench.CallAsync("invoice.create", month, "invoice_1")).Status);
        Assert.Equal(Refused, (await bench.CallAsync("invoice.create", """{ "month": "2020-01", "buyer": "ACME-DE" }""", "invoice_1", partner: monthly)).Status);
        var made = await bench.CallAsync("invoice.create", month, "invoice_1", partner: monthly);

        Assert.Equal(Done, made.Status);
        var invoice = Only(OdooBench.Json(made.Record), "invoices");
        Assert.Equal(104m, invoice.GetProperty("amount_untaxed").GetDecimal());
        Assert.Equal(["S00001", "S00002"], invoice.GetProperty("sale_order_ids").EnumerateArray().Select(order => order.GetProperty("name").GetString()));
        Assert.Equal(made.Reference, (await bench.CallAsync("invoice.create", month, "invoice_1", partner: monthly)).Reference);
    }

    [Fact]
    public async Task A_month_that_was_cut_off_after_the_wizard_is_taken_up()
    {
        await using var bench = await StartAsync();
        var monthly = Acme with { Invoicing = Invoicing.Month };
        var month = $$"""{ "month": "{{DateTime.UtcNow:yyyy-MM}}", "buyer": "ACME-DE" }""";
        await bench.ShipAsync();
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Wizard, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("invoice.create", month, "invoice_1", partner: monthly)).Status);
        Assert.Equal(Done, (await bench.CallAsync("invoice.create", month, "invoice_1", partner: monthly, resumes: true)).Status);
        Assert.Single(await bench.RowsAsync("account.move", "name"));
    }

    [Fact]
    public async Task A_credit_note_is_of_just_what_came_back_and_is_linked_to_its_invoice()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var invoice = Only(await bench.DoneAsync("invoice.create", Order, "invoice_1"), "invoices");
        Assert.Equal((Refused, "there is nothing to credit"), await StatusAsync(bench));
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");
        await bench.DoneAsync("return.receive", Received(desks: 1));

        var credit = Only(await bench.DoneAsync("credit-note.create", Order, "credit_1"), "creditNotes");

        Assert.Equal(("posted", 12.5m), (credit.GetProperty("state").GetString(), credit.GetProperty("amount_total").GetDecimal()));
        Assert.False(credit.GetProperty("reversed_entry_id").GetBoolean());
        Assert.Equal(invoice.GetProperty("name").GetString(), Assert.Single(credit.GetProperty("credited_move_ids").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal((Refused, "there is nothing to credit"), await StatusAsync(bench));
        var read = Only(await bench.DoneAsync("credit-note.read", "{}", reference: "1"), "creditNotes");
        Assert.Single(read.GetProperty("credited_move_ids").EnumerateArray());

        static async Task<(OperationStatus, string)> StatusAsync(LogisticsBench bench)
        {
            var result = await bench.CallAsync("credit-note.create", Order, "credit_2");
            return (result.Status, result.Detail);
        }
    }

    [Fact]
    public async Task A_credit_note_that_was_cut_off_is_taken_up_with_its_link()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        await bench.DoneAsync("return.create", Back(desks: 1), "return_1");
        await bench.DoneAsync("return.receive", Received(desks: 1));
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Path = Wizard, Count = 1 });

        Assert.Equal(Unknown, (await bench.CallAsync("credit-note.create", Order, "credit_1")).Status);
        Assert.Equal(NotFound, (await bench.ReadBackAsync("credit-note.create", Order, "credit_1")).Status);
        var resumed = await bench.CallAsync("credit-note.create", Order, "credit_1", resumes: true);

        Assert.Single(Only(OdooBench.Json(resumed.Record), "creditNotes").GetProperty("credited_move_ids").EnumerateArray());
        Assert.Equal(2, (await bench.RowsAsync("account.move", "name")).Count);
    }

    [Fact]
    public async Task An_order_of_another_partner_is_not_there()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var globex = Acme with { Buyers = ["GLOBEX-DE"] };

        Assert.Equal((Refused, Refused), ((await bench.CallAsync("invoice.create", Order, "i_1", partner: globex)).Status, (await bench.CallAsync("credit-note.create", Order, "c_1", partner: globex)).Status));
        await bench.DoneAsync("invoice.create", Order, "invoice_1");
        Assert.Equal(NotFound, (await bench.CallAsync("payment.status", """{ "id": 1 }""", partner: globex)).Status);
        Assert.Equal(Refused, (await bench.CallAsync("invoice.post", """{ "id": 1 }""", partner: globex)).Status);
    }

    [Fact]
    public async Task A_draft_is_no_invoice_until_it_is_posted_once()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        var wizard = (await bench.Raw.CallAsync("sale.advance.payment.inv", "create", Json("""{ "vals_list": [{ "advance_payment_method": "delivered" }], "context": { "active_ids": [1] } }""")))!.AsArray()[0]!.GetValue<int>();
        await bench.Raw.CallAsync("sale.advance.payment.inv", "create_invoices", Json($$"""{ "ids": [{{wizard}}] }"""));
        Assert.Equal(0, (await bench.DoneAsync("invoice.read", "{}", reference: "1")).GetProperty("invoices").GetArrayLength());

        Assert.Equal(NotFound, (await bench.ReadBackAsync("invoice.post", """{ "id": 1 }""")).Status);
        Assert.Equal("posted", Only(await bench.DoneAsync("invoice.post", """{ "id": 1 }"""), "invoices").GetProperty("state").GetString());
        Assert.Equal(Done, (await bench.CallAsync("invoice.post", """{ "id": 1 }""")).Status);
        Assert.Equal(1, bench.Odoo.CallsOf("account.move", "action_post"));
        Assert.Equal(Done, (await bench.ReadBackAsync("invoice.post", """{ "id": 1 }""")).Status);
    }

    [Fact]
    public async Task What_is_still_to_be_paid_is_text_with_the_decimals_of_its_currency()
    {
        await using var bench = await StartAsync();
        await bench.ShipAsync();
        await bench.DoneAsync("invoice.create", Order, "invoice_1");

        var status = await bench.DoneAsync("payment.status", """{ "id": 1 }""");

        Assert.Equal(("not_paid", "52.00", "52.00", "EUR"), (status.GetProperty("payment_state").GetString(), status.GetProperty("amount_total").GetString(),
            status.GetProperty("amount_residual").GetString(), status.GetProperty("currency").GetString()));
    }

    private static System.Text.Json.Nodes.JsonObject Json(string json) => System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();

    private static JsonElement Only(JsonElement record, string name) => Assert.Single(record.GetProperty(name).EnumerateArray());
}

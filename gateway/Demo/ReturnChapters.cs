namespace Gateway.Demo;

/// <summary>What left is invoiced; some of it comes back, and just that is credited.</summary>
/// <param name="order">Path of the order, of which five desks at 12.50 have left.</param>
/// <param name="shipment">Number of the shipment that three of them left with.</param>
internal sealed class ReturnChapters(Demonstration demo, Teller teller, string order, string shipment, CancellationToken cancellation)
{
    private const string Ours = Demonstration.FulfilmentKey;
    private const string Returns = "/v1/returns";

    public async Task PlayAsync()
    {
        await InvoiceAsync();
        await ReturnAsync();
        await CreditAsync();
    }

    private async Task InvoiceAsync()
    {
        teller.Chapter("What left is invoiced");
        var issued = await teller.SendAsync("Our desk invoices", 200, "POST", $"{order}/invoices", "{}", "i-4750", Ours);
        await ToldAsync("Our desk invoices", "invoice.issued.v1", issued.Member("invoices", "0", "id"));
        await teller.SendAsync("Nothing is invoiced twice", 422, "POST", $"{order}/invoices", "{}", "i-4751", Ours);
        var invoices = await teller.SendAsync("The partner reads its invoice", 200, "GET", $"{order}/invoices");
        teller.Expect("The invoice", invoices.Member("invoices", "0", "legalMonetaryTotal", "taxExclusiveAmount") == "62.50", "five desks for 62.50");
    }

    private async Task ReturnAsync()
    {
        teller.Chapter("Two desks come back");
        await teller.SendAsync("More than was sent does not come back", 422, "POST", Returns, SampleDespatch.Return("RET-1", shipment, 4), "r-1");
        var announced = await teller.SendAsync("The partner announces two", 201, "POST", Returns, SampleDespatch.Return("RET-2", shipment, 2), "r-2");
        teller.Expect("The partner announces two", announced.Member("returnStatusCode") == "approved", "an approved return");
        await ToldAsync("The partner announces two", "return.announced.v1", "RET-2");
        await teller.SendAsync("Nothing is credited before it is here", 422, "POST", $"{order}/credit-notes", "{}", "c-1", Ours);
        var path = $"{Returns}/{announced.Member("id")}";
        var received = await teller.SendAsync("Our warehouse receives them", 200, "POST", path + "/receipt", SampleDespatch.Received(announced.Member("receiptId"), shipment, 2), "r-3", Ours);
        teller.Expect("Our warehouse receives them", received.Member("returnStatusCode") == "received" && received.Number("returnLines", "0", "receivedQuantity") == 2, "two received");
        await ToldAsync("Our warehouse receives them", "return.received.v1", announced.Member("receiptId"));
    }

    private async Task CreditAsync()
    {
        teller.Chapter("Just what came back is credited");
        var issued = await teller.SendAsync("Our desk credits", 200, "POST", $"{order}/credit-notes", "{}", "c-2", Ours);
        await ToldAsync("Our desk credits", "credit-note.issued.v1", issued.Member("creditNotes", "0", "id"));
        await teller.SendAsync("Nothing is credited twice", 422, "POST", $"{order}/credit-notes", "{}", "c-3", Ours);
        var invoice = await teller.SendAsync("The invoice stays as it is", 200, "GET", $"{order}/invoices");
        var notes = await teller.SendAsync("The partner reads its credit note", 200, "GET", $"{order}/credit-notes");
        teller.Expect("The credit note", notes.Number("creditNotes", "0", "creditNoteLines", "0", "creditedQuantity") == 2, "two desks");
        teller.Expect("The credit note", notes.Member("creditNotes", "0", "legalMonetaryTotal", "taxExclusiveAmount") == "25.00", "25.00, at the price they were sold for");
        teller.Expect("The credit note", notes.Member("creditNotes", "0", "billingReferences", "0", "documentId") == invoice.Member("invoices", "0", "id"), "the invoice that it is for");
        teller.Expect("The credit note", notes.Member("creditNotes", "1") == "", "no other");
    }

    private Task ToldAsync(string title, string type, params string[] words) => teller.WebhookAsync(title, demo.Simulators.Partner, type, cancellation, words);
}

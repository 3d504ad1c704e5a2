using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>
/// Orders on their whole way: confirmed, shipped in two parts, invoiced once, some of it announced to come back and received, and credited for just what came
/// back. Every step is one that must not happen twice, however often it is asked for.
/// </summary>
/// <param name="shop">The partner's program.</param>
/// <param name="desk">Our own people, who work on what is the partner's.</param>
internal sealed class WholeOrders(Asking shop, Asking desk, string partner, ConcurrentQueue<ExpectedOrder> orders, Complaints complaints)
{
    public const int Ordered = 6;

    /// <summary>Leave first; the others follow, where they do.</summary>
    public const int First = 4;

    public const int Back = 1;

    /// <summary>What happened to each.</summary>
    public ConcurrentQueue<WholeOrder> Walked { get; } = new();

    /// <summary>One after the other, until it is told to stop; the last one is brought to its end.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await WalkAsync($"{partner}-whole-{number}", allLeaves: number % 2 == 0);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    /// <param name="allLeaves">Whether the rest follows too; else it still waits in the end.</param>
    public async Task WalkAsync(string reference, bool allLeaves)
    {
        var order = new ExpectedOrder(partner, reference) { Lines = new Dictionary<string, int> { ["3"] = Ordered }, IsThere = true };
        orders.Enqueue(order);
        order.Id = (await DoneAsync(shop, "/v1/orders", ExpectedOrder.Json(partner, reference, order.Lines), "k-" + reference)).Text("id");
        await DoneAsync(desk, $"/v1/orders/{order.Id}/confirmation", "{}", "wc-" + reference);

        var shipment = await ShipAsync(order, First, Ordered - First);
        if (allLeaves) await ShipAsync(order, Ordered - First, later: 0);
        await BillAsync(order, "invoices", "wi-");
        var receipt = await ReturnAsync(reference, shipment);
        await BillAsync(order, "credit-notes", "wn-");
        Walked.Enqueue(new WholeOrder(order, shipment, receipt, allLeaves));
        order.Walk = allLeaves ? Walk.Whole : Walk.InPart;
    }

    /// <summary>What is ready leaves in part. Returns the shipment's number.</summary>
    private async Task<string> ShipAsync(ExpectedOrder order, int leaves, int later)
    {
        var shipments = (await shop.UntilKnownAsync("GET", $"/v1/orders/{order.Id}/shipments")).Json["shipments"]!.AsArray();
        var ready = Assert.Single(shipments, s => (string?)s!["shipmentStatusCode"] == "ready")!;
        var (id, line) = ((string)ready["id"]!, (string)ready["despatchLines"]![0]!["id"]!);
        var backorder = later == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", \"backorderQuantity\": {later}");
        var booked = await DoneAsync(desk, $"/v1/orders/{order.Id}/shipments", $$"""
            { "id": "{{id}}", "shipmentStatusCode": "shipped", "trackingId": "TRK-{{order.Reference}}-{{later}}",
              "despatchLines": [{ "id": "{{line}}", "unitCode": "C62", "item": { "sellersItemIdentification": "FURN_8888" }, "deliveredQuantity": {{leaves}}{{backorder}} }] }
            """, $"ws-{order.Reference}-{later}");
        if ((decimal)booked.Json["despatchLines"]![0]!["deliveredQuantity"]! != leaves) complaints.Add($"{order.Reference}: {leaves} left, and it is booked as {booked.Body}");
        return id;
    }

    /// <summary>Announced by the partner, received by us. Returns the number of the receipt.</summary>
    private async Task<string> ReturnAsync(string reference, string shipment)
    {
        var lines = $$"""[{ "id": "1", "quantity": {{Back}}, "unitCode": "C62", "item": { "sellersItemIdentification": "FURN_8888" }, "returnReasonCode": "defective" }]""";
        var announced = await DoneAsync(shop, "/v1/returns", $$"""{ "customerReference": "R-{{reference}}", "shipmentId": "{{shipment}}", "returnLines": {{lines}} }""", "wr-" + reference);
        var receipt = announced.Text("receiptId");
        var received = await DoneAsync(desk, $"/v1/returns/{announced.Text("id")}/receipt", $$"""
            { "id": "{{receipt}}", "receiptId": "{{receipt}}", "returnStatusCode": "received", "shipmentId": "{{shipment}}",
              "returnLines": [{ "id": "1", "quantity": {{Back}}, "receivedQuantity": {{Back}}, "unitCode": "C62", "item": { "sellersItemIdentification": "FURN_8888" } }] }
            """, "wx-" + reference);
        if (received.Text("returnStatusCode") != "received") complaints.Add($"{reference}: a receipt was answered {received.Body}");
        return receipt;
    }

    /// <summary>Billed once; whoever wants it again under another key is told that there is nothing left to bill.</summary>
    private async Task BillAsync(ExpectedOrder order, string kind, string key)
    {
        var path = $"/v1/orders/{order.Id}/{kind}";
        await DoneAsync(desk, path, "{}", key + order.Reference);
        var again = await desk.UntilKnownAsync("POST", path, "{}", $"{key}{order.Reference}-again");
        if (again.Status != 422) complaints.Add($"{order.Reference}: {kind} twice: {again.Status} {again.Body}");
    }

    private static async Task<Answered> DoneAsync(Asking who, string path, string body, string key)
    {
        var answer = await who.UntilKnownAsync("POST", path, body, key);
        Assert.True(answer.Status is 200 or 201, $"{path} [{key}]: {answer.Status} {answer.Body}");
        return answer;
    }
}

/// <summary>An order that has gone its whole way.</summary>
/// <param name="Shipment">Number of the shipment that some of it came back of.</param>
/// <param name="Receipt">Number of the transfer that brought it back.</param>
/// <param name="AllLeft">Whether what was to come later has left too.</param>
internal sealed record WholeOrder(ExpectedOrder Order, string Shipment, string Receipt, bool AllLeft);

using System.Text;
using System.Text.Json.Nodes;
using Gateway.Pipeline;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>A partner for whom no flow runs finds its events by each number that stands on its papers, as the workspace's own catalogue says where that is in their data.</summary>
public sealed class EventNumbersTests
{
    private const string Routes = """
        apis:
          events:
            owner: us
            routes:
              events.read:
                match: GET /v1/events
                policies: [callers, contract: { query: events/query@1, response: events/batch@1 }]
                target: { call: gateway/events }
              orders.create:
                match: POST /v1/orders
                policies: [callers, contract: { request: order@1 }, idempotency: { key: [buyerParty.id, customerReference] }, transform: { request: odoo/order.to }]
                target: { call: odoo/order.create, creates: order, emits: order.accepted.v1 }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_number_that_an_event_carries_finds_it_and_another_partners_does_not()
    {
        var catalogue = Directory.EnumerateFiles(Path.Combine(Repository.Root, "events")).Where(file => Path.GetFileName(file) != "backends.yaml").Select(file => new CaseWorkspaceFile { Path = "events/" + Path.GetFileName(file), Content = File.ReadAllText(file) });
        await using var world = await KindWorld.StartAsync([.. catalogue, new CaseWorkspaceFile { Path = "routes/events.yaml", Content = Routes }]);
        var made = await world.SendAsync(new CaseRequest
        {
            Method = "POST",
            Path = "/v1/orders",
            Body = """{"customerReference":"PO-4711","documentCurrencyCode":"EUR","buyerParty":{"id":"ACME-DE"},"orderLines":[{"id":"1","quantity":3,"unitCode":"C62","item":{"sellersItemIdentification":"DESK0005"},"price":{"priceAmount":"12.50"}}]}""",
            Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop", ["Idempotency-Key"] = "\"k-1\"" },
        }, Cancellation);
        Assert.True(made.Status == 201, made.Body);
        foreach (var (type, data) in ((string, string)[])
        [
            ("order.received.v1", """{"id":"ord_2","customerReference":"PO-4712"}"""),
            ("order.rejected.v1", """{"id":"ord_2","customerReference":"PO-4712"}"""),
            ("order.changed.v1", """{"id":"ord_1","customerReference":"PO-4711","salesOrderId":"S00080"}"""),
            ("order.confirmed.v1", """{"id":"ord_1","customerReference":"PO-4711","salesOrderId":"S00080"}"""),
            ("order.cancelled.v1", """{"id":"ord_1","customerReference":"PO-4711","salesOrderId":"S00080"}"""),
            ("shipment.booked.v1", """{"id":"WH/OUT/00047","warehouseOrderId":"WO-1","orderReference":{"id":"ord_1","customerReference":"PO-4711","salesOrderId":"S00079"},"trackingId":"TRK-2001","transportHandlingUnits":[{"trackingId":"TRK-2002"},{"trackingId":"TRK-2003"}]}"""),
            ("parcel.moved.v1", """{"trackingId":"TRK-2001","shipmentId":"WH/OUT/00047"}"""),
            ("return.announced.v1", """{"id":"ret_1","receiptId":"WH/IN/00007","customerReference":"RMA-1","shipmentId":"WH/OUT/00047","trackingId":"TRK-3001"}"""),
            ("return.received.v1", """{"id":"WH/IN/00007","orderReference":{"salesOrderId":"S00079"}}"""),
            ("invoice.issued.v1", """{"id":"ord_1","salesOrderId":"S00079","invoiceIds":["INV/2026/00001","INV/2026/00002"]}"""),
            ("credit-note.issued.v1", """{"id":"ord_1","returnId":"ret_1","creditNoteIds":["RINV/2026/00001"]}"""),
        ])
            await AppendAsync(world, "acme", type, data);
        await AppendAsync(world, "globex", "invoice.issued.v1", """{"id":"ord_9","salesOrderId":"S00079","invoiceIds":["INV/2026/00001"]}""");

        var salesOrder = (string)JsonNode.Parse(await FindAsync(world, "PO-4711"))![0]!["data"]!["salesOrderId"]!;
        foreach (var (number, types) in ((string, string[])[])
        [
            ("PO-4711", ["order.accepted.v1", "order.changed.v1", "order.confirmed.v1", "order.cancelled.v1", "shipment.booked.v1"]),
            ("PO-4712", ["order.received.v1", "order.rejected.v1"]),
            ("S00080", ["order.changed.v1", "order.confirmed.v1", "order.cancelled.v1"]),
            (salesOrder, ["order.accepted.v1"]),
            ("S00079", ["shipment.booked.v1", "return.received.v1", "invoice.issued.v1"]),
            ("WH/OUT/00047", ["shipment.booked.v1", "parcel.moved.v1", "return.announced.v1"]),
            ("WO-1", ["shipment.booked.v1"]),
            ("TRK-2003", ["shipment.booked.v1"]),
            ("RMA-1", ["return.announced.v1"]),
            ("WH/IN/00007", ["return.announced.v1", "return.received.v1"]),
            ("TRK-3001", ["return.announced.v1"]),
            ("INV/2026/00002", ["invoice.issued.v1"]),
            ("RINV/2026/00001", ["credit-note.issued.v1"]),
            ("subject", ["order.received.v1", "order.rejected.v1", "order.changed.v1", "order.confirmed.v1", "order.cancelled.v1", "shipment.booked.v1", "parcel.moved.v1", "return.announced.v1", "return.received.v1", "invoice.issued.v1", "credit-note.issued.v1"]),
            ("INV/2026/9", []),
        ])
            Assert.Equal((number, string.Join(' ', types)), (number, string.Join(' ', JsonNode.Parse(await FindAsync(world, number))!.AsArray().Select(e => (string?)e!["type"]))));
        Assert.Equal(["invoice.issued.v1"], JsonNode.Parse(await FindAsync(world, "S00079", "key-of-globex-shop"))!.AsArray().Select(e => (string?)e!["type"]));
    }

    /// <summary>As the catalogue of the Plan that runs has it.</summary>
    private static async Task AppendAsync(KindWorld world, string partner, string type, string data)
    {
        var services = world.Gateway.Services;
        var happened = new NewEvent($"{partner}-{type}", partner, type, "/tests", "subject", "subject", TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(data));
        Assert.True(await services.GetRequiredService<IStore>().AppendEventAsync(services.GetRequiredService<CurrentPlan>().Current.EventTypes.Keyed(happened), Cancellation));
    }

    private static async Task<string> FindAsync(KindWorld world, string number, string key = "key-of-acme-shop")
    {
        var answer = await world.SendAsync(new CaseRequest { Path = "/v1/events?subject=" + Uri.EscapeDataString(number), Headers = new Dictionary<string, string> { ["X-Api-Key"] = key } }, Cancellation);
        Assert.True(answer.Status == 200, answer.Body);
        return answer.Body;
    }
}

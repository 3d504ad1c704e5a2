using Gateway.Adapters.Odoo;
using Xunit;
using static Gateway.Tests.Unit.Adapters.LogisticsBench;

namespace Gateway.Tests.Unit.Adapters.Changes;

/// <summary>What an operation says that it has left of a record is what a look reads of it: else each change of a route would be told twice.</summary>
public sealed class LeftRecordTests
{
    private static readonly IReadOnlyList<Partner> Partners = [Acme];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_operations_leave_is_what_a_look_finds()
    {
        await using var bench = await StartAsync(Watch);

        await SameAsync(bench, "orders", "order.cancel", await bench.CallAsync("order.cancel", "{}", reference: $"{await DraftAsync(bench)}"));
        await SameAsync(bench, "shipments", "shipment.validate", await bench.CallAsync("shipment.validate", Shipped()));
        await SameAsync(bench, "returns", "return.create", await bench.CallAsync("return.create", Back(desks: 1), "return_1"), made: "return_1");
        await SameAsync(bench, "returns", "return.receive", await bench.CallAsync("return.receive", Received(desks: 1)), made: "return_1");
        await SameAsync(bench, "invoices", "invoice.create", await bench.CallAsync("invoice.create", """{ "order": "S00001" }""", "invoice_1"), made: "invoice_1");
    }

    [Fact]
    public async Task Nothing_is_left_by_what_reads_and_nothing_of_others_is_found()
    {
        await using var bench = await StartAsync(Watch);
        await bench.OrderAsync("PO-G", "GLOBEX-DE");
        var source = bench.Backend.Changes!;
        var read = await bench.CallAsync("order.read", "{}", reference: "1");

        Assert.Equal(OperationStatus.Done, read.Status);
        Assert.Empty(source.Left(bench.Backend.Operations["order.read"].Descriptor, read));
        foreach (var (kind, count) in ((string, int)[])[("orders", 1), ("shipments", 1), ("returns", 0), ("invoices", 0), ("creditNotes", 0)])
        {
            var found = await source.ListAsync(KindOf(source, kind), Partners, new ChangeQuery(10), Cancellation);
            Assert.True(found.Failure is null && found.Value!.Count == count, $"{kind}: {found.Failure?.Reason}, {found.Value?.Count}");
        }
        var others = await source.HeadsAsync(KindOf(source, "orders"), [Acme with { Buyers = ["GLOBEX-DE"] }], [1, 2], Cancellation);
        Assert.Equal([2], others.Value!.Select(head => head.Id));
    }

    private static OdooOptions Watch(OdooOptions options) => options with { Changes = new ChangesOptions { Of = new Dictionary<string, string>() } };

    private static async Task<string> DraftAsync(LogisticsBench bench)
    {
        var made = await bench.CallAsync("order.create", """
            { "client_order_ref": "PO-2", "buyer": "ACME-DE", "currency": "EUR", "lines": [ { "default_code": "DESK0005", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "12.50" } ] }
            """, "order_po2");
        await SameAsync(bench, "orders", "order.create", made, made: "order_po2");
        return made.Reference!;
    }

    private static async Task SameAsync(LogisticsBench bench, string kind, string operation, OperationResult result, string? made = null)
    {
        Assert.True(result.Status == OperationStatus.Done, $"{operation}: {result.Status} {result.Reason ?? result.Detail}");
        var source = bench.Backend.Changes!;
        var left = Assert.Single(source.Left(bench.Backend.Operations[operation].Descriptor, result));
        var read = await source.ReadAsync(KindOf(source, kind), Partners, [left.Record.Id], Cancellation);
        Assert.True(read.Failure is null, read.Failure?.Reason);
        var found = Assert.Single(read.Value!);

        Assert.Equal((kind, left.Record.Hash, left.Record.Stage, left.Record.WrittenAt), (left.Kind.Name, found.Hash, found.Head.Stage, found.Head.WrittenAt));
        if (made is not null) Assert.Equal(made, found.ExternalId);
    }

    private static ChangeKind KindOf(ChangeSource source, string name) => source.Kinds.Single(kind => kind.Name == name);
}

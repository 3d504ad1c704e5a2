using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>What a real Odoo answered becomes canonical documents that keep their contracts.</summary>
public sealed class TranscriptRecordsTests
{
    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    /// <summary>Mapping, model, and the fields without which a record was read too sparsely to be one of these.</summary>
    [Theory]
    [InlineData("odoo/partner.from", "res.partner", "is_company name customer_rank", 4)]
    [InlineData("odoo/item.from", "product.product", "name type sale_ok", 4)]
    [InlineData("odoo/stock.from", "product.product", "qty_available free_qty virtual_available incoming_qty outgoing_qty", 6)]
    [InlineData("odoo/quant.from", "stock.quant", "product_id location_id quantity reserved_quantity", 13)]
    [InlineData("odoo/warehouse.from", "stock.warehouse", "code name", 4)]
    [InlineData("odoo/location.from", "stock.location", "name complete_name usage", 21)]
    [InlineData("odoo/stock-movement.from", "stock.move", "date to_refund", 1)]
    [InlineData("odoo/invoice.from", "account.move", "move_type=out_invoice currency_id amount_untaxed", 3)]
    [InlineData("odoo/shipment.from", "stock.picking", "name state picking_type_code=outgoing move_ids", 5)]
    [InlineData("odoo/return.from", "stock.picking", "name state picking_type_code=incoming return_id move_ids", 2)]
    [InlineData("odoo/warehouse-order.from", "stock.picking", "name state picking_type_code move_ids", 7)]
    public void Every_record_keeps_the_contracts(string mapping, string model, string fields, int atLeast)
    {
        var compiled = Shipped.Find(mapping)!;
        Assert.Empty(compiled.Diagnostics);
        var contracts = MappingCases.Of(mapping, Shipped)!.Document!.Contracts;
        var all = OdooRecords.Read();
        var records = all.Of(model, fields.Split(' ')).ToList();
        var sparse = all.TooSparse(model, fields.Split(' ')).ToList();
        foreach (var record in sparse) TestContext.Current.TestOutputHelper?.WriteLine($"skipped, as too little of it was read: {record}");

        Assert.Equal(SparseRecords.Of.GetValueOrDefault(mapping, []), sparse);
        Assert.True(records.Count >= atLeast, $"only {records.Count} records of {model} were found");
        Assert.All(records, r =>
        {
            Assert.Empty(Shipped.Contract(contracts.Input)!.Schema!.Validate(r.Record));
            var (output, error) = compiled.Run(r.Record, new MappingFacts(DateTimeOffset.UnixEpoch, "test"));
            Assert.True(output is not null, $"{r.File}: {error}\n{r.Record}");
            using var document = System.Text.Json.JsonDocument.Parse(output.Value);
            Assert.True(Shipped.Contract(contracts.Output)!.Schema!.Validate(document.RootElement) is [], $"{r.File}: {Shipped.Contract(contracts.Output)!.Schema!.Validate(document.RootElement).FirstOrDefault()}\n{document.RootElement}");
        });
    }
}

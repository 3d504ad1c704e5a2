using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>Reads a product by its SKU.</summary>
internal sealed class ItemRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "item.read", "Reads an item by its SKU.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 2)
    {
        Input = new Dictionary<string, string> { ["sku"] = "the SKU: default_code of product.product" },
    };

    private static readonly string[] Fields =
    [
        "default_code", "barcode", "name", "type", "is_storable", "tracking", "uom_id", "weight", "volume", "sale_ok", "write_date",
    ];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var product = await ProductRecord.FindAsync(odoo, call.Input.Text("sku"), Fields, warehouse: null);
        return product.Failure is { } failure
            ? failure.ToResult()
            : new OperationResult(OperationStatus.Done) { Record = product.Value!.ToJson() };
    }
}

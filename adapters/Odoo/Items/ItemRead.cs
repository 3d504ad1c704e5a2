using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>Reads a product by its SKU.</summary>
internal sealed class ItemRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "item.read", "Reads an item by its SKU.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 2)
    {
        Input = new Dictionary<string, string> { ["sku"] = "the SKU: default_code of product.product" },
        Needs = [["sku"]],
    };

    /// <summary>
    /// Not all that item.from could use: hs_code and country_of_origin are of a module that not every database has, and Odoo refuses the whole
    /// call for one unknown field.
    /// </summary>
    private static readonly string[] Fields =
    [
        "default_code", "barcode", "name", "description_sale", "type", "is_storable", "sale_ok", "tracking", "uom_id", "uom_ids",
        "weight", "weight_uom_name", "volume", "volume_uom_name", "categ_id", "product_tmpl_id",
        "product_template_attribute_value_ids", "lst_price", "currency_id", "taxes_id", "company_id", "active", "write_date",
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

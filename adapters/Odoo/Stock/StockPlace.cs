using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>Where stock of what is corrected, by database ids: only what is kept in pieces of its own unit, in one place of ours.</summary>
internal sealed record StockPlace(int Product, int Place)
{
    /// <summary>Refused where the product or the place is not known, or stock of it is not corrected like that.</summary>
    /// <param name="unit">Must be the product's own; null leaves it to the product.</param>
    /// <param name="warehouse">Where no place is said, its stock location.</param>
    /// <param name="where">What refusals begin with: <c>stockDetails/0: </c>.</param>
    public static async ValueTask<Lookup<StockPlace>> FindAsync(OdooSession odoo, ProductName product, Named? unit, WarehouseCode? warehouse, PlaceName? place, string where)
    {
        var item = await ProductAsync(odoo, product, unit, where);
        if (item.Failure is { } unknown)
            return unknown;
        var location = await PlaceAsync(odoo, warehouse, place, where);
        return location.Failure is { } failure ? failure : new StockPlace(item.Value!.Value, location.Value!.Value);
    }

    /// <summary>Leaves of a domain: what lies there of no lot, in no package, and is ours.</summary>
    public object[] Domain => [Is("product_id", Product), Is("location_id", Place), Is("lot_id", false), Is("package_id", false), Is("owner_id", false)];

    private static async ValueTask<Lookup<int?>> ProductAsync(OdooSession odoo, ProductName name, Named? wanted, string where)
    {
        var which = name.DefaultCode is { } sku ? Is("default_code", sku) : Is("id", name.Id ?? 0);
        var read = await new Reading("product.product", "tracking", "is_storable").Into("uom_id", Transfers.Unit).FindAsync(odoo, [which, odoo.SharedWhereMade], limit: 2);
        if (read.Failure is { } failure)
            return failure;
        if (read.Value is not [var product])
            return OdooReply.Refused($"{where}item '{name.Words}' {(read.Value!.Count == 0 ? "is not known" : "stands for more than one product")}");
        if (product.Text("tracking") is "lot" or "serial")
            return OdooReply.Refused($"{where}item '{name.Words}' is told apart by lots, which the gateway does not count");
        if (!product.Flag("is_storable"))
            return OdooReply.Refused($"{where}no stock is kept of item '{name.Words}'");
        return wanted is { } unit && product.To("uom_id")?.Name != unit.Name
            ? OdooReply.Refused($"{where}item '{name.Words}' is counted in another unit")
            : product.Id;
    }

    private static async ValueTask<Lookup<int?>> PlaceAsync(OdooSession odoo, WarehouseCode? warehouse, PlaceName? place, string where)
    {
        var reply = place is not null
            ? await odoo.SearchAsync("stock.location", [Is("complete_name", place.CompleteName), Is("usage", "internal"), odoo.SharedWhereMade], ["complete_name"], limit: 2)
            : await odoo.SearchAsync("stock.warehouse", [Is("code", warehouse?.Code ?? ""), Is("company_id", odoo.Company)], ["lot_stock_id"], limit: 2);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() == 1 && reply.Value[0].Id(place is null ? "lot_stock_id" : "id") is { } id
            ? id
            : OdooReply.Refused($"{where}there is no place '{place?.CompleteName ?? warehouse?.Code}'");
    }
}

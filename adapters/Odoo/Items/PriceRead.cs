using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Partners;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Items;

/// <summary>
/// Reads a customer's price list: all of it, or the rows that may decide the price of one item. Which of them does is told by day and quantity, as
/// price@1 says; Odoo has no public method that says it for a customer.
/// </summary>
internal sealed class PriceRead(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "price.read", "Reads a customer's price list, or what of it is about one item.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 7)
    {
        Input = new Dictionary<string, string>
        {
            ["buyer"] = "ref of the customer (res.partner)",
            ["item"] = "the SKU: default_code of product.product; all items when left out",
        },
        Needs = [["buyer"]],
    };

    private static readonly string[] ListFields = ["name", "currency_id", "company_id", "active", "write_date"];

    private static readonly string[] RowFields =
    [
        "applied_on", "compute_price", "fixed_price", "percent_price", "base", "base_pricelist_id", "price_discount", "price_surcharge", "price_round",
        "price_min_margin", "price_max_margin", "min_quantity", "date_start", "date_end", "product_id", "product_tmpl_id", "categ_id",
    ];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var buyer = await BuyerRecord.FindAsync(odoo, call.Input.Text("buyer"), "ref", "name", "property_product_pricelist", "company_id");
        if (buyer.Failure is { } unknown)
            return unknown.ToResult();
        if (buyer.Value!.Value.Id("property_product_pricelist") is not { } list)
            return OdooReply.NotFound("This buyer has no price list; list prices hold.").ToResult();
        var rows = await RowsAsync(odoo, list, call.Input.Text("item"));
        if (rows.Failure is { } unread)
            return unread.ToResult();
        var reply = await odoo.ReadAsync("product.pricelist", [list], ListFields);
        if (!reply.Done)
            return reply.ToResult();
        if (References.Rows(reply) is not [var record] || odoo.PlaceOf(reply.Value[0]) is null)
            return OdooReply.NotFound("This buyer has no price list; list prices hold.").ToResult();
        if (await References.PutAllAsync(odoo, [record], ("currency_id", "res.currency", ["name", "decimal_places"])) is { } failure)
            return failure.ToResult();
        record["buyer"] = new JsonObject { ["id"] = buyer.Value.Value.Id("id"), ["ref"] = buyer.Value.Value.Text("ref"), ["name"] = buyer.Value.Value.Text("name") };
        record["item_ids"] = new JsonArray([.. rows.Value!]);
        return new OperationResult(OperationStatus.Done) { Record = record.ToJson() };
    }

    private static async ValueTask<Lookup<List<JsonObject>>> RowsAsync(OdooSession odoo, int list, string? sku)
    {
        JsonElement? product = null;
        if (sku is not null)
        {
            var found = await ProductRecord.FindAsync(odoo, sku, ["default_code", "product_tmpl_id", "categ_id", "company_id"], warehouse: null);
            if (found.Failure is { } failure)
                return failure;
            product = found.Value!.Row;
        }
        var reply = await odoo.SearchAsync("product.pricelist.item", [Is("pricelist_id", list)], RowFields, order: "applied_on,min_quantity desc,id");
        if (!reply.Done)
            return reply;
        var rows = References.Rows(reply);
        if (await References.PutAllAsync(odoo, rows,
            ("product_id", "product.product", ["default_code", "barcode", "name", "uom_id"]),
            ("product_tmpl_id", "product.template", ["name", "uom_id"]),
            ("categ_id", "product.category", ["name", "complete_name"])) is { } unread)
            return unread;
        if (product is null)
            return rows;
        var family = await References.PutAsync(odoo, [JsonObject.Create(product.Value)!], "categ_id", "product.category", "complete_name");
        if (family.Failure is { } unknown)
            return unknown;
        var category = family.Value!.Select(row => (string?)row["complete_name"]).FirstOrDefault();
        return rows.Where(row => IsAbout(row, product.Value, category)).ToList();
    }

    /// <summary>Rows of a category are about all categories below it, too.</summary>
    private static bool IsAbout(JsonObject row, JsonElement product, string? category) => (string?)row["applied_on"] switch
    {
        "0_product_variant" => IdOf(row["product_id"]) == product.Id("id"),
        "1_product" => IdOf(row["product_tmpl_id"]) == product.Id("product_tmpl_id"),
        "2_product_category" => category is not null && row["categ_id"] is JsonObject family && (string?)family["complete_name"] is { } above
            && (category == above || category.StartsWith(above + " / ", StringComparison.Ordinal)),
        _ => true,
    };

    private static int? IdOf(JsonNode? reference) => reference switch
    {
        JsonObject record => (int?)record["id"],
        JsonArray { Count: > 0 } pair => (int?)pair[0],
        _ => null,
    };
}

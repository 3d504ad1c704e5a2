namespace Gateway.Adapters.Odoo.Fields;

/// <summary>
/// What differs between Odoo 14 and 19 in what the operations use, and what they need. One line adds one. Which of it holds is not concluded from
/// the version: the database is asked for its fields (<see cref="Discovery"/>), for modules change them too.
/// </summary>
internal static class FieldTable
{
    public static IReadOnlyList<FieldRule> Rules { get; } =
    [
        new("sale.order", "locked", 17, Evidence.Known) { SaidBy = new SaidBy("state", "done", "sale") },
        new("sale.order", "delivery_status", 16, Evidence.Known) { Otherwise = "false" },
        new("sale.order.line", "product_uom_id", 19, Evidence.Seen) { Formerly = ["product_uom"] },
        new("sale.order.line", "tax_ids", 19, Evidence.Seen) { Formerly = ["tax_id"] },
        // Without it a change of quantity inside Odoo may replace the agreed price, as it always did there.
        new("sale.order.line", "technical_price_unit", 18, Evidence.Known) { Otherwise = "0" },
        new("product.product", "is_storable", 18, Evidence.Known) { SaidBy = new SaidBy("type", "product", "consu") },
        new("product.product", "uom_ids", 19, Evidence.Seen) { Otherwise = "[]" },
        new("stock.move", "quantity", 17, Evidence.Seen) { Formerly = ["quantity_done"] },
        new("stock.move", "picked", 17, Evidence.Seen) { Otherwise = "true" },
        new("stock.move.line", "quantity", 17, Evidence.Known) { Formerly = ["qty_done"] },
        new("stock.move.line", "picked", 17, Evidence.Known) { Otherwise = "true" },
        new("stock.picking", "move_ids", 16, Evidence.Seen) { Formerly = ["move_lines"] },
    ];

    public static IReadOnlyList<FieldNeed> Needs { get; } =
    [
        new("order.create", "res.partner", "ref", "property_product_pricelist", "parent_id", "type", "name", "street", "street2", "zip", "city", "state_id", "country_id"),
        new("order.create", "product.product", "default_code", "sale_ok", "uom_id", "uom_ids", "company_id"),
        new("order.create", "product.pricelist", "currency_id", "company_id", "sequence"),
        new("order.create", "stock.warehouse", "code", "company_id"),
        new("order.create", "res.currency", "name", "decimal_places"),
        new("order.create", "res.company", "currency_id"),
        new("order.create", "ir.model.data", "module", "name", "model", "res_id"),
        new("order.create", "sale.order", "partner_id", "partner_shipping_id", "company_id", "warehouse_id", "pricelist_id", "client_order_ref", "commitment_date", "note", "order_line"),
        new("order.create", "sale.order.line", "product_id", "product_uom_id", "product_uom_qty", "price_unit", "discount", "technical_price_unit"),
        new("order.read", "sale.order", "name", "state", "locked", "client_order_ref", "partner_id", "partner_shipping_id", "date_order", "commitment_date", "currency_id",
            "pricelist_id", "warehouse_id", "company_id", "amount_untaxed", "amount_tax", "amount_total", "invoice_status", "delivery_status", "write_date"),
        new("order.read", "sale.order.line", "order_id", "sequence", "display_type", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
            "price_subtotal", "price_tax", "price_total", "qty_delivered", "qty_invoiced"),
        new("order.read", "product.product", "default_code", "barcode", "name"),
        new("order.read", "res.currency", "name", "decimal_places"),
        new("order.read", "ir.model.data", "module", "name", "model", "res_id"),
        new("item.read", "product.product", "default_code", "barcode", "name", "description_sale", "type", "is_storable", "sale_ok", "tracking", "uom_id", "uom_ids",
            "weight", "weight_uom_name", "volume", "volume_uom_name", "categ_id", "product_tmpl_id", "product_template_attribute_value_ids", "lst_price", "currency_id",
            "taxes_id", "company_id", "active", "write_date"),
        new("item.read", "ir.model.data", "module", "name", "model", "res_id"),
        new("inventory.read", "product.product", "default_code", "barcode", "name", "company_id", "is_storable", "uom_id", "qty_available", "free_qty", "virtual_available",
            "incoming_qty", "outgoing_qty"),
        new("inventory.read", "stock.warehouse", "code", "name", "company_id"),
        new("inventory.read", "ir.model.data", "module", "name", "model", "res_id"),
    ];

    /// <summary>Models that stand above, in the order of the table.</summary>
    public static IReadOnlyList<string> Models { get; } = [.. Needs.Select(need => need.Model).Concat(Rules.Select(rule => rule.Model)).Distinct()];

    /// <summary>Rows of a field, by model and name.</summary>
    public static IReadOnlyDictionary<(string Model, string Name), FieldRule> ByName { get; } = Rules.ToDictionary(rule => (rule.Model, rule.Name));
}

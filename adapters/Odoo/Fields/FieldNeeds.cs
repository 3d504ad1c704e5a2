using Gateway.Adapters.Odoo.Billing;
using Gateway.Adapters.Odoo.Returns;
using Gateway.Adapters.Odoo.Stock;

namespace Gateway.Adapters.Odoo.Fields;

/// <summary>
/// What each operation reads, searches by and writes, so that a database that lacks something of it is found out at the start, and not half-way through
/// a change. What a <see cref="Reading"/> reads is taken from it; the rest stands here.
/// </summary>
internal static class FieldNeeds
{
    private static readonly Part[] Currency = [new("res.currency", "name", "decimal_places"), new("res.company", "currency_id")];

    private static readonly Part ExternalIds = new("ir.model.data", "module", "name", "model", "res_id");

    private static readonly Part[] Address =
    [
        new("res.partner", "street", "street2", "zip", "city", "state_id", "country_id"), new("res.country.state", "code", "name", "country_id"), new("res.country", "code", "name"),
    ];

    /// <summary>An order as it is read back.</summary>
    private static readonly Part[] Order =
    [
        .. Currency, ExternalIds,
        new("sale.order", "name", "state", "locked", "client_order_ref", "partner_id", "partner_shipping_id", "date_order", "commitment_date", "note", "currency_id",
            "pricelist_id", "warehouse_id", "company_id", "amount_untaxed", "amount_tax", "amount_total", "invoice_status", "delivery_status", "write_date"),
        new("sale.order.line", "order_id", "sequence", "display_type", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
            "price_subtotal", "price_tax", "price_total", "qty_delivered", "qty_invoiced"),
        new("product.product", "default_code", "barcode", "name"),
    ];

    /// <summary>An order as it is written.</summary>
    private static readonly Part[] OrderRows =
    [
        .. Order, .. Address,
        new("res.partner", "ref", "property_product_pricelist", "company_id", "parent_id", "type", "name"),
        new("product.product", "default_code", "sale_ok", "uom_id", "uom_ids", "company_id"),
        new("product.pricelist", "currency_id", "company_id", "sequence"),
        new("stock.warehouse", "code", "company_id"),
        new("sale.order", "order_line"),
        new("sale.order.line", "technical_price_unit"),
    ];

    private static readonly Part[] Transfer = Of(Transfers.Whole);

    /// <summary>What is written to a transfer.</summary>
    private static readonly Part[] Booking =
    [
        .. Transfer, .. Of(Transfers.ToBook), .. Of(Transfers.Progress), new("delivery.carrier", "name"), new("stock.move", "quantity", "picked"),
    ];

    /// <summary>Where stock of what is corrected.</summary>
    private static readonly Part[] Place =
    [
        .. Of(Transfers.Unit), new("product.product", "default_code", "tracking", "is_storable", "uom_id", "company_id"),
        new("stock.warehouse", "code", "lot_stock_id", "company_id"), new("stock.location", "complete_name", "usage", "company_id"),
    ];

    private static readonly Part[] Bill = Of(Bills.Whole);

    private static readonly Part[] BillsOfOrder = [.. Bill, new("sale.order", "invoice_ids", "company_id")];

    private static readonly Part[] Billing =
    [
        .. Bill, .. Of(Billable.What), .. Of(Billable.Bill),
        new("account.move", "commercial_partner_id", "journal_id"), new("account.journal", "code", "type", "company_id"),
        new("sale.advance.payment.inv", "advance_payment_method"),
    ];

    /// <summary>By operation and model; fields by their names in Odoo 19.</summary>
    public static IReadOnlyList<FieldNeed> All { get; } =
    [
        .. For("order.create", OrderRows),
        .. For("order.change", OrderRows),
        .. For("order.confirm", Order),
        .. For("order.cancel", Order),
        .. For("order.read", Order),
        .. For("item.read", ExternalIds,
            new("product.product", "default_code", "barcode", "name", "description_sale", "type", "is_storable", "sale_ok", "tracking", "uom_id", "uom_ids",
                "weight", "weight_uom_name", "volume", "volume_uom_name", "categ_id", "product_tmpl_id", "product_template_attribute_value_ids", "lst_price", "currency_id",
                "taxes_id", "company_id", "active", "write_date")),
        .. For("inventory.read", ExternalIds,
            new("product.product", "default_code", "barcode", "name", "company_id", "is_storable", "uom_id", "qty_available", "free_qty", "virtual_available",
                "incoming_qty", "outgoing_qty"),
            new("stock.warehouse", "code", "name", "company_id")),
        .. For("location.read", [.. Address,
            new("stock.warehouse", "code", "name", "partner_id", "lot_stock_id", "delivery_steps", "company_id", "active", "write_date"),
            new("stock.location", "complete_name", "name", "barcode", "usage", "location_id", "warehouse_id", "company_id", "active", "write_date"),
            new("res.partner", "name", "phone", "email"), new("res.company", "name")]),
        .. For("price.read",
            new("res.partner", "ref", "name", "property_product_pricelist", "company_id"),
            new("product.pricelist", "name", "currency_id", "company_id", "active", "write_date"),
            new("product.pricelist.item", "pricelist_id", "applied_on", "compute_price", "fixed_price", "percent_price", "base", "base_pricelist_id", "price_discount",
                "price_surcharge", "price_round", "price_min_margin", "price_max_margin", "min_quantity", "date_start", "date_end", "product_id", "product_tmpl_id", "categ_id"),
            new("product.product", "default_code", "barcode", "name", "uom_id", "product_tmpl_id", "categ_id", "company_id"),
            new("product.template", "name", "uom_id"), new("product.category", "name", "complete_name"), new("res.currency", "name", "decimal_places")),
        .. For("partner.read", [.. Address,
            new("res.partner", "name", "ref", "is_company", "customer_rank", "supplier_rank", "parent_id", "type", "vat", "phone", "email", "lang", "tz",
                "property_payment_term_id", "property_product_pricelist", "company_id", "active", "write_date")]),
        .. For("credit.check", [.. Currency,
            new("res.partner", "name", "ref", "commercial_partner_id", "company_id", "credit", "credit_limit", "use_partner_credit_limit"),
            new("sale.order.line", "order_partner_id", "company_id", "state", "product_uom_id", "product_uom_qty", "qty_delivered_method", "qty_delivered", "qty_invoiced", "qty_to_invoice", "price_total", "currency_id"),
            new("stock.move", "sale_line_id", "state", "location_id", "product_uom_qty", "product_uom"), new("stock.location", "usage")]),
        .. For("shipment.read", [.. Transfer, new("sale.order", "name", "company_id")]),
        .. For("shipment.validate", Booking),
        .. For("stock.count", [.. Of(StockCount.Quants), .. Place]),
        .. For("stock.adjust", [.. Of(StockAdjust.Quants), .. Of(StockAdjust.Moves), .. Place]),
        .. For("return.create", [.. Transfer, .. Of(Delivered.What), new("delivery.carrier", "name"),
            new("stock.return.picking", "picking_id"), new("stock.return.picking.line", "wizard_id", "move_id", "quantity", "to_refund")]),
        .. For("return.receive", Booking),
        .. For("return.read", Transfer),
        .. For("invoice.create", Billing),
        .. For("invoice.post", Bill),
        .. For("invoice.read", BillsOfOrder),
        .. For("credit-note.create", Billing),
        .. For("credit-note.read", BillsOfOrder),
        .. For("payment.status", Bill),
    ];

    private static IEnumerable<FieldNeed> For(string operation, params Part[] parts) => parts.GroupBy(part => part.Model, StringComparer.Ordinal)
        .Select(model => new FieldNeed(operation, model.Key, [.. model.SelectMany(part => part.Fields).Distinct()]));

    private static Part[] Of(Reading reading) => [.. reading.Asked().Select(asked => new Part(asked.Model, asked.Fields))];

    private sealed record Part(string Model, params string[] Fields);
}

using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Products with their stock figures, and price lists.</summary>
internal static class ProductModels
{
    private static readonly (string, string)[] Kinds = [("consu", "Goods"), ("service", "Service"), ("combo", "Combo")];

    public static readonly Model Categories = new("product.category", "Product Category",
        Char("name", "Name").Required(),
        Char("complete_name", "Complete Name").ReadOnly())
    {
        Display = (session, row) => session.Text(row, "complete_name") ?? session.Text(row, "name") ?? "",
    };

    public static readonly Model Templates = new("product.template", "Product",
        Char("name", "Name").Required(),
        Char("default_code", "Internal Reference"),
        Char("barcode", "Barcode").NotStored(),
        Float("list_price", "Sales Price"),
        Selection("type", "Product Type", Kinds).Required().Initially("consu"),
        Boolean("is_storable", "Track Inventory").Initially(false),
        Many2One("uom_id", "Unit", "uom.uom").Required().Initially(1),
        Many2One("categ_id", "Product Category", "product.category"),
        Boolean("active", "Active").Initially(true))
    {
        Display = CodedName,
    };

    public static readonly Model Products = new("product.product", "Product Variant",
        Char("default_code", "Internal Reference"),
        Char("barcode", "Barcode"),
        Char("name", "Name").Required().NotStored(),
        Selection("type", "Product Type", Kinds).Required().NotStored().Initially("consu"),
        Boolean("is_storable", "Track Inventory").NotStored().Initially(false),
        Selection("tracking", "Tracking", ("serial", "By Unique Serial Number"), ("lot", "By Lots"), ("none", "By Quantity"))
            .Required().NotStored().Initially("none"),
        Many2One("uom_id", "Unit", "uom.uom").Required().NotStored().Initially(1),
        Many2Many("uom_ids", "Packagings", "uom.uom").NotStored(),
        Float("weight", "Weight"),
        Char("weight_uom_name", "Weight unit of measure label").ReadOnly().NotStored().By((_, _) => "kg"),
        Float("volume", "Volume"),
        Char("volume_uom_name", "Volume unit of measure label").ReadOnly().NotStored().By((_, _) => "m³"),
        Char("hs_code", "HS Code").NotStored(),
        Many2One("country_of_origin", "Origin of Goods", "res.country").NotStored(),
        Many2One("categ_id", "Product Category", "product.category").NotStored(),
        Float("list_price", "Sales Price").NotStored(),
        Float("lst_price", "Sales\u00a0Price").NotStored().By((session, row) => session.Number(row, "list_price")),
        Float("standard_price", "Cost"),
        Many2One("product_tmpl_id", "Product Template", "product.template").Required(),
        Many2Many("product_template_attribute_value_ids", "Attribute Values", "product.template.attribute.value"),
        Many2Many("taxes_id", "Sales Taxes", "account.tax").NotStored(),
        Boolean("sale_ok", "Sales").NotStored().Initially(true),
        Boolean("purchase_ok", "Purchase").NotStored().Initially(true),
        Text("description_sale", "Sales Description").NotStored(),
        Selection("invoice_policy", "Invoicing Policy", ("order", "Ordered quantities"),
            ("delivery", "Delivered quantities")).NotStored().Initially("delivery"),
        Many2One("currency_id", "Currency", "res.currency").ReadOnly().NotStored()
            .By((session, _) => session.Get(session.Record("res.company", BaseModels.Company), "currency_id")),
        Many2One("company_id", "Company", "res.company").NotStored(),
        Boolean("active", "Active").Initially(true),
        Float("qty_available", "Quantity On Hand").NotStored().By((session, row) => Stock(session, row).OnHand),
        Float("free_qty", "Free To Use Quantity ").ReadOnly().NotStored().By((session, row) => Stock(session, row).Free),
        Float("virtual_available", "Forecasted Quantity").ReadOnly().NotStored()
            .By((session, row) => Stock(session, row).Forecast),
        Float("incoming_qty", "Incoming").ReadOnly().NotStored().By((session, row) => Stock(session, row).Incoming),
        Float("outgoing_qty", "Outgoing").ReadOnly().NotStored().By((session, row) => Stock(session, row).Outgoing),
        Datetime("write_date", "Write Date").ReadOnly().By((_, row) => row.WrittenAt))
    {
        Order = "default_code,name,id",
        Indexed = ["default_code", "barcode"],
        Display = CodedName,
        Creating = AddTemplate,
    };

    public static readonly Model Pricelists = new("product.pricelist", "Pricelist",
        Char("name", "Pricelist Name").Required(),
        Many2One("currency_id", "Currency", "res.currency").Required(),
        One2Many("item_ids", "Pricelist Rules", "product.pricelist.item", "pricelist_id"),
        Many2One("company_id", "Company", "res.company"),
        Integer("sequence", "Sequence").Initially(16),
        Boolean("active", "Active").Initially(true))
    {
        Order = "sequence,id",
        Display = (session, row) => $"{session.Text(row, "name")} ({session.Text(session.Follow(row, "currency_id")!, "name")})",
    };

    public static readonly Model PricelistItems = new("product.pricelist.item", "Pricelist Rule",
        Many2One("pricelist_id", "Pricelist", "product.pricelist"),
        Selection("applied_on", "Apply On", ("3_global", "All Products"), ("2_product_category", "Product Category"),
            ("1_product", "Product"), ("0_product_variant", "Product Variant")).Required().Initially("3_global"),
        Selection("base", "Based on", ("list_price", "Sales Price"), ("standard_price", "Cost"), ("pricelist", "Other Pricelist"))
            .Required().Initially("list_price"),
        Selection("compute_price", "Compute Price", ("percentage", "Discount"), ("formula", "Formula"), ("fixed", "Fixed Price"))
            .Required().Initially("fixed"),
        Float("fixed_price", "Fixed Price"),
        Float("percent_price", "Percentage Price"),
        Many2One("base_pricelist_id", "Other Pricelist", "product.pricelist"),
        Float("price_discount", "Price Discount"),
        Float("price_surcharge", "Extra Fee"),
        Float("price_round", "Price Rounding"),
        Float("price_min_margin", "Min. Price Margin"),
        Float("price_max_margin", "Max. Price Margin"),
        Float("min_quantity", "Min. Quantity"),
        Datetime("date_start", "Start Date"),
        Datetime("date_end", "End Date"),
        Many2One("product_id", "Variant", "product.product"),
        Many2One("product_tmpl_id", "Product", "product.template"),
        Many2One("categ_id", "Category", "product.category"),
        Many2One("currency_id", "Currency", "res.currency").ReadOnly()
            .By((session, row) => session.Follow(row, "pricelist_id") is { } list ? session.Get(list, "currency_id") : null),
        Many2One("company_id", "Company", "res.company").ReadOnly())
    {
        Order = "applied_on,min_quantity desc,categ_id desc,id desc",
        Display = (session, row) =>
            session.Follow(row, "product_id") is { } product ? $"Variant: {CodedName(session, product)}" : "All Products",
    };

    /// <summary>The price of a quantity of a product by a price list, else the list price.</summary>
    public static decimal PriceOf(this Session session, Row product, Row? pricelist, decimal quantity)
    {
        var list = session.Number(product, "list_price");
        if (pricelist is null)
            return list;
        var rules = session.FollowAll(pricelist, "item_ids").Where(item =>
            session.Number(item, "min_quantity") <= quantity
            && (session.Text(item, "applied_on") == "3_global" || Equals(session.Get(item, "product_id"), product.Id))
            && (session.Get(item, "date_start") is not DateTime from || from <= session.Now)
            && (session.Get(item, "date_end") is not DateTime until || session.Now <= until));
        return rules.FirstOrDefault() switch
        {
            null => list,
            var rule when session.Text(rule, "compute_price") == "fixed" => session.Number(rule, "fixed_price"),
            var rule => list * (1 - session.Number(rule, "percent_price") / 100),
        };
    }

    private sealed record StockFigures(decimal OnHand, decimal Free, decimal Forecast, decimal Incoming, decimal Outgoing);

    private static string CodedName(Session session, Row row) =>
        session.Text(row, "default_code") is { } code ? $"[{code}] {session.Text(row, "name")}" : session.Text(row, "name") ?? "";

    private static void AddTemplate(Session session, Row product)
    {
        if (session.Get(product, "product_tmpl_id") is not null)
            return;
        var values = new Values();
        foreach (var name in Templates.Fields.Keys.Where(name => product.Cells.ContainsKey(name)))
            values[name] = session.Get(product, name);
        session.Set(product, "product_tmpl_id", session.Create(Templates, values).Id);
    }

    /// <summary>Stock of one product, over all internal locations or those of the context's <c>warehouse_id</c> or <c>location</c>.</summary>
    private static StockFigures Stock(Session session, Row product)
    {
        bool Within(Row row, string name) => session.Follow(row, name) is { } location && InScope(session, location);
        var quants = session.Where("stock.quant", "product_id", product.Id).Where(quant => Within(quant, "location_id"))
            .ToArray();
        var moves = session.Where("stock.move", "product_id", product.Id)
            .Where(move => session.Text(move, "state") is "waiting" or "confirmed" or "partially_available" or "assigned")
            .ToArray();
        var onHand = quants.Sum(quant => session.Number(quant, "quantity"));
        var reserved = quants.Sum(quant => session.Number(quant, "reserved_quantity"));
        var incoming = moves.Where(move => !Within(move, "location_id") && Within(move, "location_dest_id"))
            .Sum(move => session.Number(move, "product_uom_qty"));
        var outgoing = moves.Where(move => Within(move, "location_id") && !Within(move, "location_dest_id"))
            .Sum(move => session.Number(move, "product_uom_qty"));
        return new StockFigures(onHand, onHand - reserved, onHand + incoming - outgoing, incoming, outgoing);
    }

    private static bool InScope(Session session, Row location)
    {
        if (session.Text(location, "usage") != "internal")
            return false;
        if (session.Context["location"] is JsonValue at && at.TryGetValue(out int id))
            return location.Id == id;
        return session.Context["warehouse_id"] is not JsonValue of || !of.TryGetValue(out int warehouse)
            || Equals(session.Get(location, "warehouse_id"), warehouse);
    }
}

namespace Gateway.Adapters.Odoo.Fields;

/// <summary>
/// What differs between Odoo 14 and 19 in what the operations use. One line adds one. Which field holds is not concluded from
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
        // The moves of a return say what they bring back in all versions.
        new("stock.picking", "return_id", 17, Evidence.Known) { Otherwise = "false" },
        new("stock.location", "warehouse_id", 15, Evidence.Known) { Otherwise = "false" },
    ];

    /// <summary>No Odoo tells its methods, so these go by the version.</summary>
    public static IReadOnlyList<MethodRule> Methods { get; } =
    [
        new("stock.return.picking", "action_create_returns", 18, Evidence.Known, "create_returns"),
    ];

    /// <summary>Models that operations use.</summary>
    public static IReadOnlyList<string> Models { get; } = [.. FieldNeeds.All.Select(need => need.Model).Concat(Rules.Select(rule => rule.Model)).Distinct()];

    /// <summary>Rows of a field, by model and name.</summary>
    public static IReadOnlyDictionary<(string Model, string Name), FieldRule> ByName { get; } = Rules.ToDictionary(rule => (rule.Model, rule.Name));
}

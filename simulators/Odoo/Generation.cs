using System.Text.Json.Nodes;
using Gateway.Simulators.Odoo.Models;

namespace Gateway.Simulators.Odoo;

/// <summary>What an older Odoo calls otherwise than 19 does, or does not have.</summary>
internal static class Generation
{
    /// <summary>Fields by their names in 19, since when they are called so, and what they were called before; null: there was none.</summary>
    private static readonly (string Model, string Field, int Since, string? Before)[] Fields =
    [
        ("sale.order", "locked", 17, null),
        ("sale.order", "delivery_status", 16, null),
        ("sale.order.line", "product_uom_id", 19, "product_uom"),
        ("sale.order.line", "tax_ids", 19, "tax_id"),
        ("sale.order.line", "technical_price_unit", 18, null),
        ("product.product", "is_storable", 18, null),
        ("product.template", "is_storable", 18, null),
        ("product.product", "uom_ids", 19, null),
        ("stock.move", "quantity", 17, "quantity_done"),
        ("stock.move", "picked", 17, null),
        ("stock.move", "inventory_name", 19, "name"),
        ("stock.picking", "move_ids", 16, "move_lines"),
        ("stock.picking", "return_id", 17, null),
        ("stock.picking", "return_ids", 17, null),
        ("stock.location", "warehouse_id", 15, null),
        ("stock.quant", "inventory_quantity_set", 15, null),
        ("res.partner", "use_partner_credit_limit", 16, null),
        ("uom.uom", "relative_factor", 19, null),
        ("uom.uom", "relative_uom_id", 19, null),
    ];

    /// <summary>Fields that only older versions have, and the last of them.</summary>
    private static readonly (string Model, string Field, int Last)[] Gone = [("stock.return.picking", "location_id", 17)];

    /// <summary>Methods likewise, and what the older one did where that was something else.</summary>
    private static readonly (string Model, string Method, int Since, string? Before, Func<Call, JsonNode?>? Older)[] Methods =
    [
        ("stock.quant", "action_apply_inventory", 15, null, null),
        ("stock.return.picking", "action_create_returns", 18, "create_returns", null),
        ("account.move", "action_switch_move_type", 17, "action_switch_invoice_into_refund_credit_note", Invoicing.SwitchToCreditNote),
    ];

    /// <summary>Fields that say more in an older version, for they stand for a flag that came later.</summary>
    private static readonly (string Model, string Field, int Until, Func<Field, Field> Older)[] Choices =
    [
        ("sale.order", "state", 17, field => field.By((session, row) =>
            session.Is(row, "locked") && session.Text(row, "state") == "sale" ? "done" : session.Text(row, "state"))),
        ("product.product", "type", 18, field => field.By((session, row) => session.Is(row, "is_storable") ? "product" : session.Text(row, "type"))),
        ("product.template", "type", 18, field => field.By((session, row) => session.Is(row, "is_storable") ? "product" : session.Text(row, "type"))),
        // What is reserved is no quantity of the move's there: what was counted is.
        ("stock.move", "quantity", 17, field => field.By((session, row) => session.Is(row, "picked") ? session.Number(row, "quantity") : 0m)),
        ("account.move.line", "display_type", 16, field => field.By((session, row) => session.Text(row, "display_type") is { } type && type != "product" ? type : null)),
    ];

    /// <summary>The model as callers of a version see it.</summary>
    public static Model Of(Model model, int version)
    {
        var outside = new Dictionary<string, Field>();
        foreach (var field in model.Fields.Values)
            if (NameOf(model, field, version) is { } name)
                outside.Add(name, (Choices.FirstOrDefault(choice => choice.Model == model.Name && choice.Field == field.Name && version < choice.Until).Older?.Invoke(field) ?? field).ShownAs(name));
        return model.As(outside, [.. model.Methods.Select(method => Renamed(model, method, version)).OfType<Method>()]);
    }

    private static string? NameOf(Model model, Field field, int version)
    {
        if (Gone.Any(gone => gone.Model == model.Name && gone.Field == field.Name && version > gone.Last))
            return null;
        foreach (var change in Fields)
            if (change.Model == model.Name && change.Field == field.Name && version < change.Since)
                return change.Before;
        return field.Name;
    }

    private static Method? Renamed(Model model, Method method, int version)
    {
        foreach (var change in Methods)
            if (change.Model == model.Name && change.Method == method.Name && version < change.Since)
                return change.Before is { } before ? method with { Name = before, Run = change.Older ?? method.Run } : null;
        return method;
    }
}

using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Warehouses, locations and what lies there.</summary>
internal static class StockModels
{
    private static readonly (string, string)[] Operations =
        [("incoming", "Receipt"), ("outgoing", "Delivery"), ("internal", "Internal Transfer")];

    public static readonly Model Warehouses = new("stock.warehouse", "Warehouse",
        Char("name", "Warehouse").Required(),
        Char("code", "Short Name").Required(),
        Many2One("partner_id", "Address", "res.partner"),
        Many2One("company_id", "Company", "res.company").Required().ReadOnly().Initially(BaseModels.Company),
        Many2One("view_location_id", "View Location", "stock.location").Required(),
        Many2One("lot_stock_id", "Location Stock", "stock.location").Required(),
        Many2One("wh_output_stock_loc_id", "Output Location", "stock.location"),
        Many2One("in_type_id", "In Type", "stock.picking.type"),
        Many2One("out_type_id", "Out Type", "stock.picking.type"),
        Selection("delivery_steps", "Outgoing Shipments", ("ship_only", "Deliver (1 step)"),
            ("pick_ship", "Pick then Deliver (2 steps)"), ("pick_pack_ship", "Pick, Pack, then Deliver (3 steps)"))
                .Required().Initially("ship_only"),
        Selection("reception_steps", "Incoming Shipments", ("one_step", "Receive and Store (1 step)"),
            ("two_steps", "Receive then Store (2 steps)"), ("three_steps", "Receive, Quality Control, then Store (3 steps)"))
                .Required().Initially("one_step"),
        Integer("sequence", "Sequence").Initially(10),
        Boolean("active", "Active").Initially(true))
    {
        Order = "sequence,id",
    };

    public static readonly Model Locations = new("stock.location", "Inventory Locations",
        Char("name", "Location Name").Required(),
        Char("complete_name", "Full Location Name").ReadOnly().By((session, row) => FullName(session, row)),
        Char("barcode", "Barcode"),
        Selection("usage", "Location Type", ("supplier", "Vendor"), ("view", "Virtual"), ("internal", "Internal"),
            ("customer", "Customer"), ("inventory", "Inventory Loss"), ("production", "Production"), ("transit", "Transit"))
                .Required().Initially("internal"),
        Many2One("location_id", "Parent Location", "stock.location"),
        One2Many("child_ids", "Contains", "stock.location", "location_id"),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse").ReadOnly().By((session, row) => WarehouseOf(session, row)),
        Many2One("company_id", "Company", "res.company"),
        Boolean("active", "Active").Initially(true))
    {
        Order = "complete_name,id",
        Display = FullName,
    };

    public static readonly Model PickingTypes = new("stock.picking.type", "Picking Type",
        Char("name", "Operation Type").Required(),
        Selection("code", "Type of Operation", Operations).Required(),
        Char("sequence_code", "Sequence Prefix").Required(),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse"),
        Many2One("default_location_src_id", "Source Location", "stock.location").Required(),
        Many2One("default_location_dest_id", "Destination Location", "stock.location").Required(),
        Many2One("company_id", "Company", "res.company").Required().Initially(BaseModels.Company),
        Boolean("active", "Active").Initially(true))
    {
        Display = (session, row) => session.Follow(row, "warehouse_id") is { } warehouse
            ? $"{session.Text(warehouse, "name")}: {session.Text(row, "name")}"
            : session.Text(row, "name") ?? "",
    };

    public static readonly Model Quants = new("stock.quant", "Quants",
        Many2One("product_id", "Product", "product.product").Required(),
        Many2One("product_uom_id", "Unit", "uom.uom").ReadOnly().NotStored()
            .By((session, row) => session.Get(session.Follow(row, "product_id")!, "uom_id")),
        Many2One("location_id", "Location", "stock.location").Required(),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse").ReadOnly().NotStored()
            .By((session, row) => session.Get(session.Follow(row, "location_id")!, "warehouse_id")),
        Many2One("lot_id", "Lot/Serial Number", "stock.lot"),
        Many2One("package_id", "Package", "stock.package"),
        Many2One("owner_id", "Owner", "res.partner"),
        Float("quantity", "Quantity").ReadOnly(),
        Float("reserved_quantity", "Reserved Quantity").Required().ReadOnly().Initially(0m),
        Float("available_quantity", "Available Quantity").ReadOnly().NotStored()
            .By((session, row) => session.Number(row, "quantity") - session.Number(row, "reserved_quantity")),
        Datetime("in_date", "Incoming Date").Required().ReadOnly().Initially(session => session.Now),
        Float("inventory_quantity", "Counted"),
        Boolean("inventory_quantity_set", "Inventory Quantity Set").Initially(false),
        Float("inventory_diff_quantity", "Difference").ReadOnly(),
        Many2One("user_id", "Assigned To", "res.users"),
        Many2One("company_id", "Company", "res.company").ReadOnly().Initially(BaseModels.Company))
    {
        Display = (session, row) => FullName(session, session.Follow(row, "location_id")!),
        Indexed = ["product_id"],
        InsteadOfCreating = CountExisting,
        Changed = NoteCount,
        Methods = [new("action_apply_inventory", true, [], Apply)],
    };

    /// <summary>The quant of a product at a place, made when there is none.</summary>
    public static Row QuantAt(this Session session, int product, int location) =>
        QuantIfAny(session, product, location)
            ?? session.Create(Quants, new Values { ["product_id"] = product, ["location_id"] = location, ["quantity"] = 0m });

    public static Row? QuantIfAny(Session session, int product, int location) => session
        .Where("stock.quant", "product_id", product)
        .FirstOrDefault(quant => Equals(quant.Cells["location_id"], location));

    private static string FullName(Session session, Row location) => session.Follow(location, "location_id") is { } parent
        ? $"{FullName(session, parent)}/{session.Text(location, "name")}"
        : session.Text(location, "name") ?? "";

    private static object? WarehouseOf(Session session, Row location) =>
        session.All("stock.warehouse")
            .FirstOrDefault(warehouse => Equals(session.Get(warehouse, "view_location_id"), location.Id))?.Id
        ?? (session.Follow(location, "location_id") is { } parent ? WarehouseOf(session, parent) : null);

    /// <summary>A count of a product already lying there is written to its quant, whose id the creation answers. Who has called is named as who counts.</summary>
    private static Row? CountExisting(Session session, Values values)
    {
        if (!values.TryGetValue("inventory_quantity", out var counted)
            || values.GetValueOrDefault("product_id") is not int product
                || values.GetValueOrDefault("location_id") is not int location
            || QuantIfAny(session, product, location) is not { } quant)
            return null;
        session.Write(quant, new Values { ["inventory_quantity"] = counted, ["user_id"] = session.User });
        return quant;
    }

    private static void NoteCount(Session session, Row quant, IReadOnlySet<string> names)
    {
        if (!names.Contains("inventory_quantity"))
            return;
        session.Set(quant, "inventory_quantity_set", true);
        if (names.Contains("product_id"))
            session.Set(quant, "user_id", session.User);
        session.Set(quant, "inventory_diff_quantity",
            session.Number(quant, "inventory_quantity") - session.Number(quant, "quantity"));
    }

    /// <summary>
    /// Books the difference of each count as a movement, which is called what the context says. Where goods moved since one was proposed a question is asked, and
    /// nothing is booked; where none is proposed any more, for another call has booked it, the difference is nothing, and so is the movement.
    /// </summary>
    private static JsonNode? Apply(Call call)
    {
        var session = call.Session;
        var outdated = call.Records.Where(quant => session.Is(quant, "inventory_quantity_set") && session.Number(quant, "inventory_quantity") - session.Number(quant, "inventory_diff_quantity") != session.Number(quant, "quantity")).ToArray();
        if (outdated.Length > 0)
            return new JsonObject
            {
                ["name"] = "Conflict in Inventory Adjustment",
                ["type"] = "ir.actions.act_window",
                ["res_model"] = "stock.inventory.conflict",
                ["target"] = "new",
                ["context"] = new JsonObject { ["default_quant_to_fix_ids"] = new JsonArray([.. outdated.Select(quant => JsonValue.Create(quant.Id))]) },
            };
        foreach (var quant in call.Records)
        {
            Book(session, quant, session.Number(quant, "inventory_diff_quantity"));
            session.Set(quant, "quantity", session.Number(quant, "quantity") + session.Number(quant, "inventory_diff_quantity"));
            session.Set(quant, "inventory_quantity", 0m);
            session.Set(quant, "inventory_quantity_set", false);
            session.Set(quant, "inventory_diff_quantity", 0m);
            session.Set(quant, "user_id", null);
        }
        return null;
    }

    private static void Book(Session session, Row quant, decimal difference)
    {
        var (place, loss) = (session.Get(quant, "location_id"), session.All("stock.location").First(location => session.Text(location, "usage") == "inventory").Id);
        var name = session.Context["inventory_name"] is JsonValue given && given.TryGetValue(out string? text) ? text : difference == 0 ? "Product Quantity Confirmed" : "Product Quantity Updated";
        var move = session.Create(DeliveryModels.Moves, new Values
        {
            ["product_id"] = session.Get(quant, "product_id"),
            ["product_uom"] = session.Get(quant, "product_uom_id"),
            ["product_uom_qty"] = Math.Abs(difference),
            ["location_id"] = difference > 0 ? loss : place,
            ["location_dest_id"] = difference > 0 ? place : loss,
            ["to_refund"] = false,
        });
        // As in Odoo, who is named as who counts stands behind the name.
        session.Set(move, "inventory_name", session.Follow(quant, "user_id") is { } user ? $"{name} ({session.Text(user, "name")})" : name);
        session.Set(move, "is_inventory", true);
        session.Set(move, "quantity", Math.Abs(difference));
        session.Set(move, "picked", true);
        session.Set(move, "state", "done");
    }
}

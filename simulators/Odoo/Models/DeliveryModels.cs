using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Transfers and their moves, as records; what they do is in <see cref="Delivery"/>.</summary>
internal static class DeliveryModels
{
    private static readonly (string, string)[] Operations =
        [("incoming", "Receipt"), ("outgoing", "Delivery"), ("internal", "Internal Transfer")];

    public static readonly Model Carriers = new("delivery.carrier", "Shipping Methods",
        Char("name", "Delivery Method").Required(),
        Selection("delivery_type", "Provider", ("base_on_rule", "Based on Rules"), ("fixed", "Fixed Price"))
            .Required().Initially("fixed"),
        Selection("integration_level", "Integration Level", ("rate", "Get Rate"),
            ("rate_and_ship", "Get Rate and Create Shipment")).Initially("rate_and_ship"),
        Float("fixed_price", "Fixed Price"),
        Boolean("active", "Active").Initially(true));

    public static readonly Model Pickings = new("stock.picking", "Transfer",
        Char("name", "Reference").ReadOnly(),
        Selection("state", "Status", ("draft", "Draft"), ("waiting", "Waiting Another Operation"), ("confirmed", "Waiting"),
            ("assigned", "Ready"), ("done", "Done"), ("cancel", "Cancelled")).ReadOnly()
            .By((session, row) => State(session, row)),
        Char("origin", "Source Document"),
        Html("note", "Notes"),
        Many2One("partner_id", "Contact", "res.partner"),
        Many2One("picking_type_id", "Operation Type", "stock.picking.type").Required(),
        Selection("picking_type_code", "Type of Operation", Operations).ReadOnly().NotStored()
            .By((session, row) => TypeCode(session, row)),
        Many2One("location_id", "Source Location", "stock.location").Required(),
        Many2One("location_dest_id", "Destination Location", "stock.location").Required(),
        Datetime("scheduled_date", "Scheduled Date").Initially(session => session.Now),
        Datetime("date_deadline", "Deadline").ReadOnly(),
        Datetime("date_done", "Date of Transfer"),
        Many2One("sale_id", "Sales Order", "sale.order"),
        One2Many("move_ids", "Stock Moves", "stock.move", "picking_id"),
        Selection("move_type", "Shipping Policy", ("direct", "As soon as possible"), ("one", "When all products are ready"))
            .Required().Initially("direct"),
        Many2One("backorder_id", "Back Order of", "stock.picking").ReadOnly(),
        One2Many("backorder_ids", "Back Orders", "stock.picking", "backorder_id"),
        Many2One("return_id", "Return of", "stock.picking").ReadOnly(),
        One2Many("return_ids", "Returns", "stock.picking", "return_id"),
        Boolean("printed", "Printed").Initially(false),
        Many2One("carrier_id", "Carrier", "delivery.carrier"),
        Char("carrier_tracking_ref", "Tracking Reference"),
        Char("carrier_tracking_url", "Tracking URL").ReadOnly().NotStored(),
        Float("carrier_price", "Shipping Cost"),
        Float("weight", "Weight").ReadOnly().By((session, row) => Weight(session, row, "product_uom_qty")),
        Float("shipping_weight", "Weight for Shipping").By((session, row) => Weight(session, row, "quantity")),
        Selection("priority", "Priority", ("0", "Normal"), ("1", "Urgent")).Initially("0"),
        Selection("products_availability_state", "Products Availability State", ("available", "Available"),
            ("expected", "Expected"), ("late", "Late")).ReadOnly().NotStored()
            .By((session, row) => session.FollowAll(row, "move_ids")
                .Any(move => session.Text(move, "state") is "confirmed" or "partially_available") ? "late" : "available"),
        Many2One("company_id", "Company", "res.company").ReadOnly().Initially(BaseModels.Company))
    {
        Order = "priority desc,scheduled_date,id desc",
        Above = (session, row) => session.Follow(row, "sale_id"),
        Methods =
        [
            new("action_assign", true, [], Delivery.Assign),
            new("action_cancel", true, [], Delivery.Cancel),
            new("button_validate", true, [], Delivery.Validate),
        ],
    };

    public static readonly Model Moves = new("stock.move", "Stock Move",
        Char("reference", "Reference").ReadOnly()
            .By((session, row) => session.Follow(row, "picking_id") is { } picking ? session.Text(picking, "name") : session.Text(row, "inventory_name")),
        Char("inventory_name", "Inventory Name").ReadOnly(),
        Boolean("is_inventory", "Inventory").Initially(false),
        Integer("sequence", "Sequence").Initially(10),
        Many2One("product_id", "Product", "product.product").Required(),
        Float("product_uom_qty", "Demand").Required().Initially(0m),
        Many2One("product_uom", "Unit", "uom.uom").Required(),
        Float("quantity", "Quantity").Initially(0m),
        Boolean("picked", "Picked").Initially(false),
        Selection("state", "Status", ("draft", "New"), ("waiting", "Waiting Another Move"), ("confirmed", "Waiting"),
            ("partially_available", "Partially Available"), ("assigned", "Available"), ("done", "Done"),
            ("cancel", "Cancelled")).ReadOnly()
            .Initially("draft"),
        Many2One("location_id", "Source Location", "stock.location").Required(),
        Many2One("location_dest_id", "Intermediate Location", "stock.location").Required(),
        Many2One("sale_line_id", "Sale Line", "sale.order.line"),
        Many2One("picking_id", "Transfer", "stock.picking"),
        Selection("picking_code", "Type of Operation", Operations).ReadOnly().NotStored()
            .By((session, row) => session.Follow(row, "picking_id") is { } picking ? TypeCode(session, picking) : null),
        Char("origin", "Source Document"),
        Many2One("origin_returned_move_id", "Origin return move", "stock.move"),
        One2Many("returned_move_ids", "All returned moves", "stock.move", "origin_returned_move_id"),
        Many2Many("move_orig_ids", "Original Move", "stock.move"),
        Many2Many("move_dest_ids", "Destination Moves", "stock.move"),
        Datetime("date", "Date Scheduled").Required().Initially(session => session.Now),
        Datetime("date_deadline", "Deadline").ReadOnly(),
        Selection("procure_method", "Supply Method", ("make_to_stock", "Default: Take From Stock"),
            ("make_to_order", "Advanced: Apply Procurement Rules")).Required().Initially("make_to_stock"),
        Boolean("to_refund", "Update quantities on SO/PO").Initially(true),
        Many2One("company_id", "Company", "res.company").Required().Initially(BaseModels.Company),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse"))
    {
        Order = "sequence,id",
        Indexed = ["product_id"],
        Display = (session, row) =>
            $"{session.Text(row, "origin")}/{session.Text(session.Follow(row, "product_id")!, "default_code")}: "
            + $"{Short(session, row, "location_id")}>{Short(session, row, "location_dest_id")}",
        Changed = Delivery.Recount,
        Above = (session, row) => session.Follow(row, "picking_id"),
    };

    /// <summary>A transfer is ready as soon as anything of it is: <c>assigned</c> does not mean that all is there.</summary>
    private static object State(Session session, Row picking)
    {
        var states = session.FollowAll(picking, "move_ids").Select(move => session.Text(move, "state")).ToArray();
        if (states.Length == 0)
            return "draft";
        if (states.All(state => state == "cancel"))
            return "cancel";
        if (states.All(state => state is "done" or "cancel"))
            return "done";
        return states.Any(state => state is "assigned" or "partially_available") ? "assigned" : "confirmed";
    }

    private static string? TypeCode(Session session, Row picking) =>
        session.Follow(picking, "picking_type_id") is { } type ? session.Text(type, "code") : null;

    private static string? Short(Session session, Row move, string location) =>
        session.Text(session.Follow(move, location)!, "name");

    private static object Weight(Session session, Row picking, string quantity) => session.FollowAll(picking, "move_ids")
        .Where(move => session.Text(move, "state") != "cancel")
        .Sum(move => session.Number(move, quantity) * session.Number(session.Follow(move, "product_id")!, "weight"));
}

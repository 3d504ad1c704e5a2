namespace Gateway.Simulators.Odoo.Models;

/// <summary>
/// What becomes of the transfers of a confirmed order when its lines change (sale_stock, 16 to 19). More is added to what has not left, or comes with
/// a transfer of its own; less is taken off it. What is printed is in somebody's hands, and stays as it is: the goods are to come back, while the
/// delivery still says all of them (odoo/odoo#272343).
/// </summary>
internal static class Procurement
{
    public static void Follow(Session session, Row line)
    {
        if (session.Follow(line, "order_id") is not { } order || session.Text(order, "state") != "sale" || session.Is(order, "locked"))
            return;
        if (session.Follow(line, "product_id") is not { } product || session.Text(product, "type") != "consu")
            return;
        var missing = session.Number(line, "product_uom_qty") - Planned(session, line);
        if (missing > 0)
            Add(session, order, line, missing);
        else if (missing < 0)
            TakeOff(session, order, line, -missing);
    }

    /// <summary>What has left or is to leave, less what has come back or is to.</summary>
    private static decimal Planned(Session session, Row line) => session.FollowAll(line, "move_ids").Sum(move =>
        session.Text(move, "state") switch { "cancel" => 0, "done" => session.Number(move, "quantity"), _ => session.Number(move, "product_uom_qty") }
        * (IsDelivery(session, move) ? 1 : session.Is(move, "to_refund") ? -1 : 0));

    private static void Add(Session session, Row order, Row line, decimal quantity)
    {
        if (Open(session, line).FirstOrDefault() is { } move)
        {
            session.Set(move, "product_uom_qty", session.Number(move, "product_uom_qty") + quantity);
            Delivery.Reserve(session, move);
            return;
        }
        var picking = session.FollowAll(order, "picking_ids").FirstOrDefault(picking => session.Text(picking, "picking_type_code") == "outgoing"
            && session.Text(picking, "state") is not ("done" or "cancel") && !session.Is(picking, "printed")) ?? Delivery.NewDelivery(session, order);
        Delivery.Reserve(session, Delivery.NewMove(session, picking, line, quantity));
    }

    private static void TakeOff(Session session, Row order, Row line, decimal quantity)
    {
        foreach (var move in Open(session, line))
        {
            var demand = session.Number(move, "product_uom_qty");
            var taken = Math.Min(demand, quantity);
            session.Set(move, "product_uom_qty", demand - taken);
            if (taken == demand)
                Delivery.CancelMove(session, move);
            else
                Unreserve(session, move);
            quantity -= taken;
        }
        if (quantity > 0)
            Delivery.Reserve(session, Delivery.NewMove(session, Back(session, order), line, quantity));
    }

    private static void Unreserve(Session session, Row move)
    {
        var over = session.Number(move, "quantity") - session.Number(move, "product_uom_qty");
        if (over <= 0)
            return;
        Delivery.Reserved(session, move, -over);
        session.Set(move, "quantity", session.Number(move, "product_uom_qty"));
        session.Set(move, "state", "assigned");
    }

    /// <summary>An empty transfer that brings goods of an order back.</summary>
    private static Row Back(Session session, Row order)
    {
        var warehouse = session.Follow(order, "warehouse_id")!;
        var picking = Delivery.NewPicking(session, session.Follow(warehouse, "in_type_id")!, new Values
        {
            ["origin"] = session.Get(order, "name"),
            ["partner_id"] = session.Get(order, "partner_shipping_id"),
            ["sale_id"] = order.Id,
        });
        session.Set(picking, "location_id", session.Get(session.Follow(warehouse, "out_type_id")!, "default_location_dest_id"));
        return picking;
    }

    /// <summary>What is to leave of a line and may still be changed.</summary>
    private static Row[] Open(Session session, Row line) => [.. session.FollowAll(line, "move_ids")
        .Where(move => session.Text(move, "state") is not ("done" or "cancel") && IsDelivery(session, move) && !session.Is(session.Follow(move, "picking_id")!, "printed"))];

    /// <summary>It brings goods to the customer, and not back.</summary>
    public static bool IsDelivery(Session session, Row move) =>
        session.Follow(move, "picking_id") is { } picking && session.Text(picking, "picking_type_code") == "outgoing";
}

using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>What transfers do: reserve, ship, leave a backorder, be cancelled.</summary>
internal static class Delivery
{
    /// <summary>What a move hands on to one that replaces it.</summary>
    private static readonly string[] SameGoods =
        ["product_id", "product_uom", "sale_line_id", "warehouse_id", "origin_returned_move_id", "to_refund"];

    /// <summary>What a transfer hands on to its backorder.</summary>
    private static readonly string[] SameDelivery =
        ["origin", "partner_id", "scheduled_date", "date_deadline", "sale_id", "move_type", "carrier_id"];

    /// <summary>Makes the delivery of a confirmed order and reserves what is there.</summary>
    public static void Plan(Session session, Row order)
    {
        var lines = session.FollowAll(order, "order_line")
            .Where(line => session.Follow(line, "product_id") is { } product && session.Text(product, "type") == "consu"
                && session.Number(line, "product_uom_qty") > 0)
            .ToArray();
        if (lines.Length == 0)
            return;
        var picking = NewDelivery(session, order);
        foreach (var line in lines)
            Reserve(session, NewMove(session, picking, line, session.Number(line, "product_uom_qty")));
    }

    /// <summary>An empty delivery of an order.</summary>
    public static Row NewDelivery(Session session, Row order)
    {
        var warehouse = session.Follow(order, "warehouse_id")!;
        var due = session.Get(order, "commitment_date") ?? session.Now;
        return NewPicking(session, session.Follow(warehouse, "out_type_id")!, new Values
        {
            ["origin"] = session.Get(order, "name"),
            ["partner_id"] = session.Get(order, "partner_shipping_id"),
            ["scheduled_date"] = due,
            ["date_deadline"] = due,
            ["sale_id"] = order.Id,
            ["move_type"] = session.Get(order, "picking_policy"),
        });
    }

    /// <summary><c>action_assign</c>: reserves what has come in meanwhile.</summary>
    public static JsonNode Assign(Call call)
    {
        foreach (var move in call.Records.SelectMany(picking => call.Session.FollowAll(picking, "move_ids")).ToArray())
            if (call.Session.Text(move, "state") is "confirmed" or "partially_available")
                Reserve(call.Session, move);
        return true;
    }

    public static JsonNode Cancel(Call call)
    {
        foreach (var picking in call.Records)
        {
            if (call.Session.Text(picking, "state") == "done")
                throw OdooError.User("You cannot cancel a stock move that has been set to 'Done'. Create a return in order to reverse the moves which took place.");
            Cancel(call.Session, picking);
        }
        return true;
    }

    /// <summary>Cancels what is not done yet.</summary>
    public static void Cancel(Session session, Row picking)
    {
        foreach (var move in session.FollowAll(picking, "move_ids").Where(move => session.Text(move, "state") != "done"))
            CancelMove(session, move);
    }

    public static void CancelMove(Session session, Row move)
    {
        Reserved(session, move, -session.Number(move, "quantity"));
        session.Set(move, "quantity", 0m);
        session.Set(move, "state", "cancel");
    }

    /// <summary>
    /// <c>button_validate</c>: ships what is picked (all that is reserved where nothing is). With a remainder it answers a
    /// wizard and does nothing, unless the context says <c>skip_backorder</c>.
    /// </summary>
    public static JsonNode Validate(Call call)
    {
        var session = call.Session;
        var pickings = call.Records;
        var open = pickings.ToDictionary(picking => picking, picking => Open(session, picking));
        if (open.Values.Any(moves => moves.All(move => Shippable(session, moves, move) == 0)))
            throw OdooError.User("You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities.");
        var rest = pickings.Where(picking => open[picking]
            .Any(move => Shippable(session, open[picking], move) < session.Number(move, "product_uom_qty"))).ToArray();
        if (rest.Length > 0 && !session.Flag("skip_backorder"))
            return BackorderWizard(rest);
        var withoutBackorder = (session.Context["picking_ids_not_to_backorder"] as JsonArray ?? [])
            .Select(id => id!.GetValue<int>()).ToHashSet();
        foreach (var picking in pickings)
            Ship(session, picking, open[picking], backorder: !withoutBackorder.Contains(picking.Id));
        return true;
    }

    /// <summary>Follows a quantity written to a move: reservation and state. Before 17 that is what was counted, and no reservation.</summary>
    public static void Recount(Session session, Row move, IReadOnlySet<string> written)
    {
        if (session.Database.Version < 17 && written.Contains("quantity"))
            session.Set(move, "picked", session.Number(move, "quantity") > 0);
        if (written.Contains("quantity") && session.Text(move, "state") is "confirmed" or "partially_available" or "assigned")
            session.Set(move, "state", StateFor(session.Number(move, "quantity"), session.Number(move, "product_uom_qty")));
    }

    /// <summary>A new transfer of a type, between the type's own places.</summary>
    public static Row NewPicking(Session session, Row type, Values values)
    {
        var warehouse = session.Text(session.Follow(type, "warehouse_id")!, "code");
        values["name"] = session.Database.NextName($"{warehouse}/{session.Text(type, "sequence_code")}/");
        values["picking_type_id"] = type.Id;
        values["location_id"] = session.Get(type, "default_location_src_id");
        values["location_dest_id"] = session.Get(type, "default_location_dest_id");
        return session.Create(DeliveryModels.Pickings, values);
    }

    private static Row[] Open(Session session, Row picking) =>
        [.. session.FollowAll(picking, "move_ids").Where(move => session.Text(move, "state") is not ("done" or "cancel"))];

    private static decimal Shippable(Session session, Row[] moves, Row move) =>
        session.Is(move, "picked") || !moves.Any(other => session.Is(other, "picked")) ? session.Number(move, "quantity") : 0;

    /// <summary>A move of the same goods for the same order line in another transfer.</summary>
    public static Row CopyMove(Session session, Row move, Row picking, decimal quantity)
    {
        var values = InPicking(session, picking, quantity);
        foreach (var name in SameGoods)
            values[name] = session.Get(move, name);
        return session.Create(DeliveryModels.Moves, values);
    }

    /// <summary>A move of an order line's goods in one of its transfers.</summary>
    public static Row NewMove(Session session, Row picking, Row line, decimal quantity)
    {
        var values = InPicking(session, picking, quantity);
        values["product_id"] = session.Get(line, "product_id");
        values["product_uom"] = session.Get(line, "product_uom_id");
        values["sale_line_id"] = line.Id;
        values["warehouse_id"] = session.Get(line, "warehouse_id");
        return session.Create(DeliveryModels.Moves, values);
    }

    private static Values InPicking(Session session, Row picking, decimal quantity) => new()
    {
        ["product_uom_qty"] = quantity,
        ["location_id"] = session.Get(picking, "location_id"),
        ["location_dest_id"] = session.Get(picking, "location_dest_id"),
        ["date"] = session.Get(picking, "scheduled_date"),
        ["date_deadline"] = session.Get(picking, "date_deadline"),
        ["origin"] = session.Get(picking, "origin"),
        ["picking_id"] = picking.Id,
        ["state"] = "confirmed",
    };

    /// <summary>Sets aside what is there, at most the demand. Goods that come from outside are always there.</summary>
    public static void Reserve(Session session, Row move)
    {
        var (demand, has) = (session.Number(move, "product_uom_qty"), session.Number(move, "quantity"));
        var product = session.Follow(move, "product_id")!;
        var available = demand - has;
        if (session.Is(product, "is_storable") && IsOurs(session, move))
        {
            var quant = StockModels.QuantIfAny(session, product.Id, (int)session.Get(move, "location_id")!);
            available = Math.Clamp(quant is null ? 0 : session.Number(quant, "available_quantity"), 0, demand - has);
        }
        if (available > 0)
        {
            Reserved(session, move, available);
            session.Set(move, "quantity", has + available);
        }
        session.Set(move, "state", StateFor(has + available, demand));
    }

    private static bool IsOurs(Session session, Row move) =>
        session.Text(session.Follow(move, "location_id")!, "usage") == "internal";

    private static string StateFor(decimal quantity, decimal demand) =>
        quantity <= 0 ? "confirmed" : quantity < demand ? "partially_available" : "assigned";

    /// <summary>Changes what is reserved at the move's source, where stock of the product is kept at all.</summary>
    public static void Reserved(Session session, Row move, decimal change)
    {
        if (!IsOurs(session, move))
            return;
        var (product, location) = ((int)session.Get(move, "product_id")!, (int)session.Get(move, "location_id")!);
        if (StockModels.QuantIfAny(session, product, location) is { } quant)
            session.Set(quant, "reserved_quantity", Math.Max(0, session.Number(quant, "reserved_quantity") + change));
    }

    private static void Ship(Session session, Row picking, Row[] moves, bool backorder)
    {
        var rest = moves.Select(move => (Move: move, Quantity: Shippable(session, moves, move)))
            .Select(shipped => (shipped.Move, shipped.Quantity,
                Left: session.Number(shipped.Move, "product_uom_qty") - shipped.Quantity)).ToArray();
        Row? later = null;
        foreach (var (move, quantity, left) in rest)
        {
            Reserved(session, move, -session.Number(move, "quantity"));
            if (left > 0 && backorder)
            {
                later ??= Backorder(session, picking);
                if (quantity == 0)
                    session.Set(move, "picking_id", later.Id);
                else
                    CopyMove(session, move, later, left);
            }
            if (quantity > 0)
                Done(session, move, quantity);
            else if (!backorder)
                session.Set(move, "state", "cancel");
        }
        session.Set(picking, "date_done", session.Now);
        foreach (var move in later is null ? [] : session.FollowAll(later, "move_ids").ToArray())
        {
            session.Set(move, "quantity", 0m);
            Reserve(session, move);
        }
    }

    private static void Done(Session session, Row move, decimal quantity)
    {
        session.Set(move, "quantity", quantity);
        session.Set(move, "product_uom_qty", quantity);
        session.Set(move, "picked", true);
        session.Set(move, "state", "done");
        session.Set(move, "date", session.Now);
        Moved(session, move, "location_id", -quantity);
        Moved(session, move, "location_dest_id", quantity);
    }

    /// <summary>Stock may go below zero: Odoo ships what it is told to.</summary>
    private static void Moved(Session session, Row move, string place, decimal change)
    {
        var product = session.Follow(move, "product_id")!;
        var location = session.Follow(move, place)!;
        if (!session.Is(product, "is_storable") || session.Text(location, "usage") is not ("internal" or "transit" or "customer"))
            return;
        var quant = session.QuantAt(product.Id, location.Id);
        session.Set(quant, "quantity", session.Number(quant, "quantity") + change);
    }

    private static Row Backorder(Session session, Row picking)
    {
        var values = new Values { ["backorder_id"] = picking.Id };
        foreach (var name in SameDelivery)
            values[name] = session.Get(picking, name);
        return NewPicking(session, session.Follow(picking, "picking_type_id")!, values);
    }

    private static JsonNode BackorderWizard(Row[] pickings) => new JsonObject
    {
        ["name"] = "Create Backorder?",
        ["type"] = "ir.actions.act_window",
        ["view_mode"] = "form",
        ["res_model"] = "stock.backorder.confirmation",
        ["views"] = new JsonArray(new JsonArray(944, "form")),
        ["view_id"] = 944,
        ["target"] = "new",
        ["context"] = new JsonObject
        {
            ["button_validate_picking_ids"] = new JsonArray([.. pickings.Select(picking => (JsonNode)picking.Id)]),
            ["default_show_transfers"] = pickings.Length > 1,
            ["default_pick_ids"] = new JsonArray([.. pickings
                .Select(picking => new JsonArray((int)CommandKind.Link, picking.Id))]),
        },
    };
}

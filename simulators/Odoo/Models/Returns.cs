using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>The return wizard. It may be opened on the same delivery again and again: Odoo limits nothing here.</summary>
internal static class Returns
{
    public static readonly Model Wizard = new("stock.return.picking", "Return Picking",
        Many2One("picking_id", "Picking", "stock.picking"),
        Many2One("location_id", "Return Location", "stock.location"),
        One2Many("product_return_moves", "Moves", "stock.return.picking.line", "wizard_id"))
    {
        Creating = ProposeLines,
        Methods = [new("action_create_returns", true, [], CreateReturns)],
    };

    public static readonly Model Lines = new("stock.return.picking.line", "Return Picking Line",
        Many2One("wizard_id", "Wizard", "stock.return.picking"),
        Many2One("product_id", "Product", "product.product").Required(),
        Float("quantity", "Quantity").Required().Initially(0m),
        Many2One("move_id", "Move", "stock.move"),
        Boolean("to_refund", "Update quantities on SO/PO").Initially(true));

    /// <summary>
    /// One line for each move that is done, with a quantity of 0: the caller says what comes back. Before 17 the window in Odoo makes the lines, and knows the
    /// place that the goods go to; who calls the wizard by himself has neither.
    /// </summary>
    private static void ProposeLines(Session session, Row wizard)
    {
        if (session.Get(wizard, "picking_id") is null && session.Context["active_id"] is JsonValue active
            && active.TryGetValue(out int id))
            session.Set(wizard, "picking_id", id);
        if (session.Follow(wizard, "picking_id") is not { } picking || session.Text(picking, "state") != "done")
            throw OdooError.User("You may only return Done pickings.");
        if (session.Database.Version < 17)
            return;
        foreach (var move in session.FollowAll(picking, "move_ids").Where(move => session.Text(move, "state") == "done"))
            session.Create(Lines, new Values
            {
                ["wizard_id"] = wizard.Id,
                ["product_id"] = session.Get(move, "product_id"),
                ["move_id"] = move.Id,
            });
    }

    private static JsonNode CreateReturns(Call call)
    {
        var session = call.Session;
        var wizard = call.Records[0];
        var lines = session.FollowAll(wizard, "product_return_moves").Where(line => session.Number(line, "quantity") > 0)
            .ToArray();
        if (lines.Length == 0)
            throw OdooError.User("Please specify at least one non-zero quantity.");
        if (session.Database.Version < 17 && session.Get(wizard, "location_id") is null)
            throw OdooError.Validation("Missing required value for the field 'Destination Location' (location_dest_id).\nModel: 'Transfer' (stock.picking)");
        var delivery = session.Follow(wizard, "picking_id")!;
        var warehouse = session.Follow(session.Follow(delivery, "picking_type_id")!, "warehouse_id")!;
        var picking = Delivery.NewPicking(session, session.Follow(warehouse, "in_type_id")!, new Values
        {
            ["origin"] = $"Return of {session.Text(delivery, "name")}",
            ["partner_id"] = session.Get(delivery, "partner_id"),
            ["sale_id"] = session.Get(delivery, "sale_id"),
            ["return_id"] = delivery.Id,
        });
        session.Set(picking, "location_id", session.Get(delivery, "location_dest_id"));
        foreach (var line in lines)
        {
            var back = Delivery.CopyMove(session, session.Follow(line, "move_id")!, picking, session.Number(line, "quantity"));
            session.Set(back, "origin_returned_move_id", session.Get(line, "move_id"));
            session.Set(back, "to_refund", session.Is(line, "to_refund"));
            Delivery.Reserve(session, back);
        }
        return new JsonObject
        {
            ["name"] = "Returned Picking",
            ["view_mode"] = "form",
            ["res_model"] = "stock.picking",
            ["res_id"] = picking.Id,
            ["type"] = "ir.actions.act_window",
            ["context"] = new JsonObject(),
        };
    }
}

using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>
/// A delivery, and what came back of it so far. Odoo lets a delivery be returned again and again, so the gateway counts: of each move no more comes
/// back than went out, over all returns that are not cancelled, received or not.
/// </summary>
internal sealed record Delivered(Found Picking)
{
    /// <summary>Its returns are found by their moves: <c>return_ids</c> is not there before Odoo 17.</summary>
    public static Reading What { get; } = new Reading("stock.picking", "name", "state", "company_id", "location_id")
        .Into("sale_id", new Reading("sale.order", "name")
            .Into("partner_id", Ownership.Customer))
        .Into("move_ids", new Reading("stock.move", "state", "quantity")
            .Into("product_id", Transfers.Product)
            .Into("product_uom", Transfers.Unit)
            .Into("returned_move_ids", new Reading("stock.move", "state", "quantity", "product_uom_qty")
                .Into("picking_id", new Reading("stock.picking", "name", "state", "origin", "create_uid", "create_date")
                    .Into("move_ids", new Reading("stock.move", "state", "product_uom_qty").Into("product_id", Transfers.Product)))));

    /// <summary>NotFound where there is no such delivery, and where it went to somebody that the partner may not order for.</summary>
    public static async ValueTask<Lookup<Delivered>> ReadAsync(OdooSession odoo, string name, Partner partner)
    {
        var read = await What.FindAsync(odoo, [Is("name", name), Is("picking_type_code", "outgoing"), odoo.OfCompanies]);
        if (read.Failure is { } failure)
            return failure;
        // Two companies may each have one of the name.
        return read.Value!.FirstOrDefault(picking => Ownership.IsOf(picking.To("sale_id"), partner)) is { } ours ? new Delivered(ours) : OdooReply.NotFound("There is no such shipment.");
    }

    public bool IsDone => Picking.Text("state") == "done";

    public IEnumerable<Found> Returns => Picking.All("move_ids").SelectMany(move => move.All("returned_move_ids"))
        .Select(back => back.To("picking_id")).OfType<Found>().DistinctBy(back => back.Id);

    /// <summary>Database id of the item that a move of it is of.</summary>
    public int ItemOf(int move) => Picking.All("move_ids").First(one => one.Id == move).Row.Id("product_id") ?? 0;

    private IEnumerable<Found> Moves => Picking.All("move_ids").Where(move => move.Text("state") == "done");

    /// <summary>What is still with the customer.</summary>
    private static decimal Out(Found move) => move.Amount("quantity") - move.All("returned_move_ids")
        .Sum(back => back.Text("state") switch { "cancel" => 0, "done" => back.Amount("quantity"), _ => back.Amount("product_uom_qty") });

    /// <summary>More has been announced than went out.</summary>
    public bool IsOver => Moves.Any(move => Math.Round(Out(move), 6) < 0);

    /// <summary>How much of which move comes back, by the move's id; refused where it is more than is out.</summary>
    public Lookup<Dictionary<int, ReturnShare>> Share(ReturnInput asked)
    {
        var shares = new Dictionary<int, ReturnShare>();
        foreach (var (n, line) in asked.ProductReturnMoves.Index())
        {
            var moves = Moves.Where(move => (line.MoveId is null || move.Id == line.MoveId.Id) && line.ProductId.Is(move.To("product_id"))).ToArray();
            if (moves.Length == 0)
                return OdooReply.Refused($"returnLines/{n}: shipment '{Picking.Name}' has no such line of '{line.ProductId.Words}'");
            if (!Array.TrueForAll(moves, move => move.To("product_uom")?.Name == line.UomId.Name))
                return OdooReply.Refused($"returnLines/{n}: shipment '{Picking.Name}' counts '{line.ProductId.Words}' in another unit");
            var left = line.Quantity;
            foreach (var move in moves)
            {
                var taken = shares.GetValueOrDefault(move.Id)?.Quantity ?? 0;
                var share = Math.Max(0, Math.Min(Out(move) - taken, left));
                if (share > 0)
                    shares[move.Id] = new ReturnShare(taken + share, line.ToRefund);
                left -= share;
            }
            if (Math.Round(left, 6) > 0)
                return OdooReply.Refused($"returnLines/{n}: {line.Quantity.Plain()} of '{line.ProductId.Words}' is {left.Plain()} more than is left of what was shipped");
        }
        return shares;
    }

    /// <summary>Whether a return brings back what is asked, product by product.</summary>
    public static bool IsAs(Found back, ReturnInput asked)
    {
        if (back.Text("state") == "cancel")
            return false;
        var moves = back.All("move_ids").Where(move => move.Text("state") != "cancel").ToList();
        return moves.TrueForAll(move => asked.ProductReturnMoves.Any(line => line.ProductId.Is(move.To("product_id"))))
            && asked.ProductReturnMoves.GroupBy(line => line.ProductId.Words, StringComparer.Ordinal).All(lines =>
                moves.Where(move => lines.First().ProductId.Is(move.To("product_id"))).Sum(move => move.Amount("product_uom_qty")) == lines.Sum(line => line.Quantity));
    }
}

/// <param name="ToRefund">Null leaves the wizard's own proposal.</param>
internal sealed record ReturnShare(decimal Quantity, bool? ToRefund);

using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What is to be written to one open move before its transfer is validated.</summary>
/// <param name="Quantity">Done, in the move's unit; 0 where nothing was: then the reservation stays.</param>
internal sealed record MoveDone(Found Move, decimal Quantity);

/// <summary>
/// Finds the moves that a document's lines speak of. A line that names no move is of its product, and goes to the moves of it in their order.
/// More than a move was to be of is refused: Odoo would ship it, and take the stock below zero.
/// </summary>
internal static class TransferMoves
{
    /// <param name="member">The document's name for its lines, in what callers read.</param>
    public static Lookup<IReadOnlyList<MoveDone>> Of(Found picking, TransferInput asked, string member)
    {
        var open = picking.All("move_ids").Where(move => move.Text("state") is not ("done" or "cancel")).ToArray();
        var done = open.ToDictionary(move => move.Id, _ => 0m);
        foreach (var (n, line) in (asked.MoveIds ?? []).Index())
        {
            var (moves, wrong) = MovesOf(open, line, $"{member}/{n}");
            if (wrong is not null)
                return wrong;
            if (Spread(done, moves, line.Done) is > 0 and var over)
                return OdooReply.Refused($"{member}/{n}: {line.Done.Plain()} of '{line.ProductId.Words}' is {over.Plain()} more than was to be moved");
        }
        return new Lookup<IReadOnlyList<MoveDone>>([.. open.Select(move => new MoveDone(move, done[move.Id]))], null);
    }

    /// <summary>Whether a finished transfer moved just what is asked, product by product: Odoo may have split its moves.</summary>
    public static bool AreAs(Found picking, TransferInput asked)
    {
        var left = picking.All("move_ids").Where(move => move.Text("state") == "done").ToList();
        foreach (var wanted in (asked.MoveIds ?? []).GroupBy(line => line.ProductId.Words, StringComparer.Ordinal))
        {
            var product = wanted.First().ProductId;
            var moved = left.Where(move => product.Is(move.To("product_id"))).Sum(move => move.Amount("quantity"));
            if (Math.Round(moved, 6) != Math.Round(wanted.Sum(line => line.Done), 6))
                return false;
            left.RemoveAll(move => product.Is(move.To("product_id")));
        }
        return left.TrueForAll(move => move.Amount("quantity") == 0);
    }

    private static (Found[] Moves, OdooReply? Wrong) MovesOf(Found[] open, MoveInput line, string member)
    {
        var moves = open.Where(move => line.Id is { } id ? move.Id == id
            : line.OriginReturnedMoveId is { } origin ? move.Row.Id("origin_returned_move_id") == origin.Id
            : line.ProductId.Is(move.To("product_id"))).ToArray();
        if (moves.Length == 0)
            return (moves, OdooReply.Refused($"{member}: no open line of this transfer is of '{line.ProductId.Words}'"));
        if (!Array.TrueForAll(moves, move => line.ProductId.Is(move.To("product_id"))))
            return (moves, OdooReply.Refused($"{member}: this line of the transfer is of another item than '{line.ProductId.Words}'"));
        return Array.TrueForAll(moves, move => move.To("product_uom")?.Name == line.ProductUom.Name)
            ? (moves, null)
            : (moves, OdooReply.Refused($"{member}: the transfer counts '{line.ProductId.Words}' in another unit"));
    }

    /// <summary>Gives moves their shares, each as much as it was to be of; what is left over.</summary>
    private static decimal Spread(Dictionary<int, decimal> done, Found[] moves, decimal quantity)
    {
        foreach (var move in moves)
        {
            var share = Math.Clamp(move.Amount("product_uom_qty") - done[move.Id], 0, quantity);
            done[move.Id] += share;
            quantity -= share;
        }
        return quantity;
    }
}

using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What is to be written to one open move before its transfer is validated.</summary>
/// <param name="Quantity">Done, in the move's unit; 0 where nothing was: then the reservation stays.</param>
internal sealed record MoveDone(Found Move, decimal Quantity);

/// <summary>
/// Finds the moves that a document's lines speak of. A line that names no move is of its product, and goes to the moves of it in their order.
/// More than a move was to be of is refused, and more than is left of the order's line: Odoo would ship it. What Odoo believes to lie there refuses nothing: what has left
/// has left, and the stock goes below zero until somebody counts.
/// </summary>
internal sealed class TransferMoves
{
    private readonly Found[] _open;
    private readonly Dictionary<int, decimal> _done;
    private readonly Dictionary<int, decimal> _left;
    private readonly bool _delivers;

    private TransferMoves(Found picking)
    {
        _delivers = picking.Text("picking_type_code") == "outgoing";
        _open = [.. picking.All("move_ids").Where(move => move.Text("state") is not ("done" or "cancel"))];
        _done = _open.ToDictionary(move => move.Id, _ => 0m);
        _left = _open.Select(LineOf).OfType<Found>().DistinctBy(line => line.Id)
            .ToDictionary(line => line.Id, line => Math.Max(0, line.Amount("product_uom_qty") - line.Amount("qty_delivered")));
    }

    /// <param name="picking">Read as <see cref="Transfers.ToBook"/>.</param>
    /// <param name="member">The document's name for its lines, in what callers read.</param>
    public static Lookup<IReadOnlyList<MoveDone>> Of(Found picking, TransferInput asked, string member)
    {
        var all = new TransferMoves(picking);
        foreach (var (n, line) in (asked.MoveIds ?? []).Index())
        {
            var (moves, wrong) = all.MovesOf(line, $"{member}/{n}");
            if (wrong is not null)
                return wrong;
            if (Math.Round(all.Spread(moves, line.Done), 6) is > 0 and var over)
                return OdooReply.Refused($"{member}/{n}: {line.Done.Plain()} of '{line.ProductId.Words}' is {over.Plain()} more than {(all.HasRoom(moves) ? "is left of what was ordered" : "was to be moved")}");
        }
        return new Lookup<IReadOnlyList<MoveDone>>([.. all._open.Select(move => new MoveDone(move, all._done[move.Id]))], null);
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

    /// <summary>Whether the open moves are what was written to them, and of what they were to be.</summary>
    /// <param name="now">Read as <see cref="Transfers.Progress"/>.</param>
    public static bool AreStill(Found now, IReadOnlyList<MoveDone> written)
    {
        var open = now.All("move_ids").Where(move => move.Text("state") is not ("done" or "cancel")).ToDictionary(move => move.Id);
        return open.Count == written.Count && written.All(done => open.TryGetValue(done.Move.Id, out var move)
            && move.Amount("product_uom_qty") == done.Move.Amount("product_uom_qty")
            && (done.Quantity > 0
                ? move.Flag("picked") && Math.Round(move.Amount("quantity") - done.Quantity, 6) == 0
                // Versions that know no picking say that all of it is.
                : !move.Flag("picked") || move.Amount("quantity") == 0));
    }

    private (Found[] Moves, OdooReply? Wrong) MovesOf(MoveInput line, string member)
    {
        var moves = _open.Where(move => line.Id is { } id ? move.Id == id
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

    /// <summary>Gives moves their shares, each as much as it was to be of and as is left of its line; what is left over.</summary>
    private decimal Spread(Found[] moves, decimal quantity)
    {
        foreach (var move in moves)
        {
            var share = Math.Max(0, Math.Min(Math.Min(RoomOf(move), LeftOf(move)), quantity));
            _done[move.Id] += share;
            if (LineOf(move) is { } line && IsCountedAs(line, move))
                _left[line.Id] -= share;
            quantity -= share;
        }
        return quantity;
    }

    private decimal RoomOf(Found move) => move.Amount("product_uom_qty") - _done[move.Id];

    private bool HasRoom(Found[] moves) => Array.Exists(moves, move => RoomOf(move) > 0);

    /// <summary>What is left of a move's line, in the move's unit. Where the line counts in another unit, it is all or nothing.</summary>
    private decimal LeftOf(Found move) =>
        LineOf(move) is not { } line ? decimal.MaxValue
        : IsCountedAs(line, move) || _left[line.Id] == 0 ? _left[line.Id]
        : decimal.MaxValue;

    private static bool IsCountedAs(Found line, Found move) => line.Row.Id("product_uom_id") == move.Row.Id("product_uom");

    /// <summary>
    /// The line of the order that a move delivers; null where it delivers none: goods that come back, what replaces them, parts of what was sold.
    /// </summary>
    private Found? LineOf(Found move) =>
        _delivers && move.Row.Id("origin_returned_move_id") is null && move.To("sale_line_id") is { } line && line.Row.Id("product_id") == move.Row.Id("product_id") ? line : null;
}

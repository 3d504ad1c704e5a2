using System.Text.Json;
using Gateway.Adapters.Odoo.Stock;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>A return of one delivery, and what was received of it; the shape is <c>return-values@1</c>.</summary>
internal sealed record ReturnInput
{
    /// <summary>Number of the transfer that brings it back, where there is one already.</summary>
    public required string Name { get; init; }

    /// <summary>The delivery.</summary>
    public required Named PickingId { get; init; }

    public required IReadOnlyList<ReturnMove> ProductReturnMoves { get; init; }

    /// <summary>Of the transfer that brings it back.</summary>
    public required TransferInput Picking { get; init; }

    /// <summary>Which of the lines has a quantity that can't come back, and why: <c>returnLines/0: …</c>; null where all can.</summary>
    public string? WrongQuantity => ProductReturnMoves.Index()
        .Select(line => (line.Item.Quantity == 0 ? "nothing can't come back" : Quantity.Wrong(line.Item.Quantity)) is { } wrong ? $"returnLines/{line.Index}: {wrong}" : null)
        .FirstOrDefault(wrong => wrong is not null);

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (ReturnInput? Return, string? Wrong) Parse(JsonElement input)
    {
        var (found, wrong) = InputJson.Read(input, InputJson.Default.ReturnInput);
        return found is { ProductReturnMoves.Count: > 0 } ? (found, null) : (null, wrong ?? "a return without lines");
    }
}

/// <summary>So much of a product, of a move of the delivery where it is named.</summary>
internal sealed record ReturnMove
{
    public RecordId? MoveId { get; init; }

    public required ProductName ProductId { get; init; }

    public required Named UomId { get; init; }

    public required decimal Quantity { get; init; }

    /// <summary>Whether it shall be credited; null leaves the wizard's own proposal.</summary>
    public bool? ToRefund { get; init; }
}

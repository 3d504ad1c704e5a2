using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>Goods that come back to the warehouse, as the return was when it was read.</summary>
/// <param name="Id">The warehouse's id, from 5001.</param>
/// <param name="ReferenceId">The caller's id: unique.</param>
/// <param name="Status"><c>AwaitingArrival</c>, <c>Completed</c> or <c>Cancelled</c>.</param>
/// <param name="Center">The fulfillment centre that they come to.</param>
/// <param name="Inventory">What was announced, each SKU once, and what was found.</param>
/// <param name="InsertedAt">When it was announced.</param>
public sealed record WmsReturn(int Id, string ReferenceId, string Status, string Center, IReadOnlyList<WmsReturnItem> Inventory, DateTimeOffset InsertedAt)
{
    /// <summary>The warehouse's number of the parcel that they came with, as given.</summary>
    public long? OriginalShipmentId { get; init; }

    /// <summary>The number of the parcel that they come back in, as given.</summary>
    public string? TrackingNumber { get; init; }

    /// <summary>When all of it was looked at.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["reference_id"] = ReferenceId,
        ["return_type"] = "Regular",
        ["status"] = Status,
        ["fulfillment_center"] = Center,
        ["original_shipment_id"] = OriginalShipmentId,
        ["tracking_number"] = TrackingNumber,
        ["inventory"] = new JsonArray([.. Inventory.Select(item => item.ToJson())]),
        ["insert_date"] = Text(InsertedAt),
        ["completed_date"] = CompletedAt is { } completed ? Text(completed) : null,
    };

    private static string Text(DateTimeOffset moment) => moment.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
}

/// <summary>Units of one SKU that come back.</summary>
/// <param name="Requested">What shall become of them: <c>Default</c>, <c>Restock</c>, <c>Quarantine</c> or <c>Dispose</c>.</param>
public sealed record WmsReturnItem(string Sku, int Quantity, string Requested)
{
    /// <summary>What became of those that came; empty as long as nobody has looked.</summary>
    public IReadOnlyList<WmsReturnAction> Taken { get; init; } = [];

    internal JsonObject ToJson() => new()
    {
        ["sku"] = Sku,
        ["quantity"] = Quantity,
        ["action_requested"] = new JsonObject { ["action"] = Requested },
        ["action_taken"] = new JsonArray([.. Taken.Select(taken => taken.ToJson())]),
    };
}

/// <summary>What became of units that came back.</summary>
/// <param name="Action"><c>Restock</c>, <c>Quarantine</c> or <c>Dispose</c>.</param>
/// <param name="Reason">Why it was not restocked.</param>
public sealed record WmsReturnAction(string Action, int Quantity, string? Reason)
{
    internal JsonObject ToJson() => new() { ["action"] = Action, ["quantity_processed"] = Quantity, ["action_reason"] = Reason };
}

using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>
/// A correction of stock by people in the warehouse: they counted, broke or found something. ShipBob publishes no webhook about it; this one says what ShipHero's
/// "Inventory Change" does (developer.shiphero.com/webhooks/inventory-change-webhook): the difference, what was there before, the reason and who made it. It has an
/// id of its own, which ShipHero's has not.
/// </summary>
/// <param name="Id">From 9001.</param>
/// <param name="Sku">The SKU.</param>
/// <param name="Center">The fulfillment centre.</param>
/// <param name="Quantity">By how much: below zero, less is there.</param>
/// <param name="PreviousOnHand">Units there before.</param>
/// <param name="Reason">In the words of the warehouse.</param>
/// <param name="At">When it was made.</param>
public sealed record WmsAdjustment(int Id, string Sku, string Center, int Quantity, int PreviousOnHand, string Reason, DateTimeOffset At)
{
    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["sku"] = Sku,
        ["fulfillment_center"] = Center,
        ["quantity"] = Quantity,
        ["previous_on_hand"] = PreviousOnHand,
        ["on_hand"] = PreviousOnHand + Quantity,
        ["reason"] = Reason,
        ["source"] = "manual",
        ["updated_at"] = At.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
    };
}

using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>An order in the warehouse, as it was when it was read.</summary>
/// <param name="Id">The warehouse's id, from 1001.</param>
/// <param name="ReferenceId">The caller's id: unique.</param>
/// <param name="Status"><c>Processing</c>, <c>Exception</c> (not enough stock), <c>PartiallyFulfilled</c>, <c>Fulfilled</c> or <c>Cancelled</c>.</param>
/// <param name="Center">The fulfillment centre.</param>
/// <param name="Recipient">As given.</param>
/// <param name="ShippingMethod">As given.</param>
/// <param name="Products">What was ordered.</param>
/// <param name="Shipments">What has left.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record WmsOrder(
    int Id, string ReferenceId, string Status, string Center, JsonObject Recipient, string ShippingMethod,
    IReadOnlyList<WmsQuantity> Products, IReadOnlyList<WmsShipment> Shipments, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>What the warehouse only keeps and gives back, as given: <see cref="KeptMembers"/>.</summary>
    public JsonObject Kept { get; init; } = [];

    /// <summary>When its goods were taken from their places; null as long as they lie there.</summary>
    public DateTimeOffset? PickedAt { get; init; }

    /// <summary>Members of an order that mean nothing to the warehouse's software.</summary>
    internal static readonly string[] KeptMembers = ["order_number", "shipping_terms", "retailer_program_data", "tags"];

    /// <summary>Units of a SKU that have not left.</summary>
    public int Open(string sku) => Products.Where(product => product.Sku == sku).Sum(product => product.Quantity)
        - Shipments.SelectMany(shipment => shipment.Products).Where(product => product.Sku == sku)
            .Sum(product => product.Quantity);

    internal JsonObject ToJson()
    {
        var members = new JsonObject
        {
            ["id"] = Id,
            ["reference_id"] = ReferenceId,
            ["status"] = Status,
            ["fulfillment_center"] = Center,
            ["shipping_method"] = ShippingMethod,
            ["recipient"] = Recipient.DeepClone(),
            ["products"] = WmsQuantity.ToJson(Products),
            ["shipments"] = new JsonArray([.. Shipments.Select(shipment => shipment.ToJson())]),
            ["created_at"] = CreatedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
            ["updated_at"] = UpdatedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        };
        if (PickedAt is { } picked)
            members["picked_at"] = picked.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
        foreach (var (name, value) in Kept)
            members[name] = value?.DeepClone();
        return members;
    }
}

/// <summary>Units of one SKU.</summary>
public sealed record WmsQuantity(string Sku, int Quantity)
{
    /// <summary>The caller's number of the line, as given; null where none was.</summary>
    public long? LineId { get; init; }

    internal static JsonArray ToJson(IEnumerable<WmsQuantity> products) => new([.. products.Select(product => product.ToJson())]);

    private JsonObject ToJson()
    {
        var members = new JsonObject { ["reference_id"] = Sku, ["quantity"] = Quantity };
        if (LineId is { } line)
            members["external_line_id"] = line;
        return members;
    }
}

/// <summary>One parcel that left.</summary>
/// <param name="Id">From 1.</param>
/// <param name="OrderId">Its order.</param>
/// <param name="TrackingNumber">As the carrier knows it.</param>
/// <param name="Carrier">The carrier's code.</param>
/// <param name="Products">What is in it.</param>
/// <param name="ShippedAt">When it left.</param>
public sealed record WmsShipment(int Id, int OrderId, string TrackingNumber, string Carrier, IReadOnlyList<WmsQuantity> Products,
    DateTimeOffset ShippedAt)
{
    /// <summary>The caller's id of the order.</summary>
    public required string ReferenceId { get; init; }

    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["order_id"] = OrderId,
        ["reference_id"] = ReferenceId,
        ["tracking"] = new JsonObject { ["tracking_number"] = TrackingNumber, ["carrier"] = Carrier },
        ["products"] = WmsQuantity.ToJson(Products),
        ["shipped_at"] = ShippedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
    };
}

/// <summary>What lies of a SKU in a fulfillment centre.</summary>
/// <param name="Sku">The SKU.</param>
/// <param name="Center">The fulfillment centre.</param>
/// <param name="OnHand">Units there.</param>
/// <param name="Committed">Units promised to open orders.</param>
public sealed record WmsStock(string Sku, string Center, int OnHand, int Committed)
{
    internal JsonObject ToJson() => new()
    {
        ["sku"] = Sku,
        ["fulfillment_center"] = Center,
        ["on_hand"] = OnHand,
        ["committed"] = Committed,
        ["fulfillable"] = OnHand - Committed,
    };
}

/// <summary>A refusal.</summary>
/// <param name="Code">Null where only the status says what it is.</param>
internal sealed record WmsError(int Status, string? Code, string? Field, string Message)
{
    public JsonObject ToJson() => Code is null
        ? new() { ["message"] = Message }
        : new() { ["errors"] = new JsonArray(new JsonObject { ["code"] = Code, ["field"] = Field, ["message"] = Message }) };
}

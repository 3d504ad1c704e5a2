using System.Text.Json.Serialization;

namespace HandWrittenOrders;

/// <summary>
/// order@1 as types. Every member may be missing (null) until <see cref="OrderRules"/> has looked; an explicit null is refused by the reader,
/// since the types say that none is allowed.
/// </summary>
internal sealed class Order
{
    public string CustomerReference { get; set; } = null!;

    public string IssueDate { get; set; } = null!;

    public string DocumentCurrencyCode { get; set; } = null!;

    public Party BuyerParty { get; set; } = null!;

    public Delivery Delivery { get; set; } = null!;

    public string Note { get; set; } = null!;

    public List<OrderLine> OrderLines { get; set; } = null!;
}

internal sealed class Party
{
    public string Id { get; set; } = null!;
}

internal sealed class Delivery
{
    public Address DeliveryAddress { get; set; } = null!;

    public Period RequestedDeliveryPeriod { get; set; } = null!;
}

internal sealed class Address
{
    public string Name { get; set; } = null!;

    public string StreetName { get; set; } = null!;

    public string AdditionalStreetName { get; set; } = null!;

    public string CityName { get; set; } = null!;

    public string PostalZone { get; set; } = null!;

    public string CountrySubentityCode { get; set; } = null!;

    public string CountryCode { get; set; } = null!;
}

internal sealed class Period
{
    public string StartDate { get; set; } = null!;

    public string EndDate { get; set; } = null!;
}

internal sealed class OrderLine
{
    public string Id { get; set; } = null!;

    public decimal? Quantity { get; set; }

    public string UnitCode { get; set; } = null!;

    public Item Item { get; set; } = null!;

    public Price Price { get; set; } = null!;
}

internal sealed class Item
{
    public string SellersItemIdentification { get; set; } = null!;

    public string StandardItemIdentification { get; set; } = null!;

    public string Name { get; set; } = null!;
}

internal sealed class Price
{
    public string PriceAmount { get; set; } = null!;

    public decimal? BaseQuantity { get; set; }
}

/// <summary>order-response@1.</summary>
internal sealed record OrderResponse(
    string Id, string CustomerReference, string SalesOrderId, string OrderStatusCode, string? IssueDate, string DocumentCurrencyCode, Party BuyerParty,
    Delivery? Delivery, Period? PromisedDeliveryPeriod, string? Note, IReadOnlyList<ResponseLine> OrderLines, Totals LegalMonetaryTotal);

internal sealed record ResponseLine(
    string Id, decimal Quantity, string? UnitCode, Item Item, ResponsePrice Price, string LineStatusCode, string LineExtensionAmount)
{
    public string? TaxInclusiveAmount { get; init; }

    public decimal? MultiplierFactorNumeric { get; init; }

    public decimal? DeliveredQuantity { get; init; }

    public decimal? InvoicedQuantity { get; init; }
}

internal sealed record ResponsePrice(string PriceAmount, decimal BaseQuantity);

internal sealed record Totals(string LineExtensionAmount, string TaxExclusiveAmount, string TaxInclusiveAmount, string PayableAmount);

/// <summary>The event's data: the order as it came, our id, and the facts of the order system.</summary>
internal sealed record OrderAccepted(
    string Id, string CustomerReference, string? IssueDate, string DocumentCurrencyCode, Party BuyerParty, Delivery? Delivery, string? Note,
    List<OrderLine> OrderLines, string SalesOrderId, string OrderStatusCode, Totals LegalMonetaryTotal);

internal sealed record Problem(string Type, string Title, int Status, string Detail)
{
    public IReadOnlyList<Finding>? Errors { get; init; }

    public string? Existing { get; init; }
}

internal sealed record Finding(string Pointer, string Detail);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderResponse))]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class Json : JsonSerializerContext;

using System.Text.Json.Serialization;
using Gateway.Adapters.Canonical;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>What the event of an order tells beside the order that was sent: members of an <see cref="OrderResponse"/>.</summary>
/// <param name="OrderStatusCode">What happened, not how Odoo's order stands by now.</param>
internal sealed record OrderFacts(string? SalesOrderId, OrderStatusCode OrderStatusCode, MonetaryTotal LegalMonetaryTotal)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CustomerReference { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrderFacts))]
internal sealed partial class OrderFactsJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What was counted of a product in a place: absolute, in the product's own unit. The shape is one entry of <c>count@1</c>.</summary>
internal sealed record CountInput
{
    public required ProductName ProductId { get; init; }

    /// <summary>By its name in Odoo; null leaves it to the product, whose unit it must be.</summary>
    public Named? ProductUomId { get; init; }

    /// <summary>Where no place is said, its stock location.</summary>
    public WarehouseCode? WarehouseId { get; init; }

    public PlaceName? LocationId { get; init; }

    public Named? LotId { get; init; }

    public Named? PackageId { get; init; }

    public OwnerReference? OwnerId { get; init; }

    public required decimal InventoryQuantity { get; init; }

    /// <summary>What it tells of that the gateway does not count; null where all of it is counted.</summary>
    public string? NotCounted => LotId is not null ? "lots and serial numbers" : PackageId is not null ? "packages" : OwnerId is not null ? "goods of others" : null;

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (IReadOnlyList<CountInput>? Counts, string? Wrong) Parse(JsonElement input)
    {
        try
        {
            return input.Deserialize(CountJson.Default.IReadOnlyListCountInput) is { Count: > 0 } counts ? (counts, null) : (null, "no counts");
        }
        catch (JsonException e)
        {
            return (null, e.Message);
        }
    }
}

internal sealed record OwnerReference(string Ref);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IReadOnlyList<CountInput>))]
internal sealed partial class CountJson : JsonSerializerContext;

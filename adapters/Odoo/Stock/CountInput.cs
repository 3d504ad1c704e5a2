using System.Text.Json;

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
        var (counts, wrong) = InputJson.Read(input, InputJson.Default.IReadOnlyListCountInput);
        return counts is { Count: > 0 } ? (counts, null) : (null, wrong ?? "no counts");
    }
}

internal sealed record OwnerReference(string Ref);

using System.Text.Json;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>By how much stock of a product in a place is corrected, in the product's own unit. The shape is <c>adjustment@1</c>.</summary>
internal sealed record AdjustInput
{
    public required ProductName ProductId { get; init; }

    /// <summary>By its name in Odoo; null leaves it to the product, whose unit it must be.</summary>
    public Named? ProductUomId { get; init; }

    /// <summary>Where no place is said, its stock location.</summary>
    public WarehouseCode? WarehouseId { get; init; }

    public PlaceName? LocationId { get; init; }

    /// <summary>Below zero: so much less is there.</summary>
    public required decimal Difference { get; init; }

    /// <summary>What people read beside the movement in Odoo; null for nothing but whose call it was.</summary>
    public string? Reason { get; init; }

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (AdjustInput? Input, string? Wrong) Parse(JsonElement input)
    {
        var (adjust, wrong) = InputJson.Read(input, InputJson.Default.AdjustInput);
        return adjust is null ? (null, wrong)
            : adjust.Difference == 0 ? (null, "a difference of nothing")
            : decimal.Round(adjust.Difference, 6) != adjust.Difference ? (null, "a difference of more than six decimals")
            : (adjust, null);
    }
}

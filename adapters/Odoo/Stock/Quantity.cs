namespace Gateway.Adapters.Odoo.Stock;

/// <summary>Quantities of goods, as callers may say them.</summary>
internal static class Quantity
{
    /// <summary>More than anybody moves; sums of many such are no overflow.</summary>
    private const decimal Most = 1_000_000_000_000;

    /// <summary>Why it is none; null where it is one. Nothing at all is one, too.</summary>
    public static string? Wrong(decimal quantity) => quantity switch
    {
        < 0 => "a quantity can't be less than nothing",
        > Most => "nobody has so much of anything",
        _ => null,
    };
}

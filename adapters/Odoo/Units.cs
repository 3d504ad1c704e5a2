namespace Gateway.Adapters.Odoo;

/// <summary>
/// UN/ECE Recommendation 20 codes of the units that Odoo brings with it, by their external ids, which no translation touches.
/// A unit made by hand in Odoo has none: items in it can be read but not ordered by code.
/// </summary>
internal static class Units
{
    /// <summary>Module that Odoo's own units belong to.</summary>
    public const string Module = "uom";

    /// <summary>Code and name; where a unit has several codes, the first is the one answers show.</summary>
    private static readonly (string Code, string Name)[] Table =
    [
        ("C62", "product_uom_unit"), ("EA", "product_uom_unit"), ("H87", "product_uom_unit"), ("DZN", "product_uom_dozen"),
        ("KGM", "product_uom_kgm"), ("GRM", "product_uom_gram"), ("TNE", "product_uom_ton"), ("LBR", "product_uom_lb"), ("ONZ", "product_uom_oz"),
        ("MTR", "product_uom_meter"), ("KMT", "product_uom_km"), ("CMT", "product_uom_cm"), ("MMT", "product_uom_millimeter"),
        ("INH", "product_uom_inch"), ("FOT", "product_uom_foot"), ("YRD", "product_uom_yard"), ("SMI", "product_uom_mile"),
        ("MTK", "uom_square_meter"), ("FTK", "uom_square_foot"), ("MTQ", "product_uom_cubic_meter"), ("INQ", "product_uom_cubic_inch"),
        ("FTQ", "product_uom_cubic_foot"), ("LTR", "product_uom_litre"), ("OZA", "product_uom_floz"), ("QT", "product_uom_qt"), ("GLL", "product_uom_gal"),
        ("MIN", "product_uom_minute"), ("HUR", "product_uom_hour"), ("DAY", "product_uom_day"),
    ];

    private static readonly Dictionary<string, string> Names = Table.ToDictionary(row => row.Code, row => row.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, string> Codes =
        Table.GroupBy(row => row.Name, StringComparer.Ordinal).ToDictionary(rows => rows.Key, rows => rows.First().Code, StringComparer.Ordinal);

    /// <summary>Name of the external id of a unit; null for a code that Odoo has no unit for.</summary>
    public static string? NameOf(string code) => Names.GetValueOrDefault(code);

    /// <summary>The code of a unit; null for a name that is none of Odoo's.</summary>
    public static string? CodeOf(string name) => Codes.GetValueOrDefault(name);
}

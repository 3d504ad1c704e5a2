using System.Globalization;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>A currency as Odoo keeps it.</summary>
/// <param name="Id">Database id of res.currency.</param>
/// <param name="Code">ISO 4217.</param>
/// <param name="Decimals">Decimal places that amounts are rounded to.</param>
internal sealed record Currency(int Id, string Code, int Decimals)
{
    private readonly string _format = "F" + Decimals;
    private readonly string _longFormat = "0." + new string('0', Decimals) + new string('#', 10 - Decimals);

    /// <summary>Odoo rounds half away from zero.</summary>
    public decimal Round(decimal amount) => Math.Round(amount, Decimals, MidpointRounding.AwayFromZero);

    /// <summary>An amount as text: rounded to the currency's decimals, all of them shown (<c>12.50</c>).</summary>
    public string Amount(decimal amount) => Round(amount).ToString(_format, CultureInfo.InvariantCulture);

    /// <summary>A unit price as text: the currency's decimals at least, up to ten where the price has them (<c>0.125</c>).</summary>
    public string Price(decimal price) =>
        Round(price) == price ? Amount(price) : price.ToString(_longFormat, CultureInfo.InvariantCulture);
}

internal static class Figures
{
    /// <summary>A decimal without exponent or idle zeros, as <c>load</c> takes it.</summary>
    public static string Plain(this decimal value) => value == 0 ? "0" : value.Normal().ToString(CultureInfo.InvariantCulture);

    /// <summary>The same value without idle zeros: 3.0 is 3.</summary>
    public static decimal Normal(this decimal value) => value.Scale == 0 ? value : value / 1.000000000000000000000000000000000m;
}

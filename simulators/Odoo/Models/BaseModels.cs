using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Users, companies, countries, currencies and units.</summary>
internal static class BaseModels
{
    public const int Company = 1;

    public static readonly Model Users = new("res.users", "User",
        Char("name", "Name"),
        Char("login", "Login"),
        Char("lang", "Language"),
        Char("tz", "Timezone"),
        Many2One("company_id", "Company", "res.company"),
        Boolean("active", "Active").Initially(true))
    {
        Methods = [new("context_get", false, [], ContextGet)],
    };

    public static readonly Model Companies = new("res.company", "Companies",
        Char("name", "Company Name").Required(),
        Many2One("currency_id", "Currency", "res.currency").Required(),
        Many2One("partner_id", "Partner", "res.partner").Required());

    public static readonly Model Countries = new("res.country", "Country",
        Char("name", "Country Name").Required(),
        Char("code", "Country Code").Required(),
        Integer("phone_code", "Country Calling Code"),
        Many2One("currency_id", "Currency", "res.currency"))
    {
        Order = "name,id",
    };

    public static readonly Model States = new("res.country.state", "Country state",
        Char("name", "State Name").Required(),
        Char("code", "State Code").Required(),
        Many2One("country_id", "Country", "res.country").Required())
    {
        Order = "code,id",
    };

    public static readonly Model Currencies = new("res.currency", "Currency",
        Char("name", "Currency").Required(),
        Char("full_name", "Name"),
        Char("symbol", "Symbol").Required(),
        Float("rounding", "Rounding Factor").Initially(0.01m),
        Integer("decimal_places", "Decimal Places").ReadOnly().By((session, row) => Decimals(session.Number(row, "rounding"))),
        Float("rate", "Current Rate").ReadOnly().NotStored().By((_, row) => row.Cells.GetValueOrDefault("rate_cell") ?? 1m),
        Selection("position", "Symbol Position", ("after", "After Amount"), ("before", "Before Amount")).Initially("after"),
        Boolean("active", "Active").Initially(true))
    {
        Order = "active desc,name,id",
    };

    public static readonly Model Units = new("uom.uom", "Product Unit of Measure",
        Char("name", "Unit Name").Required(),
        Integer("sequence", "Sequence").Initially(100),
        Float("factor", "Absolute Quantity").ReadOnly().By((session, row) => Factor(session, row)),
        Float("relative_factor", "Contains").Required().Initially(1m),
        Many2One("relative_uom_id", "Reference Unit", "uom.uom"),
        Float("rounding", "Rounding Precision").ReadOnly().NotStored().By((_, _) => 0.01m),
        Boolean("active", "Active").Initially(true))
    {
        Order = "sequence,id",
    };

    /// <summary>Rounds half away from zero to the currency's decimals, as Odoo does.</summary>
    public static decimal Round(this Session session, Row? currency, decimal amount) =>
        Math.Round(amount, currency is null ? 2 : (int)session.Number(currency, "decimal_places"), MidpointRounding.AwayFromZero);

    private static decimal Factor(Session session, Row unit)
    {
        var reference = session.Follow(unit, "relative_uom_id") is { } other ? Factor(session, other) : 1;
        return session.Number(unit, "relative_factor") * reference;
    }

    private static object Decimals(decimal rounding) =>
        rounding is > 0 and < 1 ? (int)Math.Ceiling(-Math.Log10((double)rounding)) : 0;

    private static JsonNode ContextGet(Call call)
    {
        var user = call.Session.Record("res.users", call.Session.User);
        return new JsonObject
        {
            ["lang"] = call.Session.Text(user, "lang"),
            ["tz"] = call.Session.Text(user, "tz"),
            ["uid"] = user.Id,
        };
    }
}

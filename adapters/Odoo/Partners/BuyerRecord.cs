using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Partners;

/// <summary>A customer by its number, among those of the partner's companies and those that belong to none.</summary>
internal static class BuyerRecord
{
    /// <summary>Fields of an address, for every model that has one.</summary>
    public static readonly string[] AddressFields = ["street", "street2", "zip", "city", "state_id", "country_id"];

    public static readonly (string, string, string[])[] AddressReferences = [("state_id", "res.country.state", ["code", "name"]), ("country_id", "res.country", ["code", "name"])];

    /// <param name="fields">With <c>company_id</c>.</param>
    public static async ValueTask<Lookup<JsonElement?>> FindAsync(OdooSession odoo, string? number, params string[] fields)
    {
        if (string.IsNullOrEmpty(number))
            return OdooReply.NotFound("There is no such buyer.");
        var reply = await odoo.SearchAsync("res.partner", [Is("ref", number), odoo.Shared], fields, limit: 2, order: "id");
        if (!reply.Done)
            return reply;
        JsonElement[] found = [.. reply.Value.EnumerateArray().Where(row => odoo.PlaceOf(row) is not null)];
        return found.Length switch
        {
            0 => OdooReply.NotFound("There is no such buyer."),
            1 => found[0],
            _ => OdooReply.Unusable($"number '{number}' stands for more than one customer"),
        };
    }
}

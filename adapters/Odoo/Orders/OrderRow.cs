using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>The order that a call is about, for operations on what belongs to it: so much of it as they need.</summary>
internal static class OrderRow
{
    /// <summary>NotFound where there is no such order in the partner's companies.</summary>
    public static async ValueTask<Lookup<JsonElement>> FindAsync(OdooSession odoo, string? reference, string field)
    {
        if (!int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return OdooReply.NotFound("There is no such order.") with { Reason = $"'{reference}' is no reference of Odoo" };
        var reply = await odoo.SearchAsync("sale.order", [Is("id", id), odoo.OfCompanies], [field], limit: 1);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0 ? reply.Value[0] : OdooReply.NotFound("The order system no longer has this order.");
    }
}

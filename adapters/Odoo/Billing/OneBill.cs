using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>The invoice or credit note that a call names: by its id, its number, or as what the call is about.</summary>
internal static class OneBill
{
    /// <summary>NotFound where there is none that the partner may know of.</summary>
    public static async ValueTask<Lookup<Found>> ReadAsync(OdooSession odoo, OperationCall call)
    {
        if (Which(call) is not { } which)
            return OdooReply.NotFound("There is no such invoice.");
        var read = await Bills.Whole.FindAsync(odoo, [which, In("move_type", Bills.Both), odoo.OfCompanies], limit: 1);
        if (read.Failure is { } failure)
            return failure;
        return read.Value is [var bill] && IsOf(bill, call.Partner) ? bill : OdooReply.NotFound("There is no such invoice.");
    }

    private static object[]? Which(OperationCall call)
    {
        if (int.TryParse(call.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out var about))
            return Is("id", about);
        var named = InputJson.Read(call.Input, InputJson.Default.BillName).Input;
        return named?.Id is { } id ? Is("id", id) : named?.Name is { Length: > 0 } name ? Is("name", name) : null;
    }

    private static bool IsOf(Found bill, Partner partner) => bill.To("partner_id") is { } customer
        && partner.Buyers.Any(buyer => buyer == customer.Text("ref") || buyer == customer.To("commercial_partner_id")?.Text("ref"));
}

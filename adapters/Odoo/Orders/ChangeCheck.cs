using System.Net;
using System.Text.RegularExpressions;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>Whether an order is what a change asks for: then there is nothing to do, or it has been done.</summary>
internal static partial class ChangeCheck
{
    /// <summary>Every difference, in words for the operator; empty when the order is what was asked for.</summary>
    public static async ValueTask<Lookup<IReadOnlyList<string>>> DifferencesAsync(OdooSession odoo, OrderInput asked, OrderRecord kept)
    {
        var buyer = await odoo.ReadAsync("res.partner", kept.Buyer is { } id ? [id] : [], ["ref"]);
        if (!buyer.Done)
            return buyer;
        var found = new List<string>(OrderCheck.Differences(asked, kept, withOthers: true));
        if (kept.Reference != asked.ClientOrderRef || buyer.Value.EnumerateArray().All(row => row.Text("ref") != asked.Buyer))
            found.Add("it is another order");
        if (asked.CommitmentDate is null && kept.CommitmentDate is { } date)
            found.Add($"commitment date {date} is still there");
        if (Words(asked.Note ?? "") != Words(Plain(kept.Note ?? "")))
            found.Add("the note is another");
        if (kept.Buyer is null)
            return found;
        if (asked.Delivery is null)
        {
            var own = await DeliveryAddress.UnnamedAsync(odoo, kept);
            if (own.Failure is { } unknown)
                return unknown;
            if (own.Value is not null)
                found.Add("the delivery address is still the one that was named before");
            return found;
        }
        var address = await new DeliveryAddress(odoo, asked.Delivery, kept.Buyer.Value).FindAsync();
        if (address.Failure is { } failure)
            return failure;
        if (address.Value != kept.DeliverTo)
            found.Add("the delivery address is another");
        return found;
    }

    /// <summary>Odoo wraps notes into elements of its own; only their words are compared.</summary>
    private static string Plain(string html) => WebUtility.HtmlDecode(Element().Replace(html, " "));

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Element();
}

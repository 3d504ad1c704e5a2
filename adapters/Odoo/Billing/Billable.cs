using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Orders, what of them is still to be billed, and the bills that they have.</summary>
/// <param name="Drafts">Drafts of the customer, where the orders that they are for are no longer found as billable.</param>
internal sealed record Billable(IReadOnlyList<Found> Orders, IReadOnlyList<Found> Drafts)
{
    private static readonly Reading Bill = new("account.move", "state", "move_type", "invoice_origin", "create_uid");

    private static readonly Reading What = new Reading("sale.order", "name", "state", "invoice_status", "delivery_status", "date_order", "company_id")
        .Into("partner_id", new Reading("res.partner", "ref").Into("commercial_partner_id", new Reading("res.partner", "ref")))
        .Into("invoice_ids", Bill)
        .Into("order_line", new Reading("sale.order.line", "qty_to_invoice", "price_unit"));

    public int[] Ids => [.. Orders.Select(order => order.Id)];

    /// <summary>Bills of a type that the orders have.</summary>
    public IEnumerable<Found> Of(string type) =>
        Orders.SelectMany(order => order.All("invoice_ids")).Concat(Drafts).Where(bill => bill.Text("move_type") == type).DistinctBy(bill => bill.Id);

    public bool HasToInvoice => Quantities.Any(quantity => quantity > 0);

    public bool HasToCredit => Quantities.Any(quantity => quantity < 0);

    /// <summary>What Odoo would make of it: below zero it is a credit note.</summary>
    public bool IsCredit => Orders.SelectMany(order => order.All("order_line")).Sum(line => line.Amount("qty_to_invoice") * line.Amount("price_unit")) < 0;

    private IEnumerable<decimal> Quantities => Orders.SelectMany(order => order.All("order_line")).Select(line => line.Amount("qty_to_invoice"));

    /// <summary>One order, by its name or its id. NotFound where there is none that the partner may know of.</summary>
    public static async ValueTask<Lookup<Billable>> OneAsync(OdooSession odoo, OperationCall call, string? name)
    {
        if (name is null && !int.TryParse(call.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return OdooReply.NotFound("There is no such order.");
        var which = name is not null ? Is("name", name) : Is("id", int.Parse(call.Reference!, CultureInfo.InvariantCulture));
        var read = await What.FindAsync(odoo, [which, odoo.OfCompanies], limit: 1);
        if (read.Failure is { } failure)
            return failure;
        return read.Value is [var order] && Ownership.IsOf(order, call.Partner) ? new Billable(read.Value!, []) : OdooReply.NotFound("There is no such order.");
    }

    /// <summary>
    /// What a partner's buyer has ordered up to the end of a month, by the clocks of our company, and what is to be billed of. Nothing of it is no failure.
    /// </summary>
    public static async ValueTask<Lookup<Billable>> OfMonthAsync(OdooSession odoo, Partner partner, string buyer, DateOnly month)
    {
        var end = TimeZoneInfo.ConvertTimeToUtc(month.AddMonths(1).ToDateTime(TimeOnly.MinValue), partner.TimeZone);
        var customers = await odoo.SearchAsync("res.partner", [Is("ref", buyer)], ["ref"], limit: 2, order: "id");
        if (!customers.Done)
            return customers;
        if (customers.Value.GetArrayLength() != 1 || !partner.Buyers.Contains(buyer))
            return OdooReply.NotFound("There is no such buyer.");
        var customer = customers.Value[0].Id("id")!.Value;
        var read = await What.FindAsync(odoo,
        [
            Is("partner_id", customer), Is("company_id", odoo.Company), Is("state", "sale"), Is("invoice_status", "to invoice"),
            (object[])["date_order", "<", end.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)],
        ]);
        var drafts = await Bill.FindAsync(odoo, [Is("commercial_partner_id", customer), Is("company_id", odoo.Company), Is("state", "draft"), Is("move_type", Bills.Invoice)]);
        return (read.Failure ?? drafts.Failure) is { } failure ? failure : new Billable(read.Value!, drafts.Value!);
    }
}

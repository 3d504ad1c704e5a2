using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Orders, what of them is still to be billed, and the bills that they have.</summary>
/// <param name="Drafts">Drafts of the customer, where the orders that they are for are no longer found as billable.</param>
internal sealed record Billable(IReadOnlyList<Found> Orders, IReadOnlyList<Found> Drafts)
{
    public static Reading Bill { get; } = new("account.move", "state", "move_type", "invoice_origin", "create_uid", "company_id");

    public static Reading What { get; } = new Reading("sale.order", "name", "state", "invoice_status", "delivery_status", "date_order", "company_id")
        .Into("partner_id", new Reading("res.partner", "ref").Into("commercial_partner_id", new Reading("res.partner", "ref")))
        .Into("invoice_ids", Bill)
        .Into("order_line", new Reading("sale.order.line", ["qty_to_invoice", "price_unit", "discount", "qty_delivered_method", "qty_delivered", .. BillSide.Fields]));

    /// <summary>Bills that the orders have, of both kinds.</summary>
    public IEnumerable<Found> Made => Orders.SelectMany(order => order.All("invoice_ids")).Concat(Drafts).DistinctBy(bill => bill.Id);

    /// <summary>Database ids of the companies whose they are.</summary>
    public IEnumerable<int> Companies => Orders.Concat(Drafts).Select(record => record.Row.Id("company_id")).OfType<int>().Distinct();

    /// <summary>Goods went out, or a service was done, that no invoice has.</summary>
    public bool HasToInvoice => Orders.Any(order => Has(order, Bills.Invoice));

    /// <summary>All that is to be shipped was. An order that is not shipped has no status of it, nor has any order before Odoo 16: there the lines tell.</summary>
    public bool IsShipped => Orders.All(order => order.Text("delivery_status") is { } status
        ? status == "full"
        : order.All("order_line").All(line => line.Text("qty_delivered_method") != "stock_move" || line.Amount("qty_delivered") >= line.Amount("product_uom_qty")));

    /// <summary>Goods came back that were invoiced. Those that cost nothing give nothing to credit.</summary>
    public bool HasToCredit => Worth(Bills.CreditNote) < 0;

    /// <summary>Without taxes; the wizard makes a credit note of what is below zero.</summary>
    public decimal Worth() => Worth(Bills.Invoice) + Worth(Bills.CreditNote);

    /// <summary>Without taxes, of what belongs on bills of a kind; what came back is below zero.</summary>
    public decimal Worth(string type) => Orders.SelectMany(order => order.All("order_line")).Where(line => BillSide.OfOrdered(line) == type)
        .Sum(line => line.Amount("qty_to_invoice") * line.Amount("price_unit") * (1 - line.Amount("discount") / 100));

    /// <summary>Database ids of the orders that have something for a bill of a kind.</summary>
    public int[] With(string type) => [.. Orders.Where(order => Has(order, type)).Select(order => order.Id)];

    /// <summary>A down payment alone is nothing to invoice: it is deducted from what is.</summary>
    private static bool Has(Found order, string type) =>
        order.All("order_line").Any(line => line.Amount("qty_to_invoice") != 0 && BillSide.OfOrdered(line) == type && (line.Amount("qty_to_invoice") > 0 || !line.Flag("is_downpayment")));

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
    /// What a partner's buyer has ordered up to the end of a month of all our companies that it trades with, by the clocks of the first, and what is to be
    /// billed of. Nothing of it is no failure.
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
            // Before 17 what is locked has a state of its own.
            Is("partner_id", customer), odoo.OfCompanies, In("state", ["sale", "done"]), Is("invoice_status", "to invoice"),
            (object[])["date_order", "<", end.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)],
        ]);
        var drafts = await Bill.FindAsync(odoo, [Is("commercial_partner_id", customer), odoo.OfCompanies, Is("state", "draft"), In("move_type", Bills.Both)]);
        return (read.Failure ?? drafts.Failure) is { } failure ? failure : new Billable(read.Value!, drafts.Value!);
    }
}

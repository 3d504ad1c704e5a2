using System.Text.Json;
using Gateway.Adapters.Odoo.Billing;
using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Changes;

/// <summary>How one kind of records is found, whose it is, and how it is read. One line of <see cref="All"/> adds one.</summary>
/// <param name="Kind">Its events.</param>
/// <param name="Model">Odoo's model.</param>
/// <param name="Operation">The operation whose fields it reads.</param>
/// <param name="Of">Which records of the model: leaves of a domain.</param>
/// <param name="Customer">Path to the customer.</param>
/// <param name="Head">Reads who it is of, and its state.</param>
internal sealed record Watched(ChangeKind Kind, string Model, string Operation, object[][] Of, string Customer, Reading Head)
{
    private static readonly Reading Party = new Reading("res.partner", "ref").Into("commercial_partner_id", new Reading("res.partner", "ref"));

    private static readonly Dictionary<string, string> Billed = new() { ["paid"] = "paid", ["cancel"] = "cancelled" };

    public static IReadOnlyList<Watched> All { get; } =
    [
        new(new ChangeKind("orders", "order", "created", "deleted", new Dictionary<string, string> { ["sale"] = "confirmed", ["cancel"] = "cancelled" })
            {
                MadeBy = OrderCreate.Description.Name, Cost = 30, Batch = 5,
            },
            "sale.order", OrderRead.Description.Name, [], "partner_id",
            new Reading("sale.order", "state", "company_id", "client_order_ref", "name", "write_date").Into("partner_id", Party)),
        new(new ChangeKind("shipments", "shipment", "planned", "deleted", Moved("shipped")) { Cost = 10 },
            "stock.picking", ShipmentRead.Description.Name, [Is("picking_type_code", "outgoing")], "sale_id.partner_id", Transfer()),
        new(new ChangeKind("returns", "return", "announced", "deleted", Moved("received")) { Cost = 10, MadeBy = Returns.ReturnCreate.Description.Name },
            "stock.picking", Returns.ReturnRead.Description.Name, [Is("picking_type_code", "incoming"), ["move_ids.origin_returned_move_id", "!=", false]], "sale_id.partner_id", Transfer()),
        new(new ChangeKind("invoices", "invoice", "issued", "withdrawn", Billed) { Cost = 14 },
            "account.move", InvoiceRead.OfInvoices.Name, [Is("move_type", Bills.Invoice), ["state", "!=", "draft"]], "partner_id", Bill()),
        new(new ChangeKind("creditNotes", "credit-note", "issued", "withdrawn", Billed) { Cost = 14 },
            "account.move", InvoiceRead.OfCreditNotes.Name, [Is("move_type", Bills.CreditNote), ["state", "!=", "draft"]], "partner_id", Bill()),
    ];

    /// <summary>Whose it is: the references of its customer, and of the company that this is a contact of.</summary>
    public IReadOnlyList<string> BuyersOf(Found head)
    {
        var at = Customer.Split('.').Aggregate((Found?)head, (found, field) => found?.To(field));
        return [.. new[] { at?.Text("ref"), at?.To("commercial_partner_id")?.Text("ref") }.OfType<string>().Distinct()];
    }

    /// <summary>How a record stands: its state, of bills also that they are paid.</summary>
    /// <param name="row">With <c>state</c>, and <c>payment_state</c> where it has one.</param>
    public static string StageOf(JsonElement row) => row.Text("state") switch
    {
        // Up to Odoo 16 a locked order is done.
        "done" when row.TryGetProperty("locked", out _) || row.TryGetProperty("client_order_ref", out _) => "sale",
        "posted" when row.Text("payment_state") == "paid" => "paid",
        var state => state ?? "",
    };

    private static Dictionary<string, string> Moved(string done) => new() { ["done"] = done, ["cancel"] = "cancelled" };

    private static Reading Transfer() =>
        new Reading("stock.picking", "state", "company_id", "write_date").Into("sale_id", new Reading("sale.order", "display_name").Into("partner_id", Party));

    private static Reading Bill() => new Reading("account.move", "state", "payment_state", "company_id", "write_date").Into("partner_id", Party);
}

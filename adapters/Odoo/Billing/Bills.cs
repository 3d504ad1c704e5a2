using System.Text.Json;
using Gateway.Adapters.Odoo.Stock;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>How invoices and credit notes (account.move) are read: as <c>invoice@1</c> of the mappings says.</summary>
internal static class Bills
{
    public const string Invoice = "out_invoice";

    public const string CreditNote = "out_refund";

    public static readonly string[] Both = [Invoice, CreditNote];

    private static readonly Reading Other = new("account.move", "display_name", "name", "state", "move_type", "invoice_date");

    private static readonly Reading Order = new Reading("sale.order", "display_name", "name", "client_order_ref").Into("invoice_ids", Other);

    private static readonly Reading Move = new Reading("stock.move", "state", "picking_code", "picking_id", "product_uom", "quantity")
        .Into("origin_returned_move_id", new Reading("stock.move", "display_name", "picking_id"));

    private static readonly Reading OrderLine = new Reading("sale.order.line", ["display_name", "price_unit", "discount", .. BillSide.Fields])
        .Into("order_id", Order)
        .Into("move_ids", Move)
        .Into("invoice_lines", new Reading("account.move.line", "quantity", "move_id"));

    private static readonly Reading Line = new Reading("account.move.line",
            "display_type", "name", "quantity", "price_unit", "discount", "price_subtotal", "price_total")
        .Into("product_id", Transfers.Product)
        .Into("product_uom_id", Transfers.Unit)
        .Into("tax_ids", new Reading("account.tax", "display_name", "name", "amount", "amount_type", "price_include"))
        .Into("sale_line_ids", OrderLine);

    public static Reading Whole { get; } = new Reading("account.move",
            "name", "state", "move_type", "payment_state", "invoice_date", "invoice_date_due", "ref", "invoice_origin", "payment_reference",
            "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "create_uid", "write_date")
        .Into("partner_id", Transfers.NewParty().Into("commercial_partner_id", new Reading("res.partner", "ref")))
        .Into("currency_id", Transfers.Currency)
        .Into("company_id", Transfers.Company)
        .Into("reversed_entry_id", Other)
        .Into("invoice_line_ids", Line);

    /// <summary>What a record of it is made of: the fields, and what Odoo does not link.</summary>
    public static void Write(Utf8JsonWriter json, Found bill) => bill.Write(json, more =>
    {
        WriteList(more, "sale_order_ids", OrdersOf(bill));
        if (bill.Text("move_type") == CreditNote && BillLinks.Of(bill) is { Count: > 0 } invoices)
            WriteList(more, "credited_move_ids", invoices);
    });

    /// <summary>The record of an operation: <c>{"invoices": […]}</c></summary>
    public static ReadOnlyMemory<byte> ListJson(string name, IEnumerable<Found> bills) => Found.Json(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var bill in bills)
            Write(json, bill);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The orders whose lines it bills.</summary>
    public static IEnumerable<Found> OrdersOf(Found bill) =>
        bill.All("invoice_line_ids").SelectMany(line => line.All("sale_line_ids")).Select(line => line.To("order_id")).OfType<Found>().DistinctBy(order => order.Id);

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<Found> records)
    {
        json.WriteStartArray(name);
        foreach (var record in records)
            record.Write(json);
        json.WriteEndArray();
    }
}

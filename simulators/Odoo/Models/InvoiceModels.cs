using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Invoices and credit notes, and how much of an order line they cover.</summary>
internal static class InvoiceModels
{
    /// <summary>The cell behind <c>sale_line_ids</c>: a line covers one order line.</summary>
    public const string OrderLine = "sale_line";

    private static readonly (string, string)[] DisplayTypes =
    [
        ("product", "Product"), ("cogs", "Cost of Goods Sold"), ("tax", "Tax"), ("discount", "Discount"),
        ("rounding", "Rounding"),
        ("payment_term", "Payment Term"), ("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note"),
        ("epd", "Early Payment Discount"), ("non_deductible_product_total", "Non Deductible Products Total"),
        ("non_deductible_product", "Non Deductible Products"), ("non_deductible_tax", "Non Deductible Tax"),
    ];

    public static readonly Model Journals = new("account.journal", "Journal",
        Char("name", "Journal Name").Required(),
        Char("code", "Short Code").Required(),
        Selection("type", "Type", ("sale", "Sales"), ("purchase", "Purchase"), ("cash", "Cash"), ("bank", "Bank"), ("general", "Miscellaneous")).Required(),
        Many2One("company_id", "Company", "res.company").Required().Initially(session => session.Company));

    public static readonly Model Invoices = new("account.move", "Journal Entry",
        Char("name", "Number"),
        Selection("state", "Status", ("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled"))
            .Required().ReadOnly().Initially("draft"),
        Selection("move_type", "Type", ("entry", "Journal Entry"), ("out_invoice", "Customer Invoice"),
            ("out_refund", "Customer Credit Note"), ("in_invoice", "Vendor Bill"), ("in_refund", "Vendor Credit Note"),
            ("out_receipt", "Sales Receipt"), ("in_receipt", "Purchase Receipt"))
                    .Required().ReadOnly().Initially("out_invoice"),
        Many2One("partner_id", "Partner", "res.partner"),
        Many2One("commercial_partner_id", "Commercial Entity", "res.partner").ReadOnly()
            .By((session, row) => session.Follow(row, "partner_id") is { } partner ? session.Get(partner, "commercial_partner_id") : null),
        Date("invoice_date", "Invoice/Bill Date"),
        Date("invoice_date_due", "Due Date").Initially(session => DateOnly.FromDateTime(session.Now)),
        Char("ref", "Reference"),
        Char("invoice_origin", "Origin").ReadOnly(),
        Char("payment_reference", "Payment Reference"),
        Many2One("currency_id", "Currency", "res.currency").Required(),
        Monetary("amount_untaxed", "Untaxed Amount").ReadOnly().By((session, row) => Sum(session, row, "price_subtotal")),
        Monetary("amount_tax", "Tax").ReadOnly()
            .By((session, row) => Sum(session, row, "price_total") - Sum(session, row, "price_subtotal")),
        Monetary("amount_total", "Total").ReadOnly().By((session, row) => Sum(session, row, "price_total")),
        Monetary("amount_residual", "Amount Due").ReadOnly().By((session, row) => Sum(session, row, "price_total")),
        Selection("payment_state", "Payment Status", ("not_paid", "Not Paid"), ("in_payment", "In Payment"), ("paid", "Paid"),
            ("partial", "Partially Paid"), ("reversed", "Reversed"), ("blocked", "Blocked"),
            ("invoicing_legacy", "Invoicing App Legacy")).ReadOnly().Initially("not_paid"),
        Many2One("journal_id", "Journal", "account.journal").Required(),
        Many2One("reversed_entry_id", "Reversal of", "account.move").ReadOnly(),
        One2Many("invoice_line_ids", "Invoice lines", "account.move.line", "move_id"),
        Many2One("company_id", "Company", "res.company").Initially(session => session.Company))
    {
        Order = "id desc",
        Indexed = ["partner_id"],
        Methods = [new("action_post", true, [], Invoicing.Post), new("action_switch_move_type", true, [], Invoicing.Switch)],
        Creating = Book,
        Changed = (session, move, _) => CheckBook(session, move),
    };

    public static readonly Model Lines = new("account.move.line", "Journal Item",
        Many2One("move_id", "Journal Entry", "account.move").Required().ReadOnly(),
        Many2One("product_id", "Product", "product.product"),
        Char("name", "Label"),
        Float("quantity", "Quantity"),
        Many2One("product_uom_id", "Unit", "uom.uom"),
        Float("price_unit", "Unit Price"),
        Float("discount", "Discount (%)"),
        Many2Many("tax_ids", "Taxes", "account.tax"),
        Monetary("price_subtotal", "Subtotal").ReadOnly().By((session, row) => Subtotal(session, row)),
        Monetary("price_total", "Total").ReadOnly()
            .By((session, row) => Subtotal(session, row) + session.FollowAll(row, "tax_ids")
            .Sum(tax => session.Round(null, Subtotal(session, row) * session.Number(tax, "amount") / 100))),
        Boolean("is_downpayment", "Is Downpayment").Initially(false),
        Many2Many("sale_line_ids", "Sales Order Lines", "sale.order.line").ReadOnly()
            .By((_, row) => row.Cells.GetValueOrDefault(OrderLine) is int id ? [id] : Array.Empty<int>()),
        Selection("display_type", "Display Type", DisplayTypes).Required().Initially("product"))
    {
        Indexed = [OrderLine],
        Deleting = (session, line) =>
        {
            if (session.Text(session.Follow(line, "move_id")!, "state") == "posted")
                throw OdooError.User("You cannot delete an item linked to a posted entry.");
        },
    };

    /// <summary>Ids of the invoice lines of an order line.</summary>
    public static int[] LinesOf(Session session, Row orderLine) =>
        [.. session.Where("account.move.line", OrderLine, orderLine.Id).Select(line => line.Id)];

    /// <summary>Ids of the invoices of an order, newest first.</summary>
    public static int[] OfOrder(Session session, Row order) =>
        [.. session.Ids(order, "order_line")
            .Select(id => session.Record("sale.order.line", id)).SelectMany(line => LinesOf(session, line))
            .Select(id => (int)session.Get(session.Record("account.move.line", id), "move_id")!).Distinct().OrderDescending()];

    /// <summary>How much of an order line is invoiced, credit notes taken off, drafts counted.</summary>
    public static decimal Invoiced(Session session, Row orderLine) => LinesOf(session, orderLine)
        .Select(id => session.Record("account.move.line", id))
        .Sum(line => session.Follow(line, "move_id") is { } move && session.Text(move, "move_type") == "out_refund"
            ? -session.Number(line, "quantity") : session.Number(line, "quantity"));

    /// <summary>A bill that names no journal gets the first one for sales of its company.</summary>
    private static void Book(Session session, Row move)
    {
        if (session.Get(move, "journal_id") is null)
            session.Set(move, "journal_id", session.All("account.journal")
                .FirstOrDefault(journal => session.Text(journal, "type") == "sale" && Equals(session.Get(journal, "company_id"), session.Get(move, "company_id")))?.Id
                ?? throw OdooError.User($"No journal could be found in company {session.Text(session.Follow(move, "company_id")!, "name")} for any of those types: sale"));
    }

    /// <summary>Odoo takes a bill's company from its journal, and then refuses what on the bill is of another company.</summary>
    private static void CheckBook(Session session, Row move)
    {
        var journal = session.Follow(move, "journal_id")!;
        if (!Equals(session.Get(journal, "company_id"), session.Get(move, "company_id")))
            throw OdooError.User($"Incompatible companies on records:\n- '{session.Text(journal, "name")}' belongs to another company than the entry (id {move.Id}).");
    }

    private static decimal Subtotal(Session session, Row line) =>
        session.Round(session.Follow(session.Follow(line, "move_id")!, "currency_id"),
        session.Number(line, "quantity") * session.Number(line, "price_unit") * (1 - session.Number(line, "discount") / 100));

    private static decimal Sum(Session session, Row move, string name) =>
        session.FollowAll(move, "invoice_line_ids").Sum(line => session.Number(line, name));
}

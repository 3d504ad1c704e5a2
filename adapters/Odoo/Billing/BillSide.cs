namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// On which kind of bill a line belongs. Odoo's wizard puts all that is open of an order on one draft, and makes it an invoice or a credit note by its total;
/// the gateway looks at each line. What came back is credited. A down payment that is deducted, and what was ordered below zero, a discount perhaps, is
/// negative too and stays with the invoice.
/// </summary>
internal static class BillSide
{
    /// <summary>Fields of an order line that tell.</summary>
    public static readonly string[] Fields = ["product_uom_qty", "is_downpayment"];

    /// <param name="line">A line of an order, of which something is to be billed.</param>
    public static string OfOrdered(Found line) => Of(line.Amount("qty_to_invoice"), line.Amount("product_uom_qty"), line.Flag("is_downpayment"));

    /// <param name="line">A line of <paramref name="bill"/>; null where it bills nothing, as a section does.</param>
    public static string? OfBilled(Found bill, Found line)
    {
        if (line.Text("display_type") is not (null or "product"))
            return null;
        var quantity = bill.Text("move_type") == Bills.CreditNote ? -line.Amount("quantity") : line.Amount("quantity");
        var sold = line.All("sale_line_ids").ToArray();
        return sold.Length == 0 ? Bills.Invoice : Of(quantity, sold.Sum(one => one.Amount("product_uom_qty")), Array.Exists(sold, one => one.Flag("is_downpayment")));
    }

    private static string Of(decimal toInvoice, decimal ordered, bool isDownPayment) =>
        toInvoice < 0 && ordered >= 0 && !isDownPayment ? Bills.CreditNote : Bills.Invoice;
}

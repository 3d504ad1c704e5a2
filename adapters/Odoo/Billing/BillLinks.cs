using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Which invoices a credit note is for. Odoo links only those that reverse a whole invoice; one that is made of what came back has
/// <c>reversed_entry_id</c> false. So the gateway chooses when it makes one, by the order lines that both bill, and writes the invoices' numbers
/// into <c>invoice_origin</c>, behind the order's: the link is kept where the document is.
/// </summary>
internal static class BillLinks
{
    /// <summary>The linked invoices, by Odoo's own link or by ours.</summary>
    public static IReadOnlyList<Found> Of(Found creditNote)
    {
        if (creditNote.To("reversed_entry_id") is { } reversed)
            return [reversed];
        var named = (Marks.Without(creditNote.Text("invoice_origin")) ?? "").Split(", ");
        return [.. Candidates(creditNote).Where(invoice => invoice.Name is { } name && named.Contains(name))];
    }

    /// <summary>
    /// The invoices whose goods a draft credits: of each line the newest ones, until they bill as much as is credited. The draft may be an invoice yet.
    /// </summary>
    public static IReadOnlyList<Found> Choose(Found creditNote)
    {
        var invoices = Candidates(creditNote).ToDictionary(invoice => invoice.Id);
        var chosen = new SortedSet<int>();
        foreach (var line in creditNote.All("invoice_line_ids").Where(line => BillSide.OfBilled(creditNote, line) == Bills.CreditNote))
        {
            var left = Math.Abs(line.Amount("quantity"));
            var billed = line.All("sale_line_ids").SelectMany(sold => sold.All("invoice_lines"))
                .Where(other => other.Amount("quantity") > 0 && other.Row.Id("move_id") is { } move && invoices.ContainsKey(move))
                .OrderByDescending(other => other.Row.Id("move_id"));
            foreach (var other in billed)
            {
                if (left <= 0)
                    break;
                chosen.Add(other.Row.Id("move_id")!.Value);
                left -= other.Amount("quantity");
            }
        }
        return [.. chosen.Select(id => invoices[id])];
    }

    /// <summary>Posted invoices of its orders.</summary>
    private static IEnumerable<Found> Candidates(Found creditNote) => Bills.OrdersOf(creditNote)
        .SelectMany(order => order.All("invoice_ids"))
        .Where(other => other.Text("move_type") == Bills.Invoice && other.Text("state") == "posted")
        .DistinctBy(other => other.Id);
}

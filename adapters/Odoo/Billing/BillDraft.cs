using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Makes of the wizard's draft a bill of one kind. The lines of the other kind are taken off, in the same write that marks it; from then on they are to be
/// billed again. Where the wizard's total made it the other kind, <c>action_switch_move_type</c> makes it this one, as people do in Odoo.
/// </summary>
/// <param name="type">out_invoice or out_refund.</param>
/// <param name="journals">Database ids of journals by those of companies; a company that is not there leaves it to Odoo.</param>
internal sealed class BillDraft(OdooSession odoo, string type, string externalId, IReadOnlyDictionary<int, int> journals)
{
    /// <summary>There is something on it that belongs on such a bill.</summary>
    public bool IsFor(Found bill) => bill.All("invoice_line_ids").Any(line => BillSide.OfBilled(bill, line) == type);

    /// <summary>Marks it as this call's; of a draft, what is not is taken off. Null when all went well.</summary>
    public async ValueTask<OdooReply?> ClaimAsync(Found bill)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal) { ["invoice_origin"] = Marks.With(Origin(bill), externalId) };
        if (bill.Text("state") == "draft")
        {
            int[][] others = [.. bill.All("invoice_line_ids").Where(line => BillSide.OfBilled(bill, line) is { } side && side != type).Select(line => (int[])[2, line.Id, 0])];
            if (others.Length > 0)
                values["invoice_line_ids"] = others;
            if (bill.Row.Id("company_id") is { } company && journals.TryGetValue(company, out var journal))
                values["journal_id"] = journal;
        }
        var marked = await odoo.WriteAsync("account.move", [bill.Id], values);
        return marked.Done ? null : marked.AfterChange();
    }

    /// <summary>Null when all went well. Before Odoo 17 the method has another name, and leads to the credit note only.</summary>
    public async ValueTask<OdooReply?> SwitchAsync(Found bill)
    {
        var current = await IsCurrentAsync(odoo);
        if (current.Failure is { } unknown)
            return unknown.AfterChange();
        var switched = await odoo.ActAsync("account.move", current.Value ? "action_switch_move_type" : "action_switch_invoice_into_refund_credit_note", [bill.Id]);
        return switched.Done ? null : switched.Status == OperationStatus.Refused ? switched : switched.AfterChange();
    }

    /// <summary>Whether a draft can be switched both ways.</summary>
    public static async ValueTask<Lookup<bool>> IsCurrentAsync(OdooSession odoo)
    {
        var wire = await odoo.ChooseWireAsync();
        return wire.Failure is { } failure ? failure : wire.Value!.Version is not { Major: < 17 };
    }

    private string? Origin(Found bill)
    {
        var origin = bill.Text("invoice_origin");
        return type == Bills.CreditNote && BillLinks.Choose(bill) is { Count: > 0 } invoices
            ? string.Join(", ", [.. (origin is null ? (string[])[] : [origin]), .. invoices.Select(invoice => invoice.Name)])
            : origin;
    }
}

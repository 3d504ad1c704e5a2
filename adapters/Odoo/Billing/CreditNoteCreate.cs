using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Credits what came back of an order, and just that: after a return is received, the invoicing wizard makes a credit note of what was invoiced and is
/// no longer delivered. <c>reverse_moves</c> would credit the whole invoice. Marked, linked (<see cref="BillLinks"/>) and posted as an invoice is.
/// </summary>
internal sealed class CreditNoteCreate(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "credit-note.create", "Credits just what was returned of an order; once per external id, and no goods twice.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 40)
    {
        Input = new Dictionary<string, string> { ["order"] = "name of the order; left out where the call is about one" },
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        if (call.ExternalId is not { Length: > 0 } externalId)
            return OdooReply.NotSent("credit-note.create was called without an external id").ToResult();
        var (input, wrong) = BillInput.Parse(call.Input);
        if (input is not { Month: null })
            return new OperationResult(OperationStatus.Malformed) { Reason = $"the request mapping's output is not what credit-note.create takes: {wrong ?? "a month"}" };
        return await odoo.InTurnAsync($"bills of {input.Order ?? call.Reference}", async () =>
        {
            var asked = await Billable.OneAsync(odoo, call, input.Order);
            if (asked.Failure is { } failure)
                return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused("order: there is no such order") : failure.BeforeChange()).ToResult();
            var order = asked.Value!;
            var made = await new BillMaking(odoo, Bills.CreditNote, externalId, BillMaking.JournalOf(call.Partner)).MakeAsync(order, WhyNot(order), call.GoesFirst);
            return made.Failure is { } refused ? refused.ToResult() : BillMaking.Done("creditNotes", made.Value!);
        });
    }

    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => call.ExternalId is { Length: > 0 } externalId
        ? await new BillMaking(odoo, Bills.CreditNote, externalId).ReadBackAsync("creditNotes")
        : OdooReply.NotSent("read-back was called without an external id").ToResult();

    /// <summary>One wizard bills all that is open of an order: with goods to invoice among it, it would be no credit of just what came back.</summary>
    private static string? WhyNot(Billable order) =>
        !order.HasToCredit ? "there is nothing to credit"
        : order.HasToInvoice ? "goods of this order are still to be invoiced: that comes first"
        : null;
}

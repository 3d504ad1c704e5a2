using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Credits what came back of an order, and just that, whatever else of it is still to be invoiced: after a return is received, the invoicing wizard makes a
/// draft of what was invoiced and is no longer delivered. <c>reverse_moves</c> would credit the whole invoice. Marked, linked (<see cref="BillLinks"/>) and
/// posted as an invoice is.
/// </summary>
internal sealed class CreditNoteCreate(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "credit-note.create", "Credits just what was returned of an order; once per external id, and no goods twice.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 36)
    {
        Input = new Dictionary<string, string> { ["order"] = "name of the order; left out where the call is about one" },
        Makes = "credit-note",
        About = new Subject("order") { Or = ["order"] },
    };

    public override OperationDescriptor Descriptor => Description;

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => MakeAsync(call, OfOrder(BillInput.Parse(call.Input)),
        (input, externalId) => odoo.InTurnAsync($"bills of {input.Order ?? call.Reference}", () => CreditAsync(call, odoo, input, externalId)));

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) =>
        MadeAsync(call, externalId => new BillMaking(odoo, Bills.CreditNote, externalId, call.Partner.Companies).ReadBackAsync("creditNotes"));

    private static (BillInput? Input, string? Wrong) OfOrder((BillInput? Input, string? Wrong) read) => read.Input is { Month: not null } ? (null, "a month") : read;

    private static async ValueTask<OperationResult> CreditAsync(OperationCall call, OdooSession odoo, BillInput input, string externalId)
    {
        var asked = await Billable.OneAsync(odoo, call, input.Order);
        if (asked.Failure is { } failure)
            return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused("order: there is no such order") : failure.BeforeChange()).ToResult();
        var order = asked.Value!;
        var made = await new BillMaking(odoo, Bills.CreditNote, externalId, call.Partner.Companies).MakeAsync(order, order.HasToCredit ? null : "there is nothing to credit", call.GoesFirst);
        return made.Failure is { } refused ? refused.ToResult() : BillMaking.Done("creditNotes", made.Value!);
    }
}

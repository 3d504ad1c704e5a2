using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Posts a draft that somebody made in Odoo. One that is posted is Done: its state is what is asked for, so it needs no external id.</summary>
internal sealed class InvoicePost(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "invoice.post", "Posts a draft invoice or credit note.", Effect.Changes, Idempotent: true, ReadsBack: true, Compensation: "credit-note.create", Cost: 26)
    {
        Input = new Dictionary<string, string> { ["id"] = "its id; left out where the call is about one", ["name"] = "its number, in place of the id" },
        About = new Subject("invoice", "credit-note") { Or = ["id", "name"] },
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var read = await OneBill.ReadAsync(odoo, call);
        if (read.Failure is { } failure)
            return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused("there is no such invoice") : failure.BeforeChange()).ToResult();
        var bill = read.Value!;
        if (bill.Text("state") == "cancel")
            return OdooReply.Refused("the invoice is cancelled").ToResult();
        if (bill.Text("state") == "posted")
            return Done(bill);
        if (await BillPosting.PostAsync(odoo, bill.Id) is { } unposted)
            return unposted.ToResult();
        var posted = await Bills.Whole.ReadAsync(odoo, [bill.Id]);
        return posted.Failure is { } unread ? unread.AfterChange().ToResult() : Done(posted.Value![0]);
    }

    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo)
    {
        var read = await OneBill.ReadAsync(odoo, call);
        if (read.Failure is { } failure)
            return failure.Status == OperationStatus.NotFound ? failure.ToResult() : failure.BeforeChange().ToResult();
        return read.Value!.Text("state") == "posted" ? Done(read.Value!) : OdooReply.NotFound("").ToResult();
    }

    private static OperationResult Done(Found bill) =>
        BillMaking.Done(bill.Text("move_type") == Bills.Invoice ? "invoices" : "creditNotes", [bill]);
}

using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Reads the invoices, or the credit notes, of an order. A draft is none yet: it may still change, and has no number.</summary>
internal sealed class InvoiceRead : OdooOperation
{
    public static readonly OperationDescriptor OfInvoices = new(
        "invoice.read", "Reads the invoices of an order by the order's reference; drafts are none yet.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 14)
    {
        About = new Subject("order"),
    };

    public static readonly OperationDescriptor OfCreditNotes = new(
        "credit-note.read", "Reads the credit notes of an order by the order's reference; drafts are none yet.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 14)
    {
        About = new Subject("order"),
    };

    private readonly string _type;
    private readonly string _name;

    public InvoiceRead(OdooBackend backend, OperationDescriptor descriptor)
        : base(backend)
    {
        Descriptor = descriptor;
        (_type, _name) = descriptor == OfInvoices ? (Bills.Invoice, "invoices") : (Bills.CreditNote, "creditNotes");
    }

    public override OperationDescriptor Descriptor { get; }

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var order = await OrderRow.FindAsync(odoo, call.Reference, "invoice_ids");
        if (order.Failure is { } unknown)
            return unknown.ToResult();
        var read = await Bills.Whole.ReadAsync(odoo, [.. order.Value.Ids("invoice_ids").Order()]);
        if (read.Failure is { } failure)
            return failure.ToResult();
        var bills = read.Value!.Where(bill => bill.Text("move_type") == _type && bill.Text("state") != "draft");
        return new OperationResult(OperationStatus.Done) { Record = Bills.ListJson(_name, bills), Reference = call.Reference };
    }
}

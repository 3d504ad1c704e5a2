using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Reads the invoices, or the credit notes, of an order. A draft is none yet: it may still change, and has no number.</summary>
internal sealed class InvoiceRead : OdooOperation
{
    public static readonly OperationDescriptor OfInvoices = new(
        "invoice.read", "Reads the invoices of an order by the order's reference; drafts are none yet.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 20);

    public static readonly OperationDescriptor OfCreditNotes = new(
        "credit-note.read", "Reads the credit notes of an order by the order's reference; drafts are none yet.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 20);

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
        if (!int.TryParse(call.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return OdooReply.NotFound("There is no such order.").ToResult() with { Reason = $"'{call.Reference}' is no reference of Odoo" };
        var orders = await odoo.SearchAsync("sale.order", [Is("id", id), odoo.OfCompanies], ["invoice_ids"], limit: 1);
        if (!orders.Done)
            return orders.ToResult();
        if (orders.Value.GetArrayLength() == 0)
            return OdooReply.NotFound("The order system no longer has this order.").ToResult();
        var read = await Bills.Whole.ReadAsync(odoo, [.. orders.Value[0].Ids("invoice_ids").Order()]);
        if (read.Failure is { } failure)
            return failure.ToResult();
        var bills = read.Value!.Where(bill => bill.Text("move_type") == _type && bill.Text("state") != "draft");
        return new OperationResult(OperationStatus.Done) { Record = Bills.ListJson(_name, bills), Reference = call.Reference };
    }
}

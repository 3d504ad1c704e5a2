using Gateway.Adapters.Odoo.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Invoices an order, or a buyer's month: when, is agreed with the partner (<c>partners.NAME.invoicing</c>). What came back stands on no invoice. Made by Odoo's
/// wizard, marked and posted: see <see cref="BillMaking"/>. Nothing left to invoice is Refused.
/// </summary>
internal sealed partial class InvoiceCreate(OdooBackend backend) : OdooOperation(backend)
{
    private readonly ILogger _log = backend.Log;

    public static readonly OperationDescriptor Description = new(
        "invoice.create", "Invoices what was delivered of an order, or a buyer's month, as agreed with the partner; once per external id, and no goods twice.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Compensation: "credit-note.create", Cost: 36)
    {
        Input = new Dictionary<string, string>
        {
            ["order"] = "name of the order; left out where the call is about one",
            ["month"] = "YYYY-MM, where invoices are collected by month: what was ordered up to its end",
            ["buyer"] = "ref of the customer whose month it is",
        },
        Makes = "invoice",
        About = new Subject("order") { Or = ["order", "month"] },
    };

    public override OperationDescriptor Descriptor => Description;

    /// <summary>Who is invoiced by month is one record; an order is another.</summary>
    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => MakeAsync(call, BillInput.Parse(call.Input),
        (input, externalId) => odoo.InTurnAsync($"bills of {input.Buyer ?? input.Order ?? call.Reference}", () => BillAsync(call, odoo, input, externalId)));

    private async ValueTask<OperationResult> BillAsync(OperationCall call, OdooSession odoo, BillInput input, string externalId)
    {
        var asked = await AskedAsync(call, odoo, input);
        if (asked.Failure is { } failure)
            return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused("order: there is no such order") : failure.BeforeChange()).ToResult();
        var orders = asked.Value!;
        var made = await new BillMaking(odoo, Bills.Invoice, externalId, call.Partner.Companies).MakeAsync(orders, WhyNot(call.Partner, input, orders), call.GoesFirst);
        if (made.Failure is { } refused)
            return refused.ToResult();
        foreach (var bill in made.Value!)
            Compare(bill);
        return BillMaking.Done("invoices", made.Value!);
    }

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) =>
        MadeAsync(call, externalId => new BillMaking(odoo, Bills.Invoice, externalId, call.Partner.Companies).ReadBackAsync("invoices"));

    private static ValueTask<Lookup<Billable>> AskedAsync(OperationCall call, OdooSession odoo, BillInput input) => input.From is { } month
        ? Billable.OfMonthAsync(odoo, call.Partner, input.Buyer!, month)
        : Billable.OneAsync(odoo, call, input.Order);

    /// <summary>Why there is no invoice now; null where there is one to make.</summary>
    private static string? WhyNot(Partner partner, BillInput input, Billable orders)
    {
        if (partner.Invoicing == Invoicing.Month != input.Month is not null)
            return partner.Invoicing == Invoicing.Month ? "invoices of this partner are collected by month" : "invoices of this partner are not collected by month";
        if (!orders.HasToInvoice)
            return "there is nothing to invoice";
        if (orders.Worth(Bills.Invoice) < 0)
            return "what is to be invoiced comes to less than nothing";
        return partner.Invoicing == Invoicing.Order && !orders.IsShipped
            ? "invoices of this partner are for whole orders, and not all of this one has been shipped"
            : null;
    }

    /// <summary>An invoice with another price than the order's exists all the same, and is an alert.</summary>
    private void Compare(Found bill)
    {
        var differences = bill.All("invoice_line_ids")
            .SelectMany(line => line.All("sale_line_ids").Where(sold => sold.Amount("price_unit") != line.Amount("price_unit") || sold.Amount("discount") != line.Amount("discount"))
                .Select(sold => $"line {line.Id}: price {sold.Amount("price_unit").Plain()} became {line.Amount("price_unit").Plain()}"))
            .ToArray();
        if (differences.Length == 0)
            return;
        AdapterTelemetry.Differences.Add(1, new KeyValuePair<string, object?>("backend", Backend));
        LogDifferences(Backend, bill.Id, string.Join("; ", differences));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Backend {Backend} has invoice {Id} with other prices than the order: {Differences}")]
    private partial void LogDifferences(string backend, int id, string differences);
}

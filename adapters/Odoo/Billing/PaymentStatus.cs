using System.Globalization;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>Reads how far an invoice is paid; amounts are text with the decimals of their currency.</summary>
internal sealed class PaymentStatus(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "payment.status", "Reads how far an invoice is paid.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 14)
    {
        Input = new Dictionary<string, string> { ["id"] = "the invoice's id; left out where the call is about one", ["name"] = "its number, in place of the id" },
        About = new Subject("invoice", "credit-note") { Or = ["id", "name"] },
    };

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        var read = await OneBill.ReadAsync(odoo, call);
        if (read.Failure is { } failure)
            return failure.ToResult();
        var bill = read.Value!;
        if (bill.To("currency_id") is not { Name: { } code } money)
            return OdooReply.Unusable($"invoice {bill.Id} has no currency").ToResult();
        var currency = new Currency(money.Id, code, money.Row.Id("decimal_places") ?? 2);
        return new OperationResult(OperationStatus.Done)
        {
            Reference = bill.Id.ToString(CultureInfo.InvariantCulture),
            Record = Found.Json(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("id", bill.Id);
                foreach (var field in (string[])["name", "state", "payment_state", "invoice_date_due"])
                    if (bill.Text(field) is { } text)
                        json.WriteString(field, text);
                json.WriteString("currency", code);
                json.WriteString("amount_total", currency.Amount(bill.Amount("amount_total")));
                json.WriteString("amount_residual", currency.Amount(bill.Amount("amount_residual")));
                json.WriteEndObject();
            }),
        };
    }
}

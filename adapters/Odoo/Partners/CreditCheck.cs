using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Partners;

/// <summary>
/// Whether a customer may order for an amount: its limit, less what it owes, less what it will owe by confirmed orders (<see cref="OpenOrders"/>). All of it
/// is the company's that answers for it (<c>commercial_partner_id</c>), and of the partner's first company of ours, in that company's currency.
/// </summary>
internal sealed class CreditCheck(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "credit.check", "Tells a customer's credit limit, and what of it is used.", Effect.Reads, Idempotent: true, ReadsBack: false, Cost: 5)
    {
        Input = new Dictionary<string, string>
        {
            ["buyer"] = "ref of the customer (res.partner)",
            ["amount"] = "what is to be ordered, in the company's currency; optional",
        },
        Needs = [["buyer"]],
    };

    private static readonly string[] Fields = ["name", "ref", "credit", "credit_limit", "use_partner_credit_limit"];

    public override OperationDescriptor Descriptor => Description;

    protected override async ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo)
    {
        if (Amount(call.Input) is not { } wanted)
            return new OperationResult(OperationStatus.Malformed) { Reason = "amount is no number" };
        var buyer = await BuyerRecord.FindAsync(odoo, call.Input.Text("buyer"), "commercial_partner_id", "company_id");
        if (buyer.Failure is { } unknown)
            return unknown.ToResult();
        if (buyer.Value!.Value.Id("commercial_partner_id") is not { } id)
            return OdooReply.Unusable("the buyer answers to nobody").ToResult();
        var (partnerTask, ordersTask, currencyTask) = (odoo.ReadAsync("res.partner", [id], Fields).AsTask(), OpenOrders.ReadAsync(odoo, id).AsTask(), CurrencyAsync(odoo).AsTask());
        await Task.WhenAll(partnerTask, ordersTask, currencyTask);
        var (partner, orders, currency) = (await partnerTask, await ordersTask, await currencyTask);
        if ((partner.Done ? null : partner) is { } unread)
            return unread.ToResult();
        if ((orders.Failure ?? currency.Failure) is { } failure)
            return failure.ToResult();
        return partner.Value.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } row
            ? new OperationResult(OperationStatus.Done) { Record = Record(row, currency.Value!, orders.Value!, wanted).ToJson() }
            : OdooReply.NotFound("There is no such buyer.").ToResult();
    }

    private static async ValueTask<Lookup<Currency>> CurrencyAsync(OdooSession odoo)
    {
        var company = await odoo.Master.CompanyCurrencyAsync(odoo);
        return company.Failure is { } failure ? failure : await odoo.Master.CurrencyAsync(odoo, company.Value!.Value);
    }

    /// <summary>What is open in another currency can't be added up: then whether the amount is within the limit is not told, and <c>other_currencies</c> says why.</summary>
    private static JsonObject Record(JsonElement partner, Currency currency, OpenOrders open, decimal wanted)
    {
        var (limited, limit) = (partner.Flag("use_partner_credit_limit"), partner.Amount("credit_limit"));
        var (owed, ordered) = (partner.Amount("credit"), open.Of(currency));
        var record = new JsonObject
        {
            ["partner"] = new JsonObject { ["id"] = partner.Id("id"), ["ref"] = partner.Text("ref"), ["name"] = partner.Text("name") },
            ["currency"] = new JsonObject { ["name"] = currency.Code, ["decimal_places"] = currency.Decimals },
            ["use_partner_credit_limit"] = limited,
            ["credit"] = currency.Amount(owed),
            ["open_orders"] = currency.Amount(ordered),
            ["other_currencies"] = open.InOthersThan(currency),
        };
        if (!limited)
            record["sufficient"] = true;
        else
        {
            var left = limit - owed - ordered;
            record["credit_limit"] = currency.Amount(limit);
            record["available"] = currency.Amount(left);
            if (!open.InOthersThan(currency) || wanted > left)
                record["sufficient"] = wanted <= left;
        }
        return record;
    }

    private static decimal? Amount(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object || !input.TryGetProperty("amount", out var amount))
            return 0;
        return amount.ValueKind == JsonValueKind.Number ? amount.Figure()
            : amount.ValueKind == JsonValueKind.String && decimal.TryParse(amount.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var figure) ? figure
            : null;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>What <c>order.to</c> writes, kept by an Odoo that changes nothing, is told by <c>order.from</c> as the order that was accepted.</summary>
public sealed class OrderRoundTests
{
    private const int Documents = 100;

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    /// <summary>Far to the west and the east, and one whose clocks are changed.</summary>
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Pago_Pago")]
    [InlineData("Pacific/Kiritimati")]
    public void An_order_that_nobody_changed_is_told_as_it_was_sent(string zone)
    {
        var (values, records, answers) = (Shipped.Closed("odoo/order-values@1"), Shipped.Closed("odoo/order@1"), Shipped.Closed("order-response@1"));
        var (there, back) = (Shipped.Find("odoo/order.to")!, Shipped.Find("odoo/order.from")!);
        var told = 0;
        foreach (var order in new CanonicalDocuments("order@1", Shipped.Contract("order@1")!.Schema!, seed: 4711).Take(Documents))
        {
            var partner = new Partner("acme", "Acme") { Buyers = [order.GetProperty("buyerParty").GetProperty("id").GetString()!], TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone) };
            var facts = new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Partner = partner, Accepted = order, Id = "ord_1" };
            var (sent, error) = there.Run(order, facts);
            if (error is { IsRefusal: true }) continue;
            Assert.True(sent is not null, $"{error}\n{order}");
            using var written = JsonDocument.Parse(sent.Value);
            Assert.Empty(values.Validate(written.RootElement, 1));
            var record = Kept(written.RootElement);
            Assert.Empty(records.Validate(record, 1));
            var (answer, failed) = back.Run(record, facts);
            Assert.True(answer is not null, $"{failed}\n{order}");
            using var answered = JsonDocument.Parse(answer.Value);
            Assert.Empty(answers.Validate(answered.RootElement, 1));
            Assert.Null(JsonDifference.Find(Expected(order), answered.RootElement));
            told++;
        }
        Assert.True(told >= Documents / 4, $"only {told} of {Documents} were sent at all");
    }

    /// <summary>The record of an order that was created so.</summary>
    private static JsonElement Kept(JsonElement values) => JsonSerializer.SerializeToElement(new
    {
        order = new
        {
            id = 79,
            name = "S00079",
            state = "draft",
            delivery_status = false,
            invoice_status = "no",
            commitment_date = values.TryGetProperty("commitment_date", out var moment) ? (object)moment : false,
            currency = new { name = values.GetProperty("currency").GetString(), decimal_places = 2 },
            amount_untaxed = "0.00",
            amount_tax = "0.00",
            amount_total = "0.00",
        },
        lines = values.GetProperty("lines").EnumerateArray().Select((line, at) => new
        {
            id = 237 + at,
            line = line.GetProperty("id").GetString(),
            product = new { id = 15, default_code = line.GetProperty("default_code").GetString() },
            product_uom_qty = line.GetProperty("product_uom_qty"),
            unit_code = line.GetProperty("unit_code").GetString(),
            price_unit = PriceOfOne(line),
            price_subtotal = "0.00",
        }),
    });

    private static string PriceOfOne(JsonElement line) =>
        Math.Round(decimal.Parse(line.GetProperty("price_unit").GetString()!, CultureInfo.InvariantCulture) / line.GetProperty("price_base").GetDecimal(), 6).ToString(CultureInfo.InvariantCulture);

    private static JsonElement Expected(JsonElement order)
    {
        var expected = (JsonObject)JsonNode.Parse(order.GetRawText())!;
        expected["id"] = "ord_1";
        expected["salesOrderId"] = "S00079";
        expected["orderStatusCode"] = "accepted";
        expected["legalMonetaryTotal"] = new JsonObject { ["lineExtensionAmount"] = "0.00", ["taxExclusiveAmount"] = "0.00", ["taxInclusiveAmount"] = "0.00", ["payableAmount"] = "0.00" };
        var wished = expected["delivery"]?["requestedDeliveryPeriod"];
        if (((string?)wished?["endDate"] ?? (string?)wished?["startDate"]) is { } day) expected["promisedDeliveryPeriod"] = new JsonObject { ["endDate"] = day };
        foreach (var line in expected["orderLines"]!.AsArray())
        {
            line!["price"]!["baseQuantity"] ??= 1;
            line["lineStatusCode"] = "accepted";
            line["lineExtensionAmount"] = "0.00";
        }
        return JsonSerializer.SerializeToElement(expected);
    }
}

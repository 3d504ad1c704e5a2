using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Orders of a real Odoo, put together as <c>odoo/order.read</c> does, in each state that they went through.</summary>
public sealed class TranscriptOrdersTests
{
    private static readonly string[] Amounts = ["amount_untaxed", "amount_tax", "amount_total", "price_unit", "price_subtotal", "price_tax", "price_total"];

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    [Fact]
    public void Every_order_keeps_the_contracts()
    {
        var mapping = Shipped.Find("odoo/order.from")!;
        var records = OdooRecords.Read().Of("sale.order", "state", "amount_untaxed", "amount_total", "currency_id", "order_line", "delivery_status")
            .Where(r => r.Record.GetProperty("order_line").GetArrayLength() > 0).ToList();
        var states = new HashSet<string>();

        Assert.True(records.Count >= 6, $"only {records.Count} orders were found");
        foreach (var (file, row) in records)
        {
            var order = (JsonObject)JsonNode.Parse(row.GetRawText())!;
            var record = JsonSerializer.SerializeToElement(Record(order));
            Assert.True(Shipped.Contract("odoo/order@1")!.Schema!.Validate(record) is [], $"{file}: {Shipped.Contract("odoo/order@1")!.Schema!.Validate(record).FirstOrDefault()}\n{record}");
            var facts = new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Id = "ord_1", Accepted = JsonSerializer.SerializeToElement(Accepted(order, record)) };
            var (output, error) = mapping.Run(record, facts);
            Assert.True(output is not null, $"{file}: {error}\n{record}");
            using var document = JsonDocument.Parse(output.Value);
            Assert.True(Shipped.Contract("order-response@1")!.Schema!.Validate(document.RootElement) is [], $"{file}: {Shipped.Contract("order-response@1")!.Schema!.Validate(document.RootElement).FirstOrDefault()}\n{document.RootElement}");
            Assert.Equal(record.GetProperty("lines").GetArrayLength(), document.RootElement.GetProperty("orderLines").GetArrayLength());
            states.Add(document.RootElement.GetProperty("orderStatusCode").GetString()!);
        }
        Assert.Empty(new[] { "accepted", "released", "cancelled" }.Except(states));
    }

    private static JsonObject Record(JsonObject order)
    {
        var lines = ((JsonArray)order["order_line"]!).OfType<JsonObject>().Where(l => l["display_type"] is not JsonValue type || !type.TryGetValue(out string? _)).ToList();
        order["currency"] = new JsonObject { ["name"] = (string?)order["currency_id"]!["display_name"], ["decimal_places"] = 2 };
        foreach (var line in lines)
        {
            if (line["product_id"] is not JsonObject product) continue;
            line["product"] = new JsonObject(product.Where(f => f.Key is "id" or "default_code" or "barcode" or "name" && f.Value is JsonValue value && (value.TryGetValue(out int _) || value.TryGetValue(out string? _)))
                .Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
            line["line"] = (lines.IndexOf(line) + 1).ToString(CultureInfo.InvariantCulture);
        }
        foreach (var row in lines.Append(order)) AmountsToText(row);
        return new JsonObject { ["order"] = order.DeepClone(), ["lines"] = new JsonArray([.. lines.Select(l => l.DeepClone())]) };
    }

    private static void AmountsToText(JsonObject row)
    {
        foreach (var name in Amounts.Where(row.ContainsKey)) row[name] = ((decimal)row[name]!).ToString("0.00", CultureInfo.InvariantCulture);
    }

    /// <summary>What the buyer may have sent.</summary>
    private static JsonObject Accepted(JsonObject order, JsonElement record) => new()
    {
        ["customerReference"] = order["client_order_ref"] is JsonValue reference && reference.TryGetValue(out string? text) ? text : "PO-1",
        ["documentCurrencyCode"] = "EUR",
        ["buyerParty"] = new JsonObject { ["id"] = "ACME-DE" },
        ["orderLines"] = new JsonArray([.. record.GetProperty("lines").EnumerateArray().Select((_, i) => (JsonNode)new JsonObject
        {
            ["id"] = (i + 1).ToString(CultureInfo.InvariantCulture),
            ["quantity"] = 1,
            ["unitCode"] = "C62",
            ["item"] = new JsonObject { ["sellersItemIdentification"] = "SKU" },
            ["price"] = new JsonObject { ["priceAmount"] = "1.00" },
        })]),
    };
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>The longest documents stay within the steps that one mapping may take. Time is limited too, so nothing else runs beside.</summary>
[CollectionDefinition(nameof(LongDocumentsTests), DisableParallelization = true)]
[Collection(nameof(LongDocumentsTests))]
public sealed class LongDocumentsTests
{
    private const int Rows = 20_000;

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    [Fact]
    public void A_price_list_of_twenty_thousand_rows_is_written() => Assert.Equal(Rows, Run("odoo/price.to", "price@1", new JsonObject
    {
        ["id"] = "7",
        ["documentCurrencyCode"] = "EUR",
        ["priceLines"] = Many(at => new JsonObject
        {
            ["id"] = Text(at),
            ["applicabilityCode"] = "item",
            ["item"] = new JsonObject { ["sellersItemIdentification"] = "SKU-" + Text(at) },
            ["priceTypeCode"] = "formula",
            ["baseTypeCode"] = "priceList",
            ["basePriceListId"] = "1",
            ["multiplierFactorNumeric"] = 5,
            ["surchargeAmount"] = "1.00",
            ["roundingAmount"] = "0.05",
            ["minimumMarginAmount"] = "1.00",
            ["maximumMarginAmount"] = "9.00",
            ["unitCode"] = "C62",
            ["minimumQuantity"] = 10,
            ["validFrom"] = "2026-11-01T00:00:00+01:00",
            ["validUntil"] = "2026-12-31T23:59:59+01:00",
        }),
    }).GetProperty("item_ids").GetArrayLength());

    [Fact]
    public void A_count_of_twenty_thousand_places_is_written() => Assert.Equal(Rows, Run("odoo/stock.to", "stock@1", new JsonObject
    {
        ["item"] = new JsonObject { ["sellersItemIdentification"] = "DESK0005" },
        ["inventoryLocation"] = new JsonObject { ["id"] = "WH" },
        ["unitCode"] = "C62",
        ["quantity"] = Rows,
        ["availableQuantity"] = Rows,
        ["stockDetails"] = Many(at => new JsonObject { ["locationId"] = "WH/Stock/" + Text(at), ["lotNumberId"] = "L-" + Text(at), ["quantity"] = 1 }),
    }).GetArrayLength());

    private static JsonElement Run(string mapping, string contract, JsonObject document)
    {
        var input = JsonSerializer.SerializeToElement(document);
        Assert.Empty(Shipped.Contract(contract)!.Schema!.Validate(input, 1));
        var (output, error) = Shipped.Find(mapping)!.Run(input, new MappingFacts(DateTimeOffset.UnixEpoch, "test"));
        Assert.True(output is not null, error?.ToString());
        return JsonSerializer.Deserialize<JsonElement>(output.Value.Span);
    }

    private static JsonArray Many(Func<int, JsonObject> row) => new([.. Enumerable.Range(1, Rows).Select(at => (JsonNode)row(at))]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Counts that <c>stock.to</c> writes, applied by an Odoo that has nothing else, are told by <c>quant.from</c> as the stock that was counted.</summary>
public sealed class StockRoundTests
{
    private const int Documents = 1000;

    private static readonly string[] Compared = ["locationId", "lotNumberId", "serialId", "handlingUnitId", "quantity"];

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    [Fact]
    public void What_was_counted_is_what_is_told()
    {
        var facts = new MappingFacts(DateTimeOffset.UnixEpoch, "test");
        var (there, back) = (Shipped.Find("odoo/stock.to")!, Shipped.Find("odoo/quant.from")!);
        var told = 0;
        foreach (var stock in new CanonicalDocuments("stock@1", Shipped.Contract("stock@1")!.Schema!, seed: 4711).Take(Documents).Select(Countable))
        {
            var (sent, error) = there.Run(stock, facts);
            if (error is { IsRefusal: true }) continue;
            Assert.True(sent is not null, $"{error}\n{stock}");
            using var counts = JsonDocument.Parse(sent.Value);
            Assert.Empty(Shipped.Closed("odoo/count@1").Validate(counts.RootElement, 1));
            var (answer, failed) = back.Run(Applied(counts.RootElement, stock), facts);
            Assert.True(answer is not null, $"{failed}\n{stock}\n{counts.RootElement}");
            using var answered = JsonDocument.Parse(answer.Value);
            var byPlace = stock.TryGetProperty("stockDetails", out var details) && details.GetArrayLength() > 0;
            Assert.Null(JsonDifference.Find(Counted(stock, byPlace), Counted(answered.RootElement, byPlace)));
            told++;
        }
        Assert.True(told >= Documents / 10, $"only {told} of {Documents} were counted at all");
    }

    /// <summary>Made-up quantities of places hardly ever add up, and are below zero every other time.</summary>
    private static JsonElement Countable(JsonElement document)
    {
        var stock = (JsonObject)JsonNode.Parse(document.GetRawText())!;
        var details = (stock["stockDetails"]?.AsArray() ?? []).Select(d => (JsonObject)d!).ToList();
        foreach (var detail in details.Append(stock)) detail["quantity"] = Math.Abs((decimal)detail["quantity"]!);
        if (details.Count > 0) stock["quantity"] = details.Sum(d => (decimal)d["quantity"]!);
        return JsonSerializer.SerializeToElement(stock);
    }

    /// <summary>The quants that the counts make.</summary>
    private static JsonElement Applied(JsonElement counts, JsonElement stock)
    {
        var details = stock.TryGetProperty("stockDetails", out var list) ? list.EnumerateArray().ToList() : [];
        return JsonSerializer.SerializeToElement(new JsonArray([.. counts.EnumerateArray().Select((count, at) =>
        {
            var quant = (JsonObject)JsonNode.Parse(count.GetRawText())!;
            quant["quantity"] = quant["inventory_quantity"]!.DeepClone();
            quant["reserved_quantity"] = 0;
            quant["product_id"]!["id"] = 15;
            quant["location_id"] ??= new JsonObject { ["complete_name"] = "WH/Stock" };
            quant["warehouse_id"] ??= new JsonObject { ["code"] = "WH" };
            quant["tracking"] = details.Count > 0 && details[at].TryGetProperty("serialId", out _) ? "serial" : "lot";
            quant.Remove("inventory_quantity");
            return (JsonNode)quant;
        })]));
    }

    /// <summary>Of a serial number, Odoo does not keep the lot.</summary>
    private static JsonElement Counted(JsonElement stock, bool byPlace)
    {
        var details = byPlace ? stock.GetProperty("stockDetails").EnumerateArray().ToList() : [];
        return JsonSerializer.SerializeToElement(new
        {
            item = stock.GetProperty("item").GetProperty("sellersItemIdentification"),
            quantity = stock.GetProperty("quantity"),
            places = details.Select(d => d.EnumerateObject().Where(m => Compared.Contains(m.Name) && !(m.Name == "lotNumberId" && d.TryGetProperty("serialId", out _))).ToDictionary(m => m.Name, m => m.Value)),
        });
    }
}

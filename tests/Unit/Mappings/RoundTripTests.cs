using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Where a contract has a way to a system and one back, everything comes home but what the cases of the way there say it loses.</summary>
public sealed class RoundTripTests
{
    private const int Documents = 300;

    /// <summary>As many are made up at most: a mapping that takes one kind of object only refuses most of them.</summary>
    private const int Most = 10 * Documents;

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    /// <summary>Mappings <c>X.to</c> without a way back of the same contracts, and why; <see cref="WrittenDocumentsTests"/> has documents for each.</summary>
    public static readonly IReadOnlyDictionary<string, string> OneWay = new Dictionary<string, string>
    {
        ["odoo/instruction.to"] = "nothing of it is Odoo's",
        ["odoo/order.to"] = "order.from reads another record, as an answer to the order that was accepted: OrderRoundTests",
        ["odoo/return.to"] = "it is written with a wizard, and what was done of it beside it",
        ["odoo/return-request.to"] = "what becomes of a request is told by return@1",
        ["odoo/shipment.to"] = "it is written as what was done of a transfer, and what becomes of the rest",
        ["odoo/stock-movement.to"] = "a correction is written as a difference; movements are read",
        ["odoo/stock.to"] = "a count is written; quants are read: StockRoundTests",
        ["tms/load-tender.to"] = "a carrier answers a tender with tender-response@1",
        ["tms/shipment.to"] = "a label is bought for a shipment, and label.from adds what it tells: SimulatorRoundTests",
        ["wms/return.to"] = "a return is read with what became of it: SimulatorRoundTests",
        ["wms/warehouse-order.to"] = "an order is read with what became of it: SimulatorRoundTests",
    };

    /// <summary>Mappings <c>X.to</c> with an <c>X.from</c> whose contracts are theirs the other way round.</summary>
    public static TheoryData<string> Pairs => [.. Shipped.Mappings.Where(m => m.EndsWith(".to", StringComparison.Ordinal)).Select(m => m[..^3]).Where(IsPair)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Everything_comes_home(string pair)
    {
        var cases = MappingCases.Of(pair + ".to", Shipped)!.Document!;
        var (there, back) = (Shipped.Find(pair + ".to")!, Shipped.Find(pair + ".from")!);
        var schema = Shipped.Contract(cases.Contracts.Input)!.Schema!;
        var other = Shipped.Closed(cases.Contracts.Output);
        var (home, refused) = (0, "");
        foreach (var document in new CanonicalDocuments(cases.Contracts.Input, schema, seed: 4711).Take(Most))
        {
            if (home == Documents) break;
            var facts = new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Accepted = document };
            var (sent, error) = there.Run(document, facts);
            if (error is { IsRefusal: true })
            {
                refused = error.Message;
                continue;
            }
            Assert.True(sent is not null, $"{error}\n{document}");
            using var record = JsonDocument.Parse(sent.Value);
            Assert.True(other.Validate(record.RootElement, 1) is [], $"{other.Validate(record.RootElement, 1).FirstOrDefault()}\n{document}\n{record.RootElement}");
            var (returned, failed) = back.Run(record.RootElement, facts);
            Assert.True(returned is not null, $"{failed}\n{document}\n{record.RootElement}");
            var difference = JsonDifference.Find(Comparable(JsonNode.Parse(document.GetRawText()), cases), Comparable(JsonNode.Parse(returned.Value.Span), cases));
            Assert.True(difference is null, $"{difference}\nsent    {document}\nas      {record.RootElement}\nwas     {JsonNode.Parse(returned.Value.Span)}");
            home++;
        }
        Assert.True(home >= Documents / 4, $"only {home} of {Most} were sent at all; the last refusal: {refused}");
    }

    [Fact]
    public void What_has_no_way_back_is_known_with_its_reason()
    {
        var oneWay = Shipped.Mappings.Where(m => m.EndsWith(".to", StringComparison.Ordinal) && !IsPair(m[..^3]));

        Assert.Equal(OneWay.Keys.Order(StringComparer.Ordinal), oneWay.Order(StringComparer.Ordinal));
        Assert.All(OneWay, entry => Assert.NotEmpty(entry.Value));
    }

    private static bool IsPair(string pair) =>
        MappingCases.Of(pair + ".to", Shipped)?.Document?.Contracts is { } there && MappingCases.Of(pair + ".from", Shipped)?.Document?.Contracts is { } back
        && (there.Input, there.Output) == (back.Output, back.Input);

    /// <summary>Without what gets lost, in the one form of its contract.</summary>
    private static JsonElement Comparable(JsonNode? document, MappingCasesDocument cases)
    {
        foreach (var pointer in cases.Loses) Remove(document, pointer.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return JsonSerializer.SerializeToElement(CanonicalForm.Of(cases.Contracts.Input, document));
    }

    private static void Remove(JsonNode? node, ReadOnlySpan<string> way)
    {
        switch (node)
        {
            case JsonObject map when way is [var last]:
                map.Remove(last);
                break;
            case JsonObject map:
                Remove(map[way[0]], way[1..]);
                // What held only this is gone with it.
                if (map[way[0]] is JsonObject { Count: 0 } or JsonArray { Count: 0 }) map.Remove(way[0]);
                break;
            case JsonArray list when way is ["*", ..]:
                foreach (var item in list) Remove(item, way[1..]);
                break;
            case JsonArray list when way is [var which] && which.Split('=') is [var name, var value]:
                list.RemoveAll(item => (string?)(name.Length == 0 ? item : item![name]) == value);
                break;
        }
    }
}

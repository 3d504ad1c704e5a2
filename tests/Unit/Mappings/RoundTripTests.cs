using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Where a contract has a way to a system and one back, everything comes home but what the cases of the way there say it loses.</summary>
public sealed partial class RoundTripTests
{
    private const int Documents = 300;

    /// <summary>As many are made up at most: a mapping that takes one kind of object only refuses most of them.</summary>
    private const int Most = 10 * Documents;

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    /// <summary>Mappings <c>X.to</c> with an <c>X.from</c> whose contracts are theirs the other way round.</summary>
    public static TheoryData<string> Pairs => [.. Shipped.Mappings.Where(m => m.EndsWith(".to", StringComparison.Ordinal)).Select(m => m[..^3]).Where(IsPair)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Everything_comes_home(string pair)
    {
        var cases = MappingCases.Of(pair + ".to", Shipped)!.Document!;
        var (there, back) = (Shipped.Find(pair + ".to")!, Shipped.Find(pair + ".from")!);
        var schema = Shipped.Contract(cases.Contracts.Input)!.Schema!;
        var other = Shipped.Contract(cases.Contracts.Output)!.Schema!;
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
            var difference = JsonDifference.Find(Comparable(JsonNode.Parse(document.GetRawText()), cases.Loses), Comparable(JsonNode.Parse(returned.Value.Span), cases.Loses));
            Assert.True(difference is null, $"{difference}\nsent    {document}\nas      {record.RootElement}\nwas     {JsonNode.Parse(returned.Value.Span)}");
            home++;
        }
        Assert.True(home >= Documents / 4, $"only {home} of {Most} were sent at all; the last refusal: {refused}");
    }

    private static bool IsPair(string pair) =>
        MappingCases.Of(pair + ".to", Shipped)?.Document?.Contracts is { } there && MappingCases.Of(pair + ".from", Shipped)?.Document?.Contracts is { } back
        && (there.Input, there.Output) == (back.Output, back.Input);

    /// <summary>Without what gets lost; times in UTC, amounts without zeros at their ends, prices for one and lists of mere texts as sets, as they are the same then.</summary>
    private static JsonElement Comparable(JsonNode? document, IEnumerable<string> loses)
    {
        foreach (var pointer in loses) Remove(document, pointer.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return JsonSerializer.SerializeToElement(Normal(document));
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

    private static JsonNode? Normal(JsonNode? node) => node switch
    {
        JsonObject map when map["baseQuantity"] is JsonValue of && map["priceAmount"] is JsonValue price => OfOne(map, (decimal)of, (string)price!),
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Normal(m.Value)))),
        JsonArray list when list.All(item => item is JsonValue value && value.TryGetValue(out string? _)) => new JsonArray([.. list.Select(item => (string)item!).Distinct().Order(StringComparer.Ordinal)]),
        JsonArray list => new JsonArray([.. list.Select(Normal)]),
        JsonValue value when value.TryGetValue(out string? text) => Moment().IsMatch(text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("O")
            : Amount().IsMatch(text) ? decimal.Parse(text, CultureInfo.InvariantCulture).ToString("0.##########", CultureInfo.InvariantCulture) : text,
        _ => node?.DeepClone(),
    };

    private static JsonObject OfOne(JsonObject price, decimal of, string amount)
    {
        var one = (JsonObject)price.DeepClone();
        one.Remove("baseQuantity");
        one["priceAmount"] = Math.Round(decimal.Parse(amount, CultureInfo.InvariantCulture) / of, 6).ToString("0.######", CultureInfo.InvariantCulture);
        return one;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex Moment();

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?\z")]
    private static partial Regex Amount();
}

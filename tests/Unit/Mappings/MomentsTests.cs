using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// JSON Schema's <c>date-time</c> has more forms than systems take. What a document says in one of them is mapped or refused with the
/// member's name; it never breaks a mapping, which would be our fault instead of the caller's.
/// </summary>
public sealed class MomentsTests
{
    private static readonly string[] Forms = ["2026-11-23t13:38:05z", "2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5+00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-11-23T13:38:05.123456789012345678901234567890Z"];

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    public static TheoryData<string> Mappings => [.. Shipped.Mappings];

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Any_moment_that_keeps_a_contract_is_mapped_or_refused(string mapping)
    {
        var cases = MappingCases.Of(mapping, Shipped)!;
        var contract = Shipped.Contract(cases.Document!.Contracts.Input)!.Schema!;
        var compiled = Shipped.Find(mapping)!;
        foreach (var one in cases.Document.Cases.Where(c => c.Output is not null))
        {
            foreach (var (member, document) in Forms.SelectMany(form => With(one.Input, form)).Where(d => contract.Validate(d.Document, 1).Count == 0))
            {
                var (_, error) = compiled.Run(document, cases.Facts(one.Given));

                Assert.True(error is null or { IsRefusal: true }, $"{one.Name}: {member}: {error}");
                if (error is not null) Assert.Contains(member, error.Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>The document with each of its moments, one after the other, in that form; and which member it is.</summary>
    private static IEnumerable<(string Member, JsonElement Document)> With(JsonElement document, string form)
    {
        var count = Moments(JsonNode.Parse(document.GetRawText())).Count();
        for (var i = 0; i < count; i++)
        {
            var changed = JsonNode.Parse(document.GetRawText());
            var moment = Moments(changed).ElementAt(i);
            var member = moment.GetPropertyName();
            moment.ReplaceWith(form);
            yield return (member, JsonSerializer.SerializeToElement(changed));
        }
    }

    private static IEnumerable<JsonValue> Moments(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(m => Moments(m.Value)),
        JsonArray list => list.SelectMany(Moments),
        JsonValue value when value.Parent is JsonObject && value.TryGetValue(out string? text) && text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) => [value],
        _ => [],
    };
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Generation;

namespace Gateway.Tests.Records;

/// <summary>A document of each contract, with every member that there may be.</summary>
internal static class ExampleFiles
{
    public const string Folder = "docs/examples";

    /// <summary>Before every text while the generator has it: what looks like a time it would write anew, in the zone of the machine.</summary>
    private const string NoDate = "text:";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<GeneratedFile> Of(ContractBundle bundle)
    {
        var document = bundle.Document;
        PreferExamples(document);
        var schema = JsonSchema.FromJsonAsync(document.ToJsonString()).GetAwaiter().GetResult();
        foreach (var (file, contract) in bundle.Contracts)
        {
            var sample = new SampleJsonDataGenerator().Generate(schema.Definitions[contract]).ToString();
            var example = JsonNode.Parse(sample.Replace(NoDate, "", StringComparison.Ordinal))!;
            yield return new($"{Folder}/{file.Replace(".schema", "", StringComparison.Ordinal)}", example.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>
    /// Left to itself the sample generator breaks contracts: it writes a member's name where a pattern wants something else, and the very minimum that
    /// a number must exceed; and it writes today's date. A default it takes as it is, so the contract's example of a member becomes its default.
    /// Not that of a list, whose items are short there and have every member here, unless it takes several.
    /// </summary>
    private static void PreferExamples(JsonNode? node)
    {
        if (node is not JsonObject schema) return;
        if (schema["examples"] is JsonArray and [{ } example, ..] && !ShowsItems(schema)) schema["default"] = Marked(example);
        foreach (var (_, part) in schema.ToList()) PreferExamples(part);
    }

    private static bool ShowsItems(JsonObject schema) =>
        schema["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "array" && ((int?)schema["minItems"] ?? 0) < 2;

    private static JsonNode? Marked(JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Marked(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Marked)]),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => NoDate + (string?)text,
        _ => value?.DeepClone(),
    };
}

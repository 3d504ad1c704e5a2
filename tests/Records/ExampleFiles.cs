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
            yield return new($"{Folder}/{file.Replace(".schema", "", StringComparison.Ordinal)}", JsonNode.Parse(sample)!.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>
    /// Left to itself the sample generator breaks contracts: it writes a member's name where a pattern wants something else, and the very minimum that
    /// a number must exceed; and it writes today's date. A default it takes as it is, so the contract's example of a member becomes its default.
    /// </summary>
    private static void PreferExamples(JsonNode? node)
    {
        if (node is not JsonObject schema) return;
        if (schema["examples"] is JsonArray and [{ } example, ..]) schema["default"] = example.DeepClone();
        foreach (var (_, part) in schema.ToList()) PreferExamples(part);
    }
}

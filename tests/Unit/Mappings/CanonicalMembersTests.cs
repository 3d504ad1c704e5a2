using System.Text;
using System.Text.Json;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>Whoever reads a canonical contract finds, at every member, what it is and how it looks.</summary>
public sealed class CanonicalMembersTests
{
    private const string Folder = "transforms/canonical/";

    public static TheoryData<string> Contracts => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*" + CompiledContract.Extension)
        .Select(f => Path.GetFileName(f)[..^CompiledContract.Extension.Length]).Order(StringComparer.Ordinal)];

    /// <summary>Said at the member, or where it refers to. An object shows how it looks by its own members.</summary>
    [Theory]
    [MemberData(nameof(Contracts))]
    public void Every_member_is_described_and_shown(string contract)
    {
        foreach (var (pointer, member) in Members(CanonicalDocuments.Root(contract), ""))
        {
            var said = Along(member, contract).ToList();
            Assert.True(said.Any(s => s.TryGetProperty("description", out _)), $"{contract}#{pointer} has no description");
            Assert.True(said.Any(s => s.TryGetProperty("examples", out _)) || said[^1].GetProperty("type").GetString() == "object", $"{contract}#{pointer} has no examples");
        }
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Every_example_of_a_member_keeps_the_contract(string contract)
    {
        foreach (var (pointer, member) in Members(CanonicalDocuments.Root(contract), ""))
        {
            var examples = Along(member, contract).Select(s => s.TryGetProperty("examples", out var found) ? found : (JsonElement?)null).FirstOrDefault(e => e is not null);
            var schema = Encoding.UTF8.GetBytes($$"""{ "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "{{contract}}{{CompiledContract.Extension}}#{{pointer}}" }""");
            var compiled = Schema.Compile(schema, CompiledContract.Options("example@1", Read)).Schema!;
            Assert.All(examples?.EnumerateArray() ?? [], example => Assert.True(compiled.Validate(example, 1) is [], $"{contract}#{pointer}: {compiled.Validate(example, 1).FirstOrDefault()}: {example}"));
        }
    }

    private static ReadOnlyMemory<byte>? Read(string path) => File.ReadAllBytes(Path.Combine(Repository.Root, path));

    /// <summary>The schema of a member, and those that it refers to in turn.</summary>
    private static IEnumerable<JsonElement> Along(JsonElement schema, string file)
    {
        yield return schema;
        while (schema.TryGetProperty("$ref", out var reference))
        {
            (schema, file) = CanonicalDocuments.Resolve(reference.GetString()!, file);
            yield return schema;
        }
    }

    private static IEnumerable<(string Pointer, JsonElement Schema)> Members(JsonElement schema, string pointer)
    {
        if (schema.ValueKind != JsonValueKind.Object) yield break;
        foreach (var keyword in schema.EnumerateObject().Where(k => k.Name is not ("examples" or "enum" or "const")))
        {
            if (keyword.Name == "properties")
            {
                foreach (var member in keyword.Value.EnumerateObject()) yield return ($"{pointer}/properties/{member.Name}", member.Value);
            }
            foreach (var inner in Members(keyword.Value, $"{pointer}/{keyword.Name}")) yield return inner;
        }
    }
}

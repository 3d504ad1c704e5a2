using System.Text;
using System.Text.Json.Nodes;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;

namespace Gateway.Cases;

/// <summary>
/// A contract as cases keep it: without members that it does not name. Contracts of backends are open, because a backend may always say
/// more than was asked; in a case such a member is misspelt, or not known to the contract yet.
/// </summary>
internal static class ClosedContract
{
    private static readonly string[] Opening = ["additionalProperties", "unevaluatedProperties"];

    /// <param name="file">Gives the content of a file of the workspace by its path.</param>
    public static SchemaCompilation Compile(string name, ReadOnlyMemory<byte> content, Func<string, ReadOnlyMemory<byte>?> file) =>
        CompiledContract.Compile(name, Close(content), path => file(path) is { } other ? Close(other) : null);

    private static ReadOnlyMemory<byte> Close(ReadOnlyMemory<byte> schema)
    {
        var root = JsonNode.Parse(schema.Span);
        Close(root);
        return Encoding.UTF8.GetBytes(root!.ToJsonString());
    }

    /// <summary>Every object that names members and does not say what others there may be.</summary>
    private static void Close(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject schema:
                foreach (var (_, inner) in schema.ToList()) Close(inner);
                if (schema["properties"] is JsonObject && !Opening.Any(schema.ContainsKey))
                    schema["unevaluatedProperties"] = false;
                break;
            case JsonArray list:
                foreach (var inner in list) Close(inner);
                break;
        }
    }
}

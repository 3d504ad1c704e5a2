using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Microsoft.OpenApi.YamlReader;
using SharpYaml;
using SharpYaml.Serialization;

namespace Gateway.Import;

/// <summary>From a file to JSON, and what Microsoft.OpenApi says of the document. Only this class knows that library, so that no other verb loads it.</summary>
internal static class SpecificationReader
{
    private const long MaxFileBytes = 256 << 20;

    /// <summary>Deeper documents are refused: everything that walks them does so by recursion.</summary>
    private const int MaxDepth = 256;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The file's content; numbers keep their digits.</summary>
    /// <exception cref="ImportRefusedException">It can't be read, or is neither JSON nor YAML.</exception>
    public static JsonNode? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes) throw new ImportRefusedException($"{path} is larger than {MaxFileBytes >> 20} MB");
            var content = File.ReadAllBytes(path).AsMemory();
            if (content.Span.StartsWith("\uFEFF"u8)) content = content[3..];
            return IsJson(path, content.Span) ? JsonNode.Parse(content.Span, documentOptions: Strict) : ReadYaml(content.Span);
        }
        catch (JsonException broken)
        {
            var twice = broken.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase);
            throw new ImportRefusedException($"{path}({broken.LineNumber + 1},{broken.BytePositionInLine + 1}): "
                + (twice ? "a member comes twice" : $"not valid JSON, or nested too deep: {broken.Message.Split(" Path:")[0].Split(" LineNumber")[0]}"));
        }
        catch (YamlException broken)
        {
            throw new ImportRefusedException($"{path}({broken.Start.Line + 1},{broken.Start.Column + 1}): not valid YAML: {broken.Message.Split("): ")[^1]}");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or OpenApiException or ArgumentException or InvalidOperationException)
        {
            throw new ImportRefusedException($"{path} can't be read: {cause.Message}");
        }
    }

    /// <summary>What the library's reader and its rules find wrong in the document: place and message.</summary>
    public static IEnumerable<(string Place, string Message)> Judge(JsonNode root)
    {
        try
        {
            // The reader takes parts of the tree for its own; it gets one that nobody else reads.
            var result = new OpenApiJsonReader().Read(root.DeepClone(), new Uri("file:///document"), new OpenApiReaderSettings());
            return [.. (result.Diagnostic?.Errors ?? []).Select(e => (e.Pointer is { Length: > 0 } place ? place : "#", e.Message))];
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            // Its opinion is welcome and not needed: it throws NullReferenceException for a schema that is only true or false.
            return [];
        }
    }

    /// <summary>JSON is YAML too, but read as JSON it keeps the digits of its numbers and is read sooner.</summary>
    private static bool IsJson(string path, ReadOnlySpan<byte> content) =>
        Path.GetExtension(path).ToLowerInvariant() is not (".yaml" or ".yml") && content.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static JsonNode? ReadYaml(ReadOnlySpan<byte> content)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Encoding.UTF8.GetString(content)));
        return stream.Documents.Count == 0 ? null : AsMeant(stream.Documents[0].ToJsonNode());
    }

    /// <summary>The library's YAML reader has a text of its own that stands for null, and leaves merge keys (<c>&lt;&lt;</c> of YAML 1.1) as members.</summary>
    private static JsonNode? AsMeant(JsonNode? node)
    {
        if (node is null || node.IsJsonNullSentinel()) return null;
        if (node is JsonObject members)
        {
            if (members["<<"] is { } merged and (JsonObject or JsonArray))
            {
                members.Remove("<<");
                foreach (var (name, value) in (merged as JsonArray ?? [merged.DeepClone()]).OfType<JsonObject>().SelectMany(m => m)) members.TryAdd(name, value?.DeepClone());
            }
            foreach (var (name, value) in members.ToList())
            {
                if (AsMeant(value) is null) members[name] = null;
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                if (AsMeant(items[i]) is null) items[i] = null;
            }
        }
        return node;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>The engine reads raw text: whatever stands in front of a value, it must find its way to it.</summary>
public sealed class ScanTests
{
    private const int Rounds = 400;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void Values_behind_arbitrary_documents_are_found()
    {
        Schema schema = Schemas.Good("""
            {"type":"object","required":["first","last"],"properties":{"first":{"const":1},"last":{"const":2}},"dependentRequired":{"first":["last"]}}
            """);
        Schema inPlace = Schemas.Good("""
            {"anyOf":[{"properties":{"last":{"const":3}}},{"allOf":[{"properties":{"first":{"const":1}}},{"properties":{"last":{"const":2}}}]}],
             "unevaluatedProperties":{"type":["object","array","string","number","boolean","null"]}}
            """);
        Random random = new(20250331);
        for (int round = 0; round < Rounds; round++)
        {
            JsonObject document = new() { ["first"] = 1, ["middle"] = Value(random, 5), ["last"] = 2 };
            foreach (string text in new[] { document.ToJsonString(), document.ToJsonString(Indented), Unescaped(document) })
            {
                Assert.True(schema.Accepts(text), text);
                Assert.True(inPlace.Accepts(text), text);
            }
            document["last"] = 4;
            Assert.False(schema.Accepts(document.ToJsonString()));
            Assert.False(inPlace.Accepts(document.ToJsonString(Indented)));
        }
    }

    [Fact]
    public void A_document_equals_itself_however_it_is_written()
    {
        Random random = new(20250401);
        Schema unique = Schemas.Good("""{"uniqueItems":true}""");
        for (int round = 0; round < Rounds; round++)
        {
            JsonNode document = new JsonArray(Value(random, 4), Value(random, 4), round);
            Schema schema = Schemas.Good($$"""{"const":{{document.ToJsonString()}} }""");
            Assert.True(schema.Accepts(document.ToJsonString(Indented)));
            Assert.True(schema.Accepts(Unescaped(document)));
            Assert.False(schema.Accepts($"[{document.ToJsonString()}]"));
            Assert.False(unique.Accepts($"[{document.ToJsonString()},{Unescaped(document)}]"));
        }
    }

    private static string Unescaped(JsonNode document) =>
        document.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextDouble() * Math.Pow(10, random.Next(-20, 20)),
        3 => random.NextInt64(),
        4 or 5 => Text(random),
        6 or 7 => new JsonArray([.. Enumerable.Range(0, random.Next(6)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(6)).Select(i => KeyValuePair.Create(i + Text(random), Value(random, depth - 1)))),
    };

    private static string Text(Random random)
    {
        string[] parts = ["{", "}", "[", "]", "\"", "\\", "/", "//", "/*", ",", ":", "a", "bcdefgh", "\n", "é", "\U0001F600", " ", "0123456789"];
        return string.Concat(Enumerable.Range(0, random.Next(random.Next(30))).Select(_ => parts[random.Next(parts.Length)]));
    }
}

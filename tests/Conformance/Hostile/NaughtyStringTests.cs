using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>Each of <see cref="NaughtyStrings"/>, wherever a caller may put a text: it is refused, or it comes out at the backend as it went in.</summary>
public sealed class NaughtyStringTests
{
    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              query: { match: GET /query, public: For a test., policies: [contract: { query: text-query@1 }], target: { forward: echo } }
              header: { match: GET /header, public: For a test., target: { forward: echo } }
              body: { match: POST /body, public: For a test., policies: [contract: { request: anything@1, response: anything@1 }], target: { forward: echo } }
        """;

    [Fact]
    public async Task In_a_path()
    {
        await using var world = await HostileWorld.StartAsync("""      path: { match: "GET /path/{text}", public: For a test., target: { forward: raw } }""");
        var wrong = new List<string>();
        foreach (var text in NaughtyStrings.All)
        {
            var before = world.Backend.Received.Length;
            var answer = await world.SendAsync($"GET /path/{Uri.EscapeDataString(text)} HTTP/1.1\r\nHost: gateway\r\n\r\n");
            var seen = world.Backend.Received.Length > before ? Uri.UnescapeDataString(world.Backend.LastTarget) : "nothing";
            if (answer.Status == 200 ? seen != "/path/" + text : answer.Status is not (400 or 404) || seen != "nothing") wrong.Add($"{answer.Status} for '{text}', and the backend saw {seen}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public Task In_a_query() => JudgeAsync(async (gateway, text) =>
    {
        var query = $"?text={Uri.EscapeDataString(text)}";
        var answer = await RawCaller.SendAsync(gateway, $"GET /query{query} HTTP/1.1\r\nHost: gateway\r\n\r\n");
        return (answer, answer.Status == 200 && (string)Echoed(answer)["path"]! == "/query" + query);
    });

    [Fact]
    public Task In_a_header() => JudgeAsync(async (gateway, text) =>
    {
        var answer = await RawCaller.SendAsync(gateway, $"GET /header HTTP/1.1\r\nHost: gateway\r\nX-Text: {Latin(text)}\r\n\r\n");
        if (answer.Status != 200) return (answer, answer.Status is 400 or 0);
        var seen = (string?)Echoed(answer)["headers"]!["x-text"] ?? "";
        // Only a line's end makes two headers of one, and then they are two at the backend as well.
        var sent = text.Split("\r\n")[0].Trim(' ', '\t');
        return (answer, seen == sent);
    });

    [Fact]
    public Task In_a_body_as_value_and_name() => JudgeAsync(async (gateway, text) =>
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, string[]> { [text] = [text] });
        var answer = await RawCaller.SendAsync(gateway, $"POST /body HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{Latin(body)}");
        return (answer, answer.Status == 200 && (string)Echoed(answer)["body"]! == body);
    });

    private static async Task JudgeAsync(Func<Uri, string, Task<(RawAnswer Answer, bool Holds)>> send)
    {
        await using var world = await KindWorld.StartAsync(
        [
            new() { Path = "routes/cases.yaml", Content = Routes },
            new() { Path = "transforms/canonical/anything@1.schema.json", Content = "{}" },
            new() { Path = "transforms/canonical/text-query@1.schema.json", Content = """{ "type": "object", "properties": { "text": { "type": "string" } }, "required": ["text"], "additionalProperties": false }""" },
        ]);
        var wrong = new List<string>();
        foreach (var text in NaughtyStrings.All)
        {
            var (answer, holds) = await send(world.Url, text);
            if (!holds) wrong.Add($"{answer.Status} for '{(text.Length > 60 ? text[..60] + "…" : text)}': {answer.Body}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static JsonNode Echoed(RawAnswer answer)
    {
        var body = answer.Body;
        if (answer.Header("Transfer-Encoding") is not null) body = Unchunked(body);
        return JsonNode.Parse(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)))!;
    }

    private static string Unchunked(string body)
    {
        var text = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var end = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            var length = Convert.ToInt32(body[at..end], 16);
            if (length == 0) break;
            text.Append(body, end + 2, length);
            at = end + 2 + length + 2;
        }
        return text.ToString();
    }

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}

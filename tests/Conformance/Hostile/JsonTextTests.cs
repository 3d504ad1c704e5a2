using System.Text;
using Xunit;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>
/// Texts that are JSON (y), that are none (n), and of which RFC 8259 leaves it open (i), through a route with a contract. What is taken arrives at the
/// backend byte for byte; of what is open, <see cref="Open"/> says which way the gateway takes, so that no change of it goes unseen.
/// </summary>
public sealed class JsonTextTests
{
    private const string Routes = """
              checked: { match: POST /checked, public: For a test., policies: [contract: { request: any@1 }], target: { forward: raw } }
        """;

    /// <summary>Bytes as Latin-1.</summary>
    private static readonly string[] Valid =
    [
        "{}", "[]", "\"\"", "0", "-0", "true", "false", "null", " \t\r\n[ ] ", "[1]", "[-1,0,1]", "1.0", "1e5", "1E+5", "1e-5", "-0.0e-0", "123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890", "1e400", "1e-400", "[[[[[[]]]]]]", "{\"\":0}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"A\":2}", "\"\\u0000\"", "\"\\u0022\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\ud83d\\ude00\"", "\"\\uFFFF\"", "\"\\u2028\\u2029\"", Utf8("\"\u2028\u2029\u007f\""), Utf8("\"\u00e4\u20ac\U0001F600\uFFFE\""), "\"\\u00e4\"", "[\"a\",1,true,null,{},[]]", "{\"a\":[],\"b\":{}}",
        "{\"a.b\":1,\"a/b\":2,\"$ref\":3,\"__proto__\":4,\"constructor\":5}", "\"<script>alert(1)</script>\"", new string('[', 64) + new string(']', 64), $"\"{new string('x', 100_000)}\"", new string('7', 10_000),
        $"1{new string('0', 5000)}.5e-5000", "1e999999999999999999999999", $"[{string.Join(',', Enumerable.Repeat("1", 20_000))}]", "\"\\\\u0000\"", "\"\\\\\"",
    ];

    private static readonly string[] Broken =
    [
        "", " ", "{", "}", "[", "]", "[1", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "[1,]", "[,1]", "[1,,2]", "[1 2]", "{\"a\" 1}", "{a:1}", "{'a':1}", "'a'", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}",
        "[1}", "{\"a\":1]", "[]]", "{}}", "{}{}", "[][]", "1 2", "nul", "nulll", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".1", "-.1", "1e", "1e+", "1.e1", "0x1", "1_000",
        "1,5", "--1", "1a", "\"", "\"a", "a\"", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"", "\"\\a\"", "\"a\nb\"", "\"a\tb\"", "\"a\0b\"", "\"\x1f\"", "// c\n1", "1 // c", "/* c */ 1", "[1 /* c */]", "#1",
        "\v1", "\f1", "\xa0" + "1", "{\"a\":1}x", "\0", "1\0", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", "[{\"a\":1},{\"b\":1,\"b\":1}]",
        "\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xe0\x80\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "{\"\xff\":1}", "\xff\xfe[\0]\0", "\0[\0]", new string('[', 65) + new string(']', 65),
        new string('[', 100_000), string.Concat(Enumerable.Repeat("{\"a\":", 50_000)), "[\"a\",\n4\n,1,", "{\"a\":\"b\"}#", "<null>", "[<null>]", "*", "$", "\u00e9", "eval(1)", "*/",
    ];

    /// <summary>Left open by the RFC: a mark at the start (section 8.1), half characters (8.2).</summary>
    private static readonly (string Text, bool IsTaken)[] Open =
    [
        ("\xef\xbb\xbf{}", false), ("\"\\ud800\"", false), ("\"\\udc00\"", false), ("\"\\ud800\\ud800\"", false), ("\"\\udc00\\ud800\"", false), ("\"\\ud800a\"", false), ("\"\\ud800\\n\"", false), ("{\"\\ud800\":1}", false),
        ("\"\\\\ud800\"", true), ("1e1000000", true), ("-1e-1000000", true),
    ];

    [Fact]
    public Task What_is_JSON_is_taken_and_arrives_as_it_was() => JudgeAsync(Valid.Select(text => (text, true)));

    [Fact]
    public Task What_is_no_JSON_is_refused_and_does_not_arrive() => JudgeAsync(Broken.Select(text => (text, false)));

    [Fact]
    public Task What_is_left_open_is_taken_one_way() => JudgeAsync(Open);

    private static async Task JudgeAsync(IEnumerable<(string Text, bool IsTaken)> texts)
    {
        await using var world = await HostileWorld.StartAsync(Routes, files: ("transforms/canonical/any@1.schema.json", "{}"));
        var wrong = new List<string>();
        foreach (var (text, isTaken) in texts)
        {
            var before = world.Backend.Received.Length;

            var answer = await world.SendAsync($"POST /checked HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {text.Length}\r\n\r\n{text}");

            var seen = world.Backend.Received[before..];
            var holds = isTaken ? answer.Status == 200 && seen.EndsWith("\r\n\r\n" + text, StringComparison.Ordinal) : answer.Status == 400 && seen.Length == 0;
            if (!holds) wrong.Add($"{answer.Status} for {(text.Length > 80 ? text[..80] + "…" : text)}: {answer.Body}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}

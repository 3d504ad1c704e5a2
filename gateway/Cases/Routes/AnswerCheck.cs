using System.Text;
using System.Text.Json;

namespace Gateway.Cases.Routes;

/// <summary>Holds an answer against what a step expects of it.</summary>
internal sealed class AnswerCheck(AnswerDocument expected, Names names)
{
    private const int Shown = 800;

    /// <summary>What is not as expected, with the body where that tells why; null when all is.</summary>
    public string? Wrong(HttpResponse response, byte[] body)
    {
        using var document = Parse(body);
        var wrong = Differences(response, document?.RootElement).FirstOrDefault();
        return wrong is null ? null : $"{wrong}\n  the answer: {response.StatusCode} {Cut(Encoding.UTF8.GetString(body))}";
    }

    private IEnumerable<string> Differences(HttpResponse response, JsonElement? body)
    {
        if (expected.Status is { } status && status != response.StatusCode) yield return $"the status {status} is expected, not {response.StatusCode}";
        if (expected.Problem is { } problem && ProblemOf(body) is var page && page != problem) yield return $"the problem {problem} is expected, not {page ?? "none"}";
        if (expected.Pointers is { } pointers && PointersOf(body).ToList() is var told && !told.SequenceEqual(pointers))
            yield return $"errors at [{string.Join(", ", pointers)}] are expected, not at [{string.Join(", ", told)}]";
        if ((expected.Body ?? expected.Part) is { } wanted)
        {
            if (body is null) yield return "a body of JSON is expected";
            else if (JsonDifference.Find(wanted, body.Value, names, part: expected.Body is null) is { } difference) yield return difference;
        }
        foreach (var (name, value) in expected.Headers)
        {
            if (!response.Headers.TryGetValue(name, out var sent)) yield return $"the header {name} is missing";
            else if (!names.Match(value, sent.ToString())) yield return $"the header {name}: '{names.Fill(value)}' is expected, not '{sent}'";
        }
        foreach (var name in expected.Without.Where(response.Headers.ContainsKey)) yield return $"the header {name} is not expected: '{response.Headers[name]}'";
    }

    /// <summary>The last part of a problem's type (RFC 9457 section 3.1.1): of its path, or its fragment.</summary>
    private static string? ProblemOf(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()![(type.GetString()!.LastIndexOfAny(['/', '#']) + 1)..]
            : null;

    private static IEnumerable<string> PointersOf(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            ? errors.EnumerateArray().Select(e => e.TryGetProperty("pointer", out var pointer) ? pointer.ToString() : "")
            : [];

    private static JsonDocument? Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Cut(string text) => text.Length > Shown ? text[..Shown] + "…" : text;
}

using System.Text;
using System.Text.Json;

namespace Gateway.Demo;

/// <summary>Sends requests, prints them with their answers, and notes what is not as expected.</summary>
internal sealed class Teller(Uri gateway, TextWriter output) : IDisposable
{
    private static readonly string[] Shown = ["Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Idempotency-Replayed", "WWW-Authenticate", "Allow"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _client = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    public List<string> Failures { get; } = [];

    public int Told { get; private set; }

    public void Chapter(string title) => output.WriteLine($"\n== {title}");

    /// <summary>Sends one request as acme-shop (no key with <paramref name="key"/> null), prints both sides, and judges the status.</summary>
    public async Task<Reply> SendAsync(
        string title, int expected, string method, string path, string? body = null, string? idempotencyKey = null, string? key = Demonstration.Key, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var reply = new Reply((int)answer.StatusCode, answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase), text);
        Print(title, method, path, idempotencyKey, body, reply);
        Expect(title, reply.Status == expected, $"status {expected}, not {reply.Status}");
        if (expected >= 400) Expect(title, reply.Header("Content-Type") == "application/problem+json", "a problem document");
        Expect(title, reply.Header("X-Correlation-Id").Length > 0, "a correlation id");
        return reply;
    }

    /// <summary>The status of a GET, without a word about it.</summary>
    public async Task<int> ProbeAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Api-Key", Demonstration.Key);
        using var answer = await _client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    public void Expect(string title, bool holds, string what)
    {
        Told++;
        if (holds) return;
        Failures.Add($"{title}: expected {what}");
        output.WriteLine($"   !! expected {what}");
    }

    public void Say(string line) => output.WriteLine($"   {line}");

    public void Dispose() => _client.Dispose();

    private void Print(string title, string method, string path, string? idempotencyKey, string? body, Reply reply)
    {
        output.WriteLine($"\n-- {title}");
        output.WriteLine($"> {method} {path}{(idempotencyKey is null ? "" : $"   Idempotency-Key: {idempotencyKey}")}");
        if (body is not null) output.WriteLine("> " + (body.Length > 300 ? body[..300] + $" … ({body.Length} characters)" : body));
        output.WriteLine($"< {reply.Status}");
        foreach (var name in Shown.Where(n => reply.Header(n).Length > 0)) output.WriteLine($"< {name}: {reply.Header(name)}");
        if (reply.Body.Length > 0) output.WriteLine(Indent(reply.Body));
    }

    private static string Indent(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return "< " + JsonSerializer.Serialize(json.RootElement, Indented).Replace("\n", "\n< ");
        }
        catch (JsonException)
        {
            return "< " + body;
        }
    }
}

/// <summary>One answer.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>A member of the body by its path, as text; empty when it is not there.</summary>
    public string Member(params ReadOnlySpan<string> path)
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            var at = json.RootElement;
            foreach (var name in path)
            {
                if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index < at.GetArrayLength()) at = at[index];
                else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return "";
            }
            return at.ValueKind == JsonValueKind.String ? at.GetString()! : at.GetRawText();
        }
        catch (JsonException)
        {
            return "";
        }
    }
}

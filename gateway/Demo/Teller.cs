using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Simulators;

namespace Gateway.Demo;

/// <summary>Sends requests, prints them with their answers, and notes what is not as expected.</summary>
internal sealed class Teller(Uri gateway, TextWriter output) : IDisposable
{
    private static readonly string[] Limits = ["RateLimit", "RateLimit-Policy"];
    private static readonly string[] Shown = ["Location", "Retry-After", "Idempotency-Replayed", "WWW-Authenticate", "Allow"];
    private bool _hasShownLimits;

    private readonly HttpClient _client = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    public List<string> Failures { get; } = [];

    public int Told { get; private set; }

    public void Chapter(string title) => output.WriteLine($"\n== {title}");

    /// <summary>Sends one request as acme-shop (no key with <paramref name="key"/> null), prints both sides, and judges the status.</summary>
    public async Task<Reply> SendAsync(
        string title, int expected, string method, string path, string? body = null, string? idempotencyKey = null, string? key = Demonstration.Key, string contentType = "application/json") =>
        Judged(title, expected, method, path, idempotencyKey, key, body, await AskAsync(method, path, body, idempotencyKey, key, contentType));

    /// <summary>Many at once, as many as it takes: the first that is answered as expected is told.</summary>
    public async Task<Reply> FloodAsync(string title, int expected, string path, int atOnce)
    {
        Reply? found = null;
        for (var rounds = 0; found is null && rounds < 5; rounds++)
            found = (await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => AskAsync(HttpMethods.Get, path, null, null, Demonstration.Key, "")))).FirstOrDefault(r => r.Status == expected);
        return Judged(title, expected, HttpMethods.Get, path, null, Demonstration.Key, null, found ?? await AskAsync(HttpMethods.Get, path, null, null, Demonstration.Key, ""));
    }

    private async Task<Reply> AskAsync(string method, string path, string? body, string? idempotencyKey, string? key, string contentType)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Reply((int)answer.StatusCode, answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase), text);
    }

    private Reply Judged(string title, int expected, string method, string path, string? idempotencyKey, string? key, string? body, Reply reply)
    {
        Print(title, method, path, idempotencyKey, key, body, reply);
        Expect(title, reply.Status == expected, $"status {expected}, not {reply.Status}");
        if (expected >= 400) Expect(title, reply.Header("Content-Type") == "application/problem+json", "a problem document");
        Expect(title, reply.Header("X-Correlation-Id").Length > 0, "a correlation id");
        return reply;
    }

    public void Expect(string title, bool holds, string what)
    {
        Told++;
        if (holds) return;
        Failures.Add($"{title}: expected {what}");
        output.WriteLine($"   !! expected {what}");
    }

    /// <summary>Expects a webhook at the partner, with a valid signature, of that type and with all the words in it.</summary>
    public async Task WebhookAsync(string title, PartnerSimulator partner, string type, CancellationToken cancellation, params string[] words)
    {
        var webhook = await Eventually.SeeAsync(() => partner.Received.FirstOrDefault(w => Array.TrueForAll([$"\"{type}\"", .. words], word => w.Body.Contains(word, StringComparison.Ordinal))), cancellation);
        Expect(title, webhook is { IsValid: true }, $"a webhook {type} that tells it");
        if (webhook is null) return;
        using var envelope = JsonDocument.Parse(webhook.Body);
        Say($"webhook {type} of {envelope.RootElement.GetProperty("subject")}: {Cut(envelope.RootElement.GetProperty("data").GetRawText())}");
    }

    public void Say(string line) => output.WriteLine($"   {line}");

    public void Dispose() => _client.Dispose();

    private static string Cut(string text) => text.Length > 300 ? text[..300] + $" … ({text.Length} characters)" : text;

    private void Print(string title, string method, string path, string? idempotencyKey, string? key, string? body, Reply reply)
    {
        output.WriteLine($"\n-- {title}");
        output.WriteLine($"> {method} {path}{(idempotencyKey is null ? "" : $"   Idempotency-Key: {idempotencyKey}")}{(key == Demonstration.Key ? "" : $"   X-Api-Key: {key ?? "none"}")}");
        if (body is not null) output.WriteLine("> " + Cut(body));
        output.WriteLine($"< {reply.Status}");
        // Limits stand on every answer; they are shown once, and where they are met.
        var shown = !_hasShownLimits || reply.Status == 429 ? [.. Limits, .. Shown] : Shown;
        _hasShownLimits = true;
        foreach (var name in shown.Where(n => reply.Header(n).Length > 0)) output.WriteLine($"< {name}: {reply.Header(name)}");
        if (reply.Body.Length == 0) return;
        foreach (var line in Layout.Lines(reply.Body)) output.WriteLine("< " + line);
    }
}

/// <summary>One answer.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>A number of the body by its path; null when it is not there.</summary>
    public decimal? Number(params ReadOnlySpan<string> path) => decimal.TryParse(Member(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

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

using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;

namespace Gateway.Tests.Functional.Storm;

/// <summary>What no answer may be, whatever the weather: a fault of ours, a form of its own, or a word about our inside.</summary>
internal sealed class Complaints
{
    private static readonly string[] Inside =
        ["127.0.0.1:", "localhost", "   at ", "Exception", "demo-odoo-key", "demo-wms-key", "demo-tms-key", "demo-partner-key", "<html", "secret://", "Npgsql", "SQLite"];

    private readonly ConcurrentQueue<string> _all = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();

    public IReadOnlyCollection<string> All => _all;

    /// <summary>How often each answer was given, by status and problem.</summary>
    public string Answers => string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value} x {a.Key}"));

    public void Add(string complaint) => _all.Enqueue(complaint);

    public void Judge(string request, Answered answer)
    {
        _answers.AddOrUpdate($"{answer.Status} {answer.Problem}".TrimEnd(), 1, (_, before) => before + 1);
        if (WhatIsWrong(answer) is { } wrong) Add($"{request}: {wrong}: {answer.Status} {answer.Body}");
    }

    private static string? WhatIsWrong(Answered answer)
    {
        if (answer.Status is not (200 or 201 or 202 or 204 or 404 or 408 or 409 or 422 or 429 or 502 or 503 or 504)) return "no status that may be";
        var all = string.Join('\n', answer.Headers.Values.Append(answer.Body));
        if (Inside.FirstOrDefault(word => all.Contains(word, StringComparison.OrdinalIgnoreCase)) is { } said) return $"it says {said}";
        if (answer.Header("X-Correlation-Id").Length == 0) return "no correlation id";
        if (answer.Status is 429 or 503 && answer.Header("Retry-After").Length == 0) return "no Retry-After";
        return answer.Status < 400 ? null : WhatIsWrongWithProblem(answer);
    }

    private static string? WhatIsWrongWithProblem(Answered answer)
    {
        if (answer.Header("Content-Type") != "application/problem+json") return "no problem document";
        try
        {
            var problem = JsonNode.Parse(answer.Body)!;
            var whole = (int?)problem["status"] == answer.Status && problem["type"] is not null && problem["title"] is not null && problem["detail"] is not null;
            return whole ? null : "not as RFC 9457 says";
        }
        catch (JsonException)
        {
            return "not JSON";
        }
    }
}

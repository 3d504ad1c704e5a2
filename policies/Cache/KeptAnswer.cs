using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Cache;

/// <summary>What a target answered, in its own words: conditions, mapping and contract of the answer are the road's, for every caller anew.</summary>
internal sealed record KeptAnswer
{
    /// <summary>Headers that belong to one answer, or that the gateway says itself.</summary>
    private static readonly HashSet<string> NotKept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Age", "Cache-Control", "Cache-Status", "Connection", "Content-Length", "Date", "ETag", "Expires", "Idempotency-Replayed", "Keep-Alive", "Pragma",
        "RateLimit", "RateLimit-Policy", "Set-Cookie", "Trailer", "Transfer-Encoding", "X-Correlation-Id",
    };

    /// <summary>What an operation found; null of a forwarded request.</summary>
    public OperationResult? Result { get; init; }

    /// <summary>What came back on a forwarded request; null of an operation.</summary>
    public Answer? Forwarded { get; init; }

    public IReadOnlyList<KeyValuePair<string, StringValues>> Headers { get; init; } = [];

    /// <summary>When the request came that it answers.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset KeptAt { get; init; }

    public required Lifetime Lifetime { get; init; }

    /// <summary>Bytes that it takes, about.</summary>
    public long Size => 512 + (Result?.Record.Length ?? 0) + (Forwarded?.Body.Length ?? 0) + Headers.Sum(h => h.Key.Length + h.Value.Sum(v => v?.Length ?? 0));

    /// <summary>Of what an exchange has from its target; the bytes are its own.</summary>
    public static KeptAnswer Of(Exchange exchange, Lifetime lifetime) => new()
    {
        Result = exchange.Result is { } result ? result with { Record = result.Record.ToArray(), Facts = default } : null,
        Forwarded = exchange.Result is null ? exchange.Answer! with { Body = exchange.Answer.Body.ToArray() } : null,
        Headers = exchange.Result is null ? [.. exchange.Http.Response.Headers.Where(h => !NotKept.Contains(h.Key))] : [],
        AskedAt = exchange.StartedAt,
        KeptAt = exchange.Clock.GetUtcNow(),
        Lifetime = lifetime,
    };

    /// <summary>Puts it in the place of a target's answer.</summary>
    public void Give(Exchange exchange)
    {
        exchange.Result = Result;
        if (Forwarded is null) return;
        var response = exchange.Http.Response;
        response.Clear();
        response.StatusCode = Forwarded.Status;
        foreach (var (name, values) in Headers) response.Headers[name] = values;
        exchange.Answer = Forwarded;
    }

    public TimeSpan Age(DateTimeOffset now) => Lifetime.AgeWhenKept + (now - KeptAt);

    /// <summary>Below zero once it is stale.</summary>
    public TimeSpan FreshFor(DateTimeOffset now) => Lifetime.Fresh - Age(now);

    /// <summary>Whether it may stand in where the backend fails.</summary>
    public bool StandsIn(DateTimeOffset now) => FreshFor(now) + Lifetime.StaleIfError > TimeSpan.Zero;
}

/// <summary>How long an answer may be given again.</summary>
/// <param name="Fresh">From when its origin made it.</param>
/// <param name="StaleIfError">After that, where the backend fails.</param>
/// <param name="AgeWhenKept">How old it was already (RFC 9111 section 5.1).</param>
internal readonly record struct Lifetime(TimeSpan Fresh, TimeSpan StaleIfError, TimeSpan AgeWhenKept);

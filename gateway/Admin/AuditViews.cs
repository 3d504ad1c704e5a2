using System.Globalization;
using Gateway.Delivery.Audit;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What the admin port shows of the audit.</summary>
internal sealed class AuditViews(IStore store, KeptHeads kept, TimeProvider clock)
{
    private const int Most = 500;

    private static readonly TimeSpan LongestSearch = TimeSpan.FromDays(31);

    private static readonly TimeSpan UsualSearch = TimeSpan.FromDays(1);

    /// <summary>
    /// <c>?correlationId=…</c>: what was done under one correlation id. <c>?partner=…&amp;consumer=…&amp;route=…&amp;from=…&amp;to=…</c>: what was
    /// done in a time; by default in the last day. Oldest first, and <c>X-Truncated: true</c> where there may be more.
    /// </summary>
    public async Task Search(HttpContext http)
    {
        var (query, refusal) = Read(http.Request);
        if (query is { CorrelationId: { } id, Narrows: false })
        {
            await Views.Write(http, await store.FindAuditAsync(id, Most, http.RequestAborted));
            return;
        }
        if (query is { CorrelationId: null, Narrows: false })
            refusal = new Refusal(Failure.MalformedRequest, "Add ?correlationId=, as an answer's X-Correlation-Id says, or partner, consumer, route, from and to.");
        var to = query?.To ?? clock.GetUtcNow();
        var from = query?.From ?? to - UsualSearch;
        if (to - from > LongestSearch) refusal = new Refusal(Failure.MalformedRequest, "Ask for 31 days at most; /audit/export gives more.");
        if (refusal is not null)
        {
            await Problems.WriteAsync(http, refusal);
            return;
        }
        var page = await AuditReading.SearchAsync(store, query! with { From = from, To = to }, Most, http.RequestAborted);
        if (!page.Whole) http.Response.Headers["X-Truncated"] = "true";
        await Views.Write(http, page.Records);
    }

    /// <summary>All heads, as <c>audit verify --heads</c> takes them.</summary>
    public async Task Heads(HttpContext http) => await Views.Write(http, await store.AuditSegmentsAsync(http.RequestAborted));

    /// <summary>Goes over all chains.</summary>
    public async Task Verify(HttpContext http) => await Views.Write(http, await AuditVerification.RunAsync(store, await kept.ReadAsync(http.RequestAborted), http.RequestAborted));

    /// <summary>JSON lines of all that is asked for.</summary>
    public async Task Export(HttpContext http)
    {
        var (query, refusal) = Read(http.Request);
        if (refusal is not null)
        {
            await Problems.WriteAsync(http, refusal);
            return;
        }
        http.Response.ContentType = AuditExport.MediaType;
        await AuditExport.WriteAsync(store, query!, http.Response.Body, http.RequestAborted);
    }

    private static (AuditQuery? Query, Refusal? Refusal) Read(HttpRequest request)
    {
        if (!TryTime(request, "from", out var from) || !TryTime(request, "to", out var to))
            return (null, new Refusal(Failure.MalformedRequest, "from and to are times of RFC 3339: 2026-11-28T06:00:00Z, or days."));
        return (new AuditQuery
        {
            From = from,
            To = to,
            Partner = Text(request, "partner"),
            Consumer = Text(request, "consumer"),
            Route = Text(request, "route"),
            CorrelationId = Text(request, "correlationId"),
        }, null);
    }

    private static string? Text(HttpRequest request, string name) => request.Query[name] is [{ Length: > 0 } value] ? value : null;

    /// <summary>A day without a time begins at midnight UTC; false where there is something else.</summary>
    private static bool TryTime(HttpRequest request, string name, out DateTimeOffset? time)
    {
        time = null;
        if (Text(request, name) is not { } text) return true;
        var known = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at);
        if (known) time = at;
        return known;
    }
}

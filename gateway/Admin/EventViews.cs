using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gateway.Delivery.Events;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>The event log as operators see it. What an event says is shown apart, to those who may act.</summary>
internal sealed class EventViews(IStore store, CurrentPlan plans)
{
    private const int Most = 500;

    private static readonly string[] Known = ["about", "after", "last", "partner", "type"];

    /// <summary><c>?after=POSITION</c> or <c>?last=COUNT</c>, <c>?partner=…</c>, <c>?type=…</c>, <c>?about=NUMBER</c>: the first 500 that match, in the order of the log.</summary>
    public async Task ListAsync(HttpContext http)
    {
        var asked = http.Request.Query;
        var (partner, type) = (asked["partner"].ToString(), asked["type"].ToString());
        var wrong = asked.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } stranger ? $"'{stranger}' is not among {string.Join(", ", Known)}."
            : Number(asked["after"].ToString()) is null || Number(asked["last"].ToString()) is null ? "Write after as a position and last as how many, in digits."
            : asked["after"].Count > 0 && asked["last"].Count > 0 ? "Say after or last, not both." : null;
        if (wrong is not null)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.MalformedRequest, wrong), plans.Current.Problem);
            return;
        }
        var after = Number(asked["after"].ToString())!.Value;
        if (Number(asked["last"].ToString()) is > 0 and var last) after = Math.Max(0, await store.LastPositionAsync(http.RequestAborted) - Math.Min(last, Most));
        var subjects = asked["about"].ToString() is { Length: > 0 } about ? await Timeline.SubjectsAsync(store, about, http.RequestAborted) : null;
        await Views.Write(http, (await FindAsync(after, partner, type, subjects, http.RequestAborted)).Select(e => new
        {
            position = e.Position,
            sequence = e.Sequence,
            id = e.Event.Id,
            tenant = e.Event.Tenant,
            type = e.Event.Type,
            subject = e.Event.Subject,
            time = e.Event.Time,
            correlationId = e.Event.CorrelationId,
        }));
    }

    /// <summary>Behind a position; whatever else happened in between, and however much.</summary>
    /// <param name="subjects">What they are about; null for all.</param>
    private async ValueTask<IReadOnlyList<StoredEvent>> FindAsync(long after, string partner, string type, IReadOnlyCollection<string>? subjects, CancellationToken cancellation)
    {
        var found = new List<StoredEvent>();
        while (found.Count < Most)
        {
            var page = subjects is not null ? await store.ReadEventsAboutAsync(subjects, partner.Length > 0 ? partner : null, after, Most, cancellation)
                : partner.Length > 0 ? await store.ReadEventsAsync(partner, after, Most, cancellation)
                : type.Length == 0 ? await store.ReadEventsAsync(after, Most, cancellation) : await OfTypeAsync(after, type, cancellation);
            if (page.Count == 0) return found;
            found.AddRange(page.Where(e => type.Length == 0 || e.Event.Type == type).Take(Most - found.Count));
            after = page[^1].Position;
        }
        return found;
    }

    /// <summary>The first page of the log that holds one of a type: of the others the heads alone are read.</summary>
    private async ValueTask<IReadOnlyList<StoredEvent>> OfTypeAsync(long after, string type, CancellationToken cancellation)
    {
        while (await store.ReadEventHeadsAsync(after, Most, cancellation) is { Count: > 0 } heads)
        {
            if (heads.FirstOrDefault(h => h.Type == type) is { } first) return await store.ReadEventsAsync(first.Position - 1, Most, cancellation);
            after = heads[^1].Position;
        }
        return [];
    }

    /// <summary>One event as its readers get it, by its position.</summary>
    public async Task ShowAsync(HttpContext http)
    {
        var position = Number((string?)http.GetRouteValue("position") ?? "") ?? 0;
        try
        {
            if (await store.FindEventAsync(position, http.RequestAborted) is { } stored)
                await Views.Write(http, new { stored.Position, tenant = stored.Event.Tenant, contract = plans.Current.EventTypes.Of(stored.Event.Type)?.Contract, @event = JsonNode.Parse(Envelope.Write(stored).Span) });
            else await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no event at this position."), plans.Current.Problem);
        }
        catch (StoreUnavailableException unreadable) when (unreadable.InnerException is CryptographicException)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.WrongState, unreadable.Message), plans.Current.Problem);
        }
    }

    /// <summary>0 where nothing is written; null for what is no number.</summary>
    private static long? Number(string written) => written.Length == 0 ? 0 : long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

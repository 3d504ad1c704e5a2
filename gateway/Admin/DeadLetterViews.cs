using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gateway.Delivery.Events;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators see of dead letters. What was sent and answered is shown apart, to those who may act.</summary>
internal sealed class DeadLetterViews(IStore store, CurrentPlan plans, TimeProvider clock)
{
    private const int Usual = 100;

    private const int Most = 500;

    private static readonly string[] Known = ["partner", "endpoint", "type", "cause", "orderingKey", "since", "until", "limit", "after"];

    /// <summary>By cause, the largest group first: how many, since when, whose, and the newest as an example.</summary>
    public async Task GroupsAsync(HttpContext http)
    {
        if (await QueryAsync(http) is not { } query) return;
        var groups = (await store.CountDeadAsync(query, http.RequestAborted)).GroupBy(count => count.Cause).Select(group => new
        {
            cause = group.Key,
            count = group.Sum(c => c.Count),
            first = group.Min(c => c.First),
            last = group.Max(c => c.Last),
            partners = group.Select(c => c.Tenant).Distinct(),
            endpoints = group.Select(c => new { endpoint = $"{c.Tenant}/{c.Subscription}", count = c.Count }),
            example = group.MaxBy(c => c.Last)!.Newest,
        });
        await Views.Write(http, groups.OrderByDescending(g => g.count).ThenBy(g => g.cause, StringComparer.Ordinal));
    }

    /// <summary>The newest first; <c>next</c> is the <c>after</c> of the next page, where there is one.</summary>
    public async Task ListAsync(HttpContext http)
    {
        if (await QueryAsync(http) is not { } query) return;
        var (limit, after) = (http.Request.Query["limit"].ToString(), http.Request.Query["after"].ToString());
        var max = limit.Length == 0 ? Usual : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : 0;
        if (max is 0 or > Most) await RefuseAsync(http, $"limit is a number from 1 to {Most}.");
        else if (after.Length > 0 && PlaceOf(after) is null) await RefuseAsync(http, "after is what a page said as next.");
        else await WriteAsync(http, query, PlaceOf(after), max);
    }

    /// <summary>One delivery with its attempts, dead or what became of it.</summary>
    public async Task ShowAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } delivery) return;
        var happened = (await store.ReadEventHeadsAsync(delivery.EventPosition - 1, 1, http.RequestAborted)).FirstOrDefault(e => e.Position == delivery.EventPosition);
        await Views.Write(http, new
        {
            delivery.Id,
            partner = delivery.Tenant,
            delivery.Endpoint,
            delivery.State,
            delivery.Cause,
            delivery.DiedAt,
            delivery.CreatedAt,
            delivery.NextAt,
            delivery.Note,
            orderingKey = delivery.OrderingKey ?? happened?.PartitionKey,
            @event = happened is null ? null : new { id = EditedEvent.IdOf(happened.Id, delivery.Edit), happened.Type, happened.Position },
            contract = happened is null ? null : plans.Current.EventTypes.Of(happened.Type)?.Contract,
            delivery.EditOf,
            editedAs = (await store.FindEditAsync(delivery.Id, http.RequestAborted))?.Id,
            attempts = (await store.AttemptsAsync(delivery.Id, http.RequestAborted)).Select(a => new { a.Number, a.At, a.Duration, a.Status, a.Error }),
        });
    }

    /// <summary>What a delivery says: the event as its receiver gets it, the one it was made of, and what was said in each attempt.</summary>
    public async Task PayloadAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } delivery) return;
        try
        {
            var stored = await store.FindEventAsync(delivery, http.RequestAborted);
            await Views.Write(http, new
            {
                delivery.Id,
                @event = stored is null ? null : JsonNode.Parse(Envelope.Write(stored).Span),
                original = delivery.Edit > 0 && await store.FindEventAsync(delivery.EventPosition, http.RequestAborted) is { } original ? JsonNode.Parse(Envelope.Write(original).Span) : null,
                attempts = (await store.AttemptsAsync(delivery.Id, http.RequestAborted)).Where(a => a.Details is not null)
                    .Select(a => new { a.Number, request = a.Details!.Request.Split('\n'), answer = a.Details.Answer }),
            });
        }
        catch (StoreUnavailableException unreadable) when (unreadable.InnerException is CryptographicException)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.WrongState, unreadable.Message), plans.Current.Problem);
        }
    }

    /// <summary>A letter in a list.</summary>
    public static object Shown(DeadLetter letter) => new
    {
        letter.Delivery.Id,
        partner = letter.Delivery.Tenant,
        letter.Delivery.Endpoint,
        letter.Delivery.Cause,
        letter.Delivery.DiedAt,
        letter.Delivery.Attempts,
        orderingKey = letter.Key,
        @event = letter.EventId is null ? null : new { id = EditedEvent.IdOf(letter.EventId, letter.Delivery.Edit), letter.Type, letter.Subject, position = letter.Delivery.EventPosition },
        letter.Delivery.EditOf,
    };

    private async Task WriteAsync(HttpContext http, DeadLetterQuery query, DeadLetterPlace? after, int max)
    {
        // One more tells whether there is another page.
        var letters = await store.DeadLettersAsync(query, after, max + 1, http.RequestAborted);
        var last = letters.Count > max ? letters[max - 1].Delivery : null;
        await Views.Write(http, new
        {
            letters = letters.Take(max).Select(Shown),
            next = last is null ? null : string.Create(CultureInfo.InvariantCulture, $"{last.DiedAt?.UtcTicks}.{last.Id}"),
        });
    }

    private async Task<DeadLetterQuery?> QueryAsync(HttpContext http)
    {
        var stranger = http.Request.Query.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase));
        var (query, wrong) = DeadLetterWish.Of(http.Request.Query).Query(clock.GetUtcNow());
        if (stranger is not null) wrong = $"'{stranger}' is not among {string.Join(", ", Known)}.";
        if (wrong is null) return query;
        await RefuseAsync(http, wrong);
        return null;
    }

    private async Task<EventDelivery?> FindAsync(HttpContext http)
    {
        var found = await store.FindDeliveryAsync((string?)http.GetRouteValue("id") ?? "", http.RequestAborted);
        if (found is null) await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no delivery of this id."), plans.Current.Problem);
        return found;
    }

    private Task RefuseAsync(HttpContext http, string why) => Problems.WriteAsync(http, new Refusal(Failure.MalformedRequest, why), plans.Current.Problem);

    private static DeadLetterPlace? PlaceOf(string text) =>
        text.Split('.', 2) is [var ticks, { Length: > 0 } id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new DeadLetterPlace(new DateTimeOffset(at, TimeSpan.Zero), id)
            : null;
}

using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Gateway.Admin;

/// <summary>What an operator says of dead letters: which are meant, and what is to be done with them.</summary>
internal sealed record DeadLetterWish
{
    /// <summary>Of each text.</summary>
    private const int Longest = 200;

    public string? Partner { get; init; }

    /// <summary><c>acme/orders</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Of the event.</summary>
    public string? Type { get; init; }

    public string? Cause { get; init; }

    public string? OrderingKey { get; init; }

    /// <summary>Dead since a time, or since how long ago.</summary>
    public string? Since { get; init; }

    /// <summary>Dead before a time, or for longer than this.</summary>
    public string? Until { get; init; }

    /// <summary>Every dead letter is meant: who names none of them says so.</summary>
    public bool All { get; init; }

    /// <summary>Nothing is done; it is told what would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>A second, of one endpoint.</summary>
    public double? Rate { get; init; }

    /// <summary>Also those that were overtaken by later events of their key.</summary>
    public bool OutOfOrder { get; init; }

    public string? Reason { get; init; }

    /// <summary>Null where a member is not known or has another type than it should.</summary>
    public static DeadLetterWish? Of(JsonElement? body)
    {
        if (body is not { } given) return new DeadLetterWish();
        try
        {
            return given.Deserialize<DeadLetterWish>(Views.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same from the query of an address, where nothing is to be done.</summary>
    public static DeadLetterWish Of(IQueryCollection query) => new()
    {
        Partner = Text(query["partner"]),
        Endpoint = Text(query["endpoint"]),
        Type = Text(query["type"]),
        Cause = Text(query["cause"]),
        OrderingKey = Text(query["orderingKey"]),
        Since = Text(query["since"]),
        Until = Text(query["until"]),
    };

    /// <summary>Which letters are meant, or what is wrong with what was said of them.</summary>
    public (DeadLetterQuery Query, string? Wrong) Query(DateTimeOffset now)
    {
        string?[] texts = [Partner, Endpoint, Type, Cause, OrderingKey, Since, Until];
        if (texts.Any(text => text is { Length: 0 or > Longest })) return (new DeadLetterQuery(), $"Leave out what narrows nothing; each text has at most {Longest} characters.");
        var parts = Endpoint?.Split('/', 2);
        if (parts is { Length: 1 } or ["", _] or [_, ""]) return (new DeadLetterQuery(), "Write an endpoint as PARTNER/WEBHOOK: acme/orders.");
        if (parts is not null && Partner is not null && parts[0] != Partner) return (new DeadLetterQuery(), $"The endpoint {Endpoint} is not {Partner}'s: leave out one of the two.");
        var (since, until) = (Since is null ? null : Moment.Of(Since, now), Until is null ? null : Moment.Of(Until, now));
        if ((since is null && Since is not null) || (until is null && Until is not null))
            return (new DeadLetterQuery(), "Write since and until as a time (2026-11-29T08:00:00Z) or as how long ago (6h).");
        var query = new DeadLetterQuery
        {
            Tenant = parts?[0] ?? Partner,
            Subscription = parts?[1],
            Type = Type,
            Cause = Cause,
            OrderingKey = OrderingKey,
            Since = since,
            Until = until,
        };
        return (query, null);
    }

    /// <summary>What the audit says was acted on: <c>cause=status 500 endpoint=acme/orders</c>.</summary>
    public string Target
    {
        get
        {
            (string Name, string? Value)[] said =
                [("partner", Partner), ("endpoint", Endpoint), ("type", Type), ("cause", Cause), ("orderingKey", OrderingKey), ("since", Since), ("until", Until)];
            var text = string.Join(' ', said.Where(s => s.Value is not null).Select(s => $"{s.Name}={s.Value}"));
            return text.Length == 0 ? "all" : text[..Math.Min(text.Length, Longest)];
        }
    }

    private static string? Text(StringValues value) => value.Count == 0 ? null : value.ToString();
}

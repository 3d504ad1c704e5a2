using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Authorize;

/// <summary>What a caller must be allowed to do. All that is named must hold.</summary>
public sealed record AuthorizeOptions
{
    private IReadOnlyList<Demand>? _demands;

    [Description("Scopes that the caller needs, all of them; declared under scopes.")]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    [Description("Roles of which the caller needs one; declared under roles.")]
    public IReadOnlyList<string> Roles { get; init; } = [];

    [Description("Claims that the caller's token must carry, each with one of the values; who comes without a token has none.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    [Description("Networks that calls must come from, one of them: 203.0.113.0/24, 2001:db8::/32, or a single address.")]
    public IReadOnlyList<string> Networks { get; init; } = [];

    [Description("Times in which calls are taken, one of them.")]
    public IReadOnlyList<HoursOptions> Hours { get; init; } = [];

    [Description("Conditions on caller, partner, parameters, body or answer, all of them.")]
    public IReadOnlyList<ConditionOptions> When { get; init; } = [];

    /// <summary>What is demanded, in the order in which it is judged. To add a kind of demand: a member above, and a line here.</summary>
    internal IReadOnlyList<Demand> Demands => _demands ??=
    [
        .. Scopes.Count > 0 ? [new ScopeDemand([.. Scopes])] : (IEnumerable<Demand>)[],
        .. Roles.Count > 0 ? [new RoleDemand([.. Roles])] : (IEnumerable<Demand>)[],
        .. Claims.Select(c => new ClaimDemand(c.Key, c.Value)),
        .. Networks.Count > 0 ? [new NetworkDemand(Networks)] : (IEnumerable<Demand>)[],
        .. Hours.Count > 0 ? [new HoursDemand(Hours)] : (IEnumerable<Demand>)[],
        .. When.Select(c => new Condition(c)),
    ];

    internal IEnumerable<Condition> Conditions => Demands.OfType<Condition>();

    /// <summary>What is demanded beside scopes.</summary>
    public AuthorizeOptions WithoutScopes() => this with { Scopes = [], _demands = null };
}

/// <summary>A part of the week.</summary>
public sealed record HoursOptions
{
    internal const string Form = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";

    [Description("Days of the week on which it begins; all of them, when left out.")]
    public IReadOnlyList<WeekDay> Days { get; init; } = [];

    [Description("From when on: 08:00.")]
    [RegularExpression(Form)]
    public string From { get; init; } = "00:00";

    [Description("Until when; at that minute it is over. Earlier than from, it ends on the next day.")]
    [RegularExpression(Form)]
    public string To { get; init; } = "24:00";

    [Description("IANA time zone of these clocks: Europe/Berlin. Default: the caller's partner's.")]
    public string? Zone { get; init; }

    /// <summary>As it would be written: <c>mon, tue 08:00-18:00 Europe/Berlin</c>.</summary>
    internal string Text => $"{(Days.Count == 0 ? "every day" : string.Join(", ", Days.Select(d => d.ToString().ToLowerInvariant())))} {From}-{To} {Zone ?? "by the partner's clocks"}";
}

public enum WeekDay
{
    Sun,
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
}

/// <summary>A condition, and what becomes of those who do not meet it.</summary>
public sealed record ConditionOptions
{
    [Description("JSONata that is true for who may. It may look at $consumer, $partner, $params, $claims, $address, $route, at the body ($), or at the backend's answer ($answer).")]
    public required string If { get; init; }

    [Description("What the others get: 403, or 404 where they must not know that there is something.")]
    [Range(403, 404)]
    public int Else { get; init; } = 403;

    [Description("Why, as a code for the operator's log: buyer-of-another.")]
    [RegularExpression("^[a-z][a-z0-9-]{1,63}$")]
    public required string Reason { get; init; }

    [Description("What the caller reads with a 403. A 404 says no more than that there is nothing.")]
    [MinLength(3)]
    public string? Detail { get; init; }
}

using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>How a simulator misbehaves towards the requests its <see cref="ChaosRule"/> hits.</summary>
public enum ChaosMode
{
    /// <summary>Behaves. Setting it releases every request that is held.</summary>
    None,

    /// <summary>Waits, then works and answers.</summary>
    Latency,

    /// <summary>Answers the status without having worked.</summary>
    Error,

    /// <summary>Works, and answers the status nevertheless.</summary>
    ErrorAfterWork,

    /// <summary>Aborts the connection without having worked.</summary>
    DropBefore,

    /// <summary>Works, and aborts the connection instead of answering.</summary>
    DropAfterWork,

    /// <summary>Aborts every connection, as a process that is not there; held requests are lost with it.</summary>
    Down,

    /// <summary>Reads the request and works only when released, even if the caller has gone meanwhile.</summary>
    HoldBefore,

    /// <summary>Works at once and answers only when released.</summary>
    HoldAfter,

    /// <summary>Closed for a while, and says so before it works: 503 in the simulator's own words, with <c>Retry-After</c>.</summary>
    Maintenance,

    /// <summary>Webhooks are sent twice.</summary>
    HookTwice,

    /// <summary>A webhook is kept back until the next one was sent.</summary>
    HookLate,

    /// <summary>The sender's clock is wrong by some milliseconds, which may be below zero.</summary>
    HookSkew,

    /// <summary>Webhooks are never sent.</summary>
    HookLost,
}

/// <summary>One misbehaviour, and which requests it hits.</summary>
/// <param name="Mode">What happens to a request that is hit.</param>
public sealed record ChaosRule(ChaosMode Mode)
{
    /// <summary>The waiting of <see cref="ChaosMode.Latency"/>, and how wrong the clock of <see cref="ChaosMode.HookSkew"/> is, in milliseconds.</summary>
    public int Milliseconds { get; init; } = 1000;

    /// <summary>The HTTP status of the two error modes, 400 to 599.</summary>
    public int Status { get; init; } = 500;

    /// <summary>Seconds for a <c>Retry-After</c> header on the error modes; null sends none, and 30 with <see cref="ChaosMode.Maintenance"/>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>
    /// Spares so many matching requests within any second, 1 or more, and hits what comes beyond, which does not count: with <see cref="ChaosMode.Error"/> and
    /// 429, a rate limit. Null spares none.
    /// </summary>
    public int? PerSecond { get; init; }

    /// <summary>How many requests are hit before the rule is spent; null never ends.</summary>
    public int? Count { get; init; }

    /// <summary>
    /// Hits only requests whose path contains this, case-sensitive; null hits all. A call over Odoo's JSON-RPC has the path <c>/jsonrpc/MODEL/METHOD</c> here,
    /// so that one rule hits the same call over either wire.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Hits only requests of this method: POST; null hits all.</summary>
    public string? Method { get; init; }

    /// <summary>The share of matching requests that is hit, 0 to 1, spread evenly (0.5 is every second one, not a coin).</summary>
    public double Rate { get; init; } = 1;

    /// <summary>It hits webhooks that are sent, and no requests.</summary>
    internal bool IsOfHooks => Mode is ChaosMode.HookTwice or ChaosMode.HookLate or ChaosMode.HookSkew or ChaosMode.HookLost;

    /// <summary>Reads the JSON of <c>POST /_chaos</c>.</summary>
    /// <returns>The rule, or null and what is wrong with the document.</returns>
    public static (ChaosRule? Rule, string? Wrong) Parse(JsonNode? document)
    {
        if (document is not JsonObject members)
            return (null, "send a JSON object such as {\"mode\":\"latency\",\"milliseconds\":500}");
        var name = Text(members, "mode");
        var mode = name == "hold" ? ChaosMode.HoldBefore : default;
        if (name != "hold" && !(Enum.TryParse(name, ignoreCase: true, out mode) && Enum.IsDefined(mode)
            && !char.IsDigit(name![0])))
            return (null, $"mode '{name}' is none of {string.Join(", ", Enum.GetNames<ChaosMode>().Select(Camel))}, hold");
        var rule = new ChaosRule(mode)
        {
            Milliseconds = (int)(Number(members, "milliseconds") ?? 1000),
            Status = (int)(Number(members, "status") ?? 500),
            RetryAfter = (int?)Number(members, "retryAfter"),
            PerSecond = (int?)Number(members, "perSecond"),
            Count = (int?)Number(members, "count"),
            Path = Text(members, "path"),
            Method = Text(members, "method"),
            Rate = Number(members, "rate") ?? 1,
        };
        if (rule.Status is < 400 or > 599)
            return (null, "status must be 400 to 599");
        if (rule.PerSecond < 1)
            return (null, "perSecond must be 1 or more");
        return rule.Rate is < 0 or > 1 ? (null, "rate must be 0 to 1") : (rule, null);
    }

    /// <summary>The rule as <c>/_state</c> shows it.</summary>
    public JsonObject ToJson() => new()
    {
        ["mode"] = Camel(Mode.ToString()),
        ["milliseconds"] = Milliseconds,
        ["status"] = Status,
        ["retryAfter"] = RetryAfter,
        ["perSecond"] = PerSecond,
        ["count"] = Count,
        ["path"] = Path,
        ["method"] = Method,
        ["rate"] = Rate,
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string? Text(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out double number) ? number : null;
}

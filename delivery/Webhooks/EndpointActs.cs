using System.Globalization;
using System.Text.Json;

namespace Gateway.Delivery.Webhooks;

/// <summary>What becomes of an endpoint, as record and as event: the event is for operators, and belongs to no partner.</summary>
public static class EndpointActs
{
    public const string FailingType = "webhook.failing.v1";
    public const string DisabledType = "webhook.disabled.v1";
    public const string EnabledType = "webhook.enabled.v1";

    public const string RecoveredType = "webhook.recovered.v1";

    /// <summary>Of all events about endpoints.</summary>
    public const string Source = "/webhooks";

    private const string Gateway = "gateway";

    /// <summary>A part of the budget is spent, in per cent.</summary>
    public static NewEvent Failing(EndpointState endpoint, DateTimeOffset now) =>
        Told(FailingType, endpoint, now, new { endpoint = endpoint.Key, failingSince = endpoint.FailingSince, spent = endpoint.Warned });

    public static NewEvent Disabled(EndpointState endpoint, DateTimeOffset now) =>
        Told(DisabledType, endpoint, now, new { endpoint = endpoint.Key, failingSince = endpoint.FailingSince, reason = endpoint.Reason });

    public static NewEvent Enabled(EndpointState endpoint, DateTimeOffset now) => Told(EnabledType, endpoint, now, new { endpoint = endpoint.Key });

    /// <summary>That deliveries are sent again, since their partner asked for it.</summary>
    /// <param name="id">Of the event.</param>
    public static NewEvent Recovered(EndpointReplay replay, string id, int count, int withheld) => new(
        id, "-", RecoveredType, Source, replay.Key, replay.Key, replay.Now, JsonSerializer.SerializeToUtf8Bytes(new { endpoint = replay.Key, since = replay.Since, delivered = replay.Scope == ReplayScope.All, replayed = count, withheld }));

    /// <summary>What a recovery sends again, by the event that tells it: since when, what has arrived too, how many deliveries, and how many not.</summary>
    public static (DateTimeOffset Since, bool Delivered, int Count, int Withheld) RecoveryOf(NewEvent recovered)
    {
        using var data = JsonDocument.Parse(recovered.Data);
        var told = data.RootElement;
        return (told.GetProperty("since").GetDateTimeOffset(), told.GetProperty("delivered").GetBoolean(), told.GetProperty("replayed").GetInt32(), told.GetProperty("withheld").GetInt32());
    }

    /// <summary>An endpoint begins anew, by what its partner has done: an operator's word stands.</summary>
    /// <param name="why">What that was.</param>
    public static EndpointReopening Reopened(Subscription subscription, string why, DateTimeOffset now) => new(
        subscription.Tenant, subscription.Name, now, state => (BySelf("endpoints.enable", state, why, disabled: false, now), Enabled(state, now)));

    /// <summary>The gateway itself has disabled an endpoint.</summary>
    public static AuditRecord DisabledBySelf(EndpointState endpoint, DateTimeOffset now) => BySelf("endpoints.disable", endpoint, endpoint.Reason, disabled: true, now);

    private static AuditRecord BySelf(string action, EndpointState endpoint, string? why, bool disabled, DateTimeOffset now)
    {
        var act = new OperatorAct(Gateway, action, endpoint.Key)
        {
            Why = why,
            Before = $$"""{"disabled":{{(disabled ? "false" : "true")}}}""",
            After = $$"""{"disabled":{{(disabled ? "true" : "false")}}}""",
        };
        return new AuditRecord(now, endpoint.Tenant, null, act.Action, "", "", "", Guid.NewGuid().ToString("N"), 200, "done") { Act = act };
    }

    // The version makes it one event, whatever is done twice.
    private static NewEvent Told(string type, EndpointState endpoint, DateTimeOffset now, object data) => new(
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Key}/{endpoint.Version + 1}"), "-", type, Source, endpoint.Key, endpoint.Key, now, JsonSerializer.SerializeToUtf8Bytes(data));
}

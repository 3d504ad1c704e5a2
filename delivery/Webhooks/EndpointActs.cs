using System.Globalization;
using System.Text.Json;

namespace Gateway.Delivery.Webhooks;

/// <summary>What becomes of an endpoint, as record and as event: the event is for operators, and belongs to no partner.</summary>
public static class EndpointActs
{
    public const string FailingType = "webhook.failing.v1";
    public const string DisabledType = "webhook.disabled.v1";
    public const string EnabledType = "webhook.enabled.v1";

    private const string Source = "/webhooks";
    private const string Gateway = "gateway";

    /// <summary>A part of the budget is spent, in per cent.</summary>
    public static NewEvent Failing(EndpointState endpoint, DateTimeOffset now) =>
        Told(FailingType, endpoint, now, new { endpoint = endpoint.Key, failingSince = endpoint.FailingSince, spent = endpoint.Warned });

    public static NewEvent Disabled(EndpointState endpoint, DateTimeOffset now) =>
        Told(DisabledType, endpoint, now, new { endpoint = endpoint.Key, failingSince = endpoint.FailingSince, reason = endpoint.Reason });

    public static NewEvent Enabled(EndpointState endpoint, DateTimeOffset now) => Told(EnabledType, endpoint, now, new { endpoint = endpoint.Key });

    /// <summary>The gateway itself has disabled an endpoint.</summary>
    public static AuditRecord DisabledBySelf(EndpointState endpoint, DateTimeOffset now)
    {
        var act = new OperatorAct(Gateway, "endpoints.disable", endpoint.Key)
        {
            Why = endpoint.Reason,
            Before = """{"disabled":false}""",
            After = """{"disabled":true}""",
        };
        return new AuditRecord(now, endpoint.Tenant, null, act.Action, "", "", "", Guid.NewGuid().ToString("N"), 200, "done") { Act = act };
    }

    // The version makes it one event, whatever is done twice.
    private static NewEvent Told(string type, EndpointState endpoint, DateTimeOffset now, object data) => new(
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Key}/{endpoint.Version + 1}"), "-", type, Source, endpoint.Key, endpoint.Key, now, JsonSerializer.SerializeToUtf8Bytes(data));
}

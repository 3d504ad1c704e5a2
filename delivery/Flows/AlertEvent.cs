using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Delivery.Flows;

/// <summary>
/// What the owner of a flow is told, as an event that is no partner's. It is appended in the transaction of what it tells, and the log takes each id once:
/// where a thousand instances come to the same within an hour, the first of them is told.
/// </summary>
public static class AlertEvent
{
    public const string Type = "gateway.alert.v1";

    public const string Description = "A flow needs its owner: it is parked, has failed, is late, or has come to somebody by escalate. Told by the gateway itself, to owners alone.";

    /// <summary>Characters: what a backend answers may be a page.</summary>
    private const int LongestText = 500;

    private static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="instance">The first that it is about.</param>
    /// <param name="runbook">What is to be done then; null where the flow names nothing.</param>
    public static NewEvent Of(FlowInstance instance, FlowAlert alert, Uri? runbook, DateTimeOffset now)
    {
        var hour = new DateTimeOffset(now.UtcTicks - now.UtcTicks % Quiet.Ticks, TimeSpan.Zero);
        var data = new
        {
            owner = alert.To,
            flow = instance.Flow,
            step = alert.Step.Length == 0 ? null : alert.Step,
            kind = alert.Kind.ToString().ToLowerInvariant(),
            text = Line(alert.Text),
            partner = instance.Tenant,
            key = instance.Key,
            instance = instance.Id,
            runbook,
            quietUntil = hour + Quiet,
        };
        return new NewEvent(FlowId.OfAlert(instance.Flow, alert, hour), Partner.House.Name, Type, $"/flows/{instance.Flow}", instance.Id, instance.Flow, now, JsonSerializer.SerializeToUtf8Bytes(data, Json))
        {
            CorrelationId = instance.CorrelationId,
            TraceParent = instance.TraceParent,
        };
    }

    /// <summary>The first line, without an end that is too long.</summary>
    private static string Line(string text)
    {
        var line = text.AsSpan().Trim();
        if (line.IndexOfAny('\r', '\n') is >= 0 and var end) line = line[..end];
        return line.Length <= LongestText ? line.ToString() : $"{line[..(char.IsHighSurrogate(line[LongestText - 1]) ? LongestText - 1 : LongestText)]}…";
    }
}

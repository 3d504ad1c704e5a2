using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Pipeline.Own.Subscriptions;
using Gateway.Policies.Quota;

namespace Gateway.Pipeline.Own;

/// <summary>The gateway itself as a backend: what it knows of its callers is called as an operation is, behind the same policies. <c>call: gateway/usage</c>.</summary>
internal sealed class OwnBackend : Backend
{
    public const string ReservedName = "gateway";

    /// <param name="routes">Those of the Plan, once they are compiled.</param>
    /// <param name="bell">Null where nobody waits.</param>
    /// <param name="judge">Of the subscriptions that partners make themselves.</param>
    /// <param name="desk">Null where nobody calls.</param>
    public OwnBackend(Func<IReadOnlyList<PlanRoute>> routes, QuotaBook quotas, EventTypes events, EventBell? bell, SubscriptionJudge judge, SubscriptionDesk? desk)
        : base(ReservedName) => Operations = ((BackendOperation[])
        [
            new UsageOperation(routes, quotas), new EventsOperation(events, bell), new EventOperation(events),
            new SubscriptionList(), new SubscriptionRead(), new SubscriptionDeliveries(),
            new SubscriptionCreate(desk, judge), new SubscriptionReplace(desk, judge), new SubscriptionDelete(desk), new SubscriptionRotate(desk), new SubscriptionPing(desk), new SubscriptionRecover(desk, events),
        ]).ToDictionary(o => o.Descriptor.Name);

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }
}

/// <summary>An operation of the gateway itself: it is answered from the exchange, and no backend is called.</summary>
internal abstract class OwnOperation : BackendOperation
{
    public sealed override string Backend => OwnBackend.ReservedName;

    /// <summary>Sets result and answer, or a refusal.</summary>
    public abstract ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target);

    /// <summary>What it promises callers beyond what every operation does.</summary>
    public virtual void Describe(Surface surface)
    {
    }

    public sealed override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) =>
        throw new NotSupportedException("An operation of the gateway itself is answered from its exchange.");

    /// <summary>It changes nothing, so there is nothing to find.</summary>
    public sealed override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) =>
        ValueTask.FromResult(new OperationResult(OperationStatus.NotFound));
}

/// <summary>What the caller's partner has used of its quotas: a document <c>usage@1</c>. Of those that count consumers it shows the caller's own.</summary>
internal sealed class UsageOperation(Func<IReadOnlyList<PlanRoute>> routes, QuotaBook quotas) : OwnOperation
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override OperationDescriptor Descriptor { get; } = new("usage", "Shows what is used of the partner's quotas, and what is left.", Effect.Reads, Idempotent: true, ReadsBack: false);

    public override async ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target)
    {
        var states = await QuotaReport.OfAsync(exchange.Store, quotas, routes(), exchange.Partner, exchange.Consumer is { } caller ? [caller.Name] : [], exchange.Aborted);
        exchange.Result = new OperationResult(OperationStatus.Done) { Record = Write(exchange.StartedAt, states) };
        exchange.Answer = Answers.Of(exchange, target);
    }

    private static ReadOnlyMemory<byte> Write(DateTimeOffset at, IReadOnlyList<QuotaState> states)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, Relaxed);
        json.WriteStartObject();
        json.WriteString("issueDateTime", Text(at));
        json.WriteStartArray("quotas");
        foreach (var state in states) Write(json, state);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, QuotaState state)
    {
        json.WriteStartObject();
        json.WriteString("name", state.Name);
        if (state.Consumer is { } consumer) json.WriteString("consumerId", consumer);
        json.WriteStartArray("routes");
        foreach (var route in state.Routes) json.WriteStringValue(route);
        json.WriteEndArray();
        json.WriteString("quotaUnitCode", state.Options.Cost is null ? "request" : "unit");
        json.WriteNumber("limit", state.Limit);
        json.WriteNumber("used", state.Used);
        json.WriteNumber("left", state.Left);
        json.WriteString("quotaPeriodCode", state.Options.Per == QuotaSpan.Day ? "day" : "month");
        json.WriteString("startDateTime", Text(state.Period.Start));
        json.WriteString("endDateTime", Text(state.Period.Ends));
        json.WriteEndObject();
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}

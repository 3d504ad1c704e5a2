using System.Text.Json;
using Gateway.Policies;
using Gateway.Policies.Idempotency;

namespace Gateway.Pipeline.Accepted;

/// <summary>What is stored when a request is accepted, or when nothing becomes of it.</summary>
internal static class Acceptances
{
    /// <summary>Where a request waits; and why its urgency could not be told.</summary>
    public static (Line Line, string? Trouble) LineOf(Exchange exchange, Accepting accepting, Intent intent)
    {
        var (urgency, trouble) = accepting.Urgency?.Invoke(exchange) ?? (RequestUrgency.Last, null);
        return (new Line(LaneOf(exchange, accepting, intent), urgency, exchange.Clock.GetUtcNow()), trouble);
    }

    /// <summary>With the answer that the exchange has by now: the audit tells it.</summary>
    public static Acceptance Of(Exchange exchange, PlanTarget.Call target, Intent intent) => new(intent)
    {
        Object = new OwnedObject(intent.Tenant, target.Creates!, intent.ObjectId, intent.Backend, "", intent.ExternalId, intent.Canonical, exchange.Clock.GetUtcNow()),
        Event = EventOf(exchange, target, intent, target.Accepting!.Received, "_received"),
        Audit = AuditTrail.Of(exchange),
    };

    /// <summary>Nothing becomes of accepted work. The partner is told the detail; the reason is for operators.</summary>
    /// <param name="exchange">Of the intent, revived; its refusal is what the key replays.</param>
    public static Rejection Rejected(Exchange exchange, PlanTarget.Call target, Intent intent, OperationResult result)
    {
        // It may be sent again by an operator, and rejected again.
        var name = FormattableString.Invariant($"_rejected{intent.Version}");
        var closed = intent with { State = IntentState.Parked, Result = result };
        return new Rejection(intent, result, exchange.Route.Problem(exchange.Refusal!))
        {
            Event = EventOf(exchange, target, closed, TypeOf(target), name),
            Audit = AuditTrail.Of(exchange),
        };
    }

    private static string TypeOf(PlanTarget.Call target) => target.Accepting?.Rejected ?? $"{target.Creates}.rejected.v1";

    /// <summary>One object after another, unless the route says what else keeps its order.</summary>
    private static string LaneOf(Exchange exchange, Accepting accepting, Intent intent) => accepting.InOrderOf.Count == 0 || exchange.Body is not { } body
        ? intent.ObjectId
        : $"{intent.Backend}_{Fingerprint.OfParts([intent.Tenant, intent.Operation, .. accepting.InOrderOf.Select(path => TextOf(body.Json, path))])}";

    private static string TextOf(JsonElement body, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(name, out body)) return "";
        }
        return body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText();
    }

    private static NewEvent EventOf(Exchange exchange, PlanTarget.Call target, Intent intent, string type, string name)
    {
        using var canonical = intent.Canonical.IsEmpty ? null : JsonDocument.Parse(intent.Canonical);
        return Outcomes.Catalogued(exchange, target, new NewEvent(Outcomes.IdOf(intent) + name, intent.Tenant, type, "/" + exchange.Route.Api, intent.ObjectId, intent.ObjectId, exchange.Clock.GetUtcNow(),
            Outcomes.DataOf(canonical?.RootElement, intent.ObjectId, Receipts.FactsOf(target.Creates!, intent)))
        {
            TraceParent = intent.TraceParent,
            CorrelationId = intent.CorrelationId,
        });
    }
}

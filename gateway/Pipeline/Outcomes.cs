using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Pipeline;

/// <summary>What becomes true when an operation has done its work.</summary>
internal static class Outcomes
{
    /// <summary>A longer answer is not stored: a repeat has it made anew of the outcome, and nothing is called.</summary>
    public const int LongestAnswer = 1 << 20;

    private static readonly JsonWriterOptions AsTheyCame = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Whether an answer is stored under its key.</summary>
    public static bool IsKept(Answer answer) => answer.Body.Length <= LongestAnswer;

    public static Completion Of(Exchange exchange, Intent intent, OperationResult result)
    {
        var target = (PlanTarget.Call)exchange.Route.Target;
        return new Completion(intent, result)
        {
            Object = target.Creates is { } kind ? ObjectOf(intent, kind, result, exchange.Clock.GetUtcNow())
                : target.Replaces && exchange.Object is { } changed ? changed with { Canonical = intent.Canonical }
                : null,
            Event = target.Emits is { } type ? EventOf(exchange, intent, type, result) : null,
            Answer = exchange is { Refusal: null, Answer: { } answer } && IsKept(answer) ? answer : null,
            Audit = AuditTrail.Of(exchange),
        };
    }

    /// <summary>Of the event of an intent: always the same.</summary>
    public static string IdOf(Intent intent) => "evt" + intent.Id["int".Length..];

    private static OwnedObject ObjectOf(Intent intent, string kind, OperationResult result, DateTimeOffset now) =>
        new(intent.Tenant, kind, intent.ObjectId, intent.Backend, result.Reference ?? "", intent.ExternalId, intent.Canonical, now);

    private static NewEvent EventOf(Exchange exchange, Intent intent, string type, OperationResult result) =>
        new(IdOf(intent), intent.Tenant, type, "/" + exchange.Route.Api, intent.ObjectId, intent.ObjectId,
            exchange.Clock.GetUtcNow(), DataOf(exchange.Body?.Json, intent.ObjectId, result.Facts))
        {
            TraceParent = intent.TraceParent,
            CorrelationId = intent.CorrelationId,
        };

    /// <summary>
    /// The event's data: the canonical request, the gateway's id, and the facts of the operation's result. Never the response mapping's
    /// output: an event must not depend on what one route shows to one caller. Values stay as they came, byte by byte.
    /// </summary>
    public static ReadOnlyMemory<byte> DataOf(JsonElement? canonical, string id, ReadOnlyMemory<byte> facts)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(facts.Length + 1024);
        using var json = new Utf8JsonWriter(output, AsTheyCame);
        json.WriteStartObject();
        json.WriteString("id", id);
        if (canonical is { } body) CopyMembers(body, json);
        if (!facts.IsEmpty)
        {
            using var told = JsonDocument.Parse(facts);
            CopyMembers(told.RootElement, json);
        }
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void CopyMembers(JsonElement document, Utf8JsonWriter to)
    {
        if (document.ValueKind != JsonValueKind.Object) return;
        foreach (var member in document.EnumerateObject())
        {
            to.WritePropertyName(member.Name);
            to.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }
    }
}

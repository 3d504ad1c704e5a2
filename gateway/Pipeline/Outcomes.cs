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

    /// <param name="isFirst">
    /// No call was made for this intent before, so what was as asked was not its work: whoever did it has told it, or the feed of the backend's changes tells it.
    /// </param>
    public static Completion Of(Exchange exchange, Intent intent, OperationResult result, bool isFirst = false)
    {
        var nothingNew = isFirst && result.WasSo;
        var target = (PlanTarget.Call)exchange.Route.Target;
        return new Completion(intent, result)
        {
            Object = target.Creates is { } kind ? ObjectOf(intent, kind, result, exchange.Clock.GetUtcNow())
                : target.Replaces && exchange.Object is { } changed ? changed with { Canonical = intent.Canonical }
                : null,
            // Before the audit, which tells what is wrong with it.
            Event = !nothingNew && target.Emits is { } type ? Catalogued(exchange, target, EventOf(exchange, intent, type, result)) : null,
            Ended = target.Operation.Descriptor.FreesReference ? exchange.About : null,
            Answer = exchange is { Refusal: null, Answer: { } answer } && IsKept(answer) ? answer : null,
            Audit = AuditTrail.Of(exchange),
            Noted = !nothingNew && target.Watched is { } watched ? [.. NotesOf(watched, target, intent, result)] : [],
        };
    }

    /// <summary>Of the event of an intent: always the same.</summary>
    public static string IdOf(Intent intent) => "evt" + intent.Id["int".Length..];

    /// <summary>What the call has left of records that are watched: the event of this intent has told it.</summary>
    private static IEnumerable<NotedRecord> NotesOf(ChangeSource watched, PlanTarget.Call target, Intent intent, OperationResult result) =>
        watched.Left(target.Operation.Descriptor, result).Where(left => watched.Options.Of.ContainsKey(left.Kind.Name)).Select(left => new NotedRecord(
            $"{intent.Backend}/{left.Kind.Name}",
            left.Record with { Subjects = new Dictionary<string, string> { [intent.Tenant] = left.Kind.MadeBy is null ? left.Record.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) : intent.ObjectId } }));

    private static OwnedObject ObjectOf(Intent intent, string kind, OperationResult result, DateTimeOffset now) =>
        new(intent.Tenant, kind, intent.ObjectId, intent.Backend, result.Reference ?? "", intent.ExternalId, intent.Canonical, now);

    /// <summary>The event with the ordering key of its type. One that breaks its contract is told all the same, for it has happened.</summary>
    public static NewEvent Catalogued(Exchange exchange, PlanTarget.Call target, NewEvent happened)
    {
        if (target.Catalogue.ViolationOf(happened) is { } violation) exchange.Broke(violation);
        return target.Catalogue.Keyed(happened);
    }

    private static NewEvent EventOf(Exchange exchange, Intent intent, string type, OperationResult result) =>
        new(IdOf(intent), intent.Tenant, type, "/" + exchange.Route.Api, intent.ObjectId, intent.ObjectId,
            exchange.Clock.GetUtcNow(), DataOf(exchange.Body?.Json, intent.ObjectId, result.Facts))
        {
            TraceParent = intent.TraceParent,
            CorrelationId = intent.CorrelationId,
        };

    /// <summary>
    /// The event's data: the canonical request, the gateway's id, and the facts of the operation's result. Never the response mapping's
    /// output: an event must not depend on what one route shows to one caller. Values stay as they came, byte by byte. Of two that have one name
    /// the gateway's id goes before all others, and what was done before what was asked.
    /// </summary>
    public static ReadOnlyMemory<byte> DataOf(JsonElement? canonical, string id, ReadOnlyMemory<byte> facts)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(facts.Length + 1024);
        using var json = new Utf8JsonWriter(output, AsTheyCame);
        json.WriteStartObject();
        json.WriteString("id", id);
        using var told = facts.IsEmpty ? null : JsonDocument.Parse(facts);
        if (canonical is { } body) CopyMembers(body, json, told?.RootElement);
        if (told is not null) CopyMembers(told.RootElement, json, null);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void CopyMembers(JsonElement document, Utf8JsonWriter to, JsonElement? better)
    {
        if (document.ValueKind != JsonValueKind.Object) return;
        foreach (var member in document.EnumerateObject())
        {
            if (member.NameEquals("id") || (better is { ValueKind: JsonValueKind.Object } other && other.TryGetProperty(member.Name, out _))) continue;
            to.WritePropertyName(member.Name);
            to.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }
    }
}

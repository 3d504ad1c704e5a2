using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Pipeline.Accepted;

/// <summary>
/// What callers are told of work that was accepted and that its backend does not have: the canonical object as they sent it, with its id and a status,
/// <c>orderStatusCode</c> for the kind <c>order</c>: <c>received</c>, or <c>rejected</c> with a <c>rejectionNote</c>.
/// </summary>
internal static class Receipts
{
    private static readonly JsonWriterOptions AsTheyCame = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer to who asked for it, now or before: 202, and where it is followed (RFC 9110 section 15.3.3).</summary>
    public static Answer Taken(Exchange exchange, PlanTarget.Call target, Intent intent) =>
        new(StatusCodes.Status202Accepted, [new("Location", Answers.LocationOf(exchange, intent.ObjectId))], Body(target.Creates!, intent));

    /// <summary>
    /// The answer about an object that its backend does not have yet, or never will; false where the backend has it, or knows best. What changes it
    /// has to wait; conditions on the backend's answer can't be asked of ours.
    /// </summary>
    public static async ValueTask<bool> AnswerAsync(Exchange exchange, PlanTarget.Call target, OwnedObject owned)
    {
        if (await exchange.Store.FindAcceptedAsync(owned.Tenant, owned.Id, exchange.Aborted) is not { } intent) return false;
        if (intent.State is IntentState.Succeeded or IntentState.Undone)
        {
            Targets.Take(exchange, target, await exchange.Store.FindObjectAsync(owned.Tenant, owned.Kind, owned.Id, exchange.Aborted) ?? owned);
            return false;
        }
        if (target.Operation.Descriptor.Effect == Effect.Reads)
        {
            if (exchange.Route.JudgesAnswer) exchange.Refuse(Failure.NotFound, $"There is no such {owned.Kind}.");
            else exchange.Answer = new Answer(StatusCodes.Status200OK, [], Body(owned.Kind, intent));
        }
        else
        {
            exchange.Refusal = intent.IsOnItsWay
                ? new Refusal(Failure.StillRunning, $"This {owned.Kind} is received, and not taken over yet. Send the change again later.") { RetryAfter = TimeSpan.FromSeconds(30) }
                : new Refusal(Failure.BusinessRefused, $"This {owned.Kind} was rejected, so there is nothing to change.");
        }
        return true;
    }

    /// <summary>What an event says beside the canonical object.</summary>
    public static ReadOnlyMemory<byte> FactsOf(string kind, Intent intent)
    {
        var output = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(output, AsTheyCame);
        json.WriteStartObject();
        json.WriteString(kind + "StatusCode", intent.IsOnItsWay ? "received" : "rejected");
        if (!intent.IsOnItsWay && NoteOf(intent) is { } note) json.WriteString("rejectionNote", note);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Body(string kind, Intent intent)
    {
        using var canonical = intent.Canonical.IsEmpty ? null : JsonDocument.Parse(intent.Canonical);
        return Outcomes.DataOf(canonical?.RootElement, intent.ObjectId, FactsOf(kind, intent));
    }

    /// <summary>An intent that an operator gave up has no result.</summary>
    private static string? NoteOf(Intent intent) => intent.Result is { Detail: { Length: > 0 } detail } ? detail : null;
}

using System.Globalization;
using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>A call that is to be made for a step, or to undo it.</summary>
/// <param name="Asks">The backend is asked what an earlier call did; nothing is changed.</param>
/// <param name="ExternalId">Null for what only reads.</param>
/// <param name="Until">From here on nothing may be sent that changes something: what became of it is asked for behind that.</param>
public sealed record FlowCall(FlowStep.Call Step, string Name, bool IsUndo, bool Asks, ReadOnlyMemory<byte> Input, string? ExternalId, DateTimeOffset Until)
{
    public BackendOperation Operation => Step.Operation;

    /// <summary>An earlier call was cut off, and did not come to its end: what it has begun is taken up.</summary>
    public bool Resumes { get; init; }

    /// <summary>The round of the step.</summary>
    public int Round { get; init; }

    /// <summary>The object of the partner's that it is about; null where it is about none, or <see cref="Reference"/> says it.</summary>
    public (string Kind, string Id)? Object { get; init; }

    /// <summary>How the backend names what it is about; null where it is about nothing, or <see cref="Object"/> says it.</summary>
    public string? Reference { get; init; }
}

/// <summary>What an instance waits to hear.</summary>
/// <param name="Step">Null for its cancellation.</param>
public sealed record FlowWish(FlowStep.Await? Step, string Type, string By, string Value);

/// <summary>What people are told of.</summary>
public enum FlowAlertKind
{
    Parked,
    Failed,
    Late,
    Escalated,

    /// <summary>It can't be found by what it should be found by.</summary>
    Unfound,
}

/// <summary>Something that somebody is to be told.</summary>
/// <param name="Step">Empty for the whole instance.</param>
/// <param name="To">Name of an owner.</param>
public sealed record FlowAlert(FlowAlertKind Kind, string Step, string To, string Text);

internal static class FlowUrgency
{
    /// <summary>Milliseconds since 1970 of a time (RFC 3339), or the number; the last of all for anything else.</summary>
    public static long Of(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (long)Math.Clamp(Math.Floor(number), long.MinValue, long.MaxValue)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUnixTimeMilliseconds()
        : long.MaxValue;
}

internal static class FlowResults
{
    /// <summary>
    /// What is known of a call that is done: <c>{ record, reference, facts, wasSo }</c>, as far as there is each. <c>wasSo</c> is true where the backend had it so already: somebody
    /// else did it, or an earlier call of the same step.
    /// </summary>
    public static JsonElement Of(OperationResult result)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            Write(json, "record", result.Record);
            if (result.Reference is { } reference) json.WriteString("reference", reference);
            Write(json, "facts", result.Facts);
            if (result.WasSo) json.WriteBoolean("wasSo", true);
            json.WriteEndObject();
        }
        return JsonElement.Parse(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty) return;
        json.WritePropertyName(name);
        json.WriteRawValue(value.Span);
    }
}

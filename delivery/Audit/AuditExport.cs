using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Delivery.Audit;

/// <summary>The audit as JSON lines (one JSON document a line, in UTF-8), each with the place where it stands in its chain.</summary>
public static class AuditExport
{
    public const string MediaType = "application/jsonl";

    private const int FlushFrom = 1 << 16;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>How many lines were written.</returns>
    public static async Task<long> WriteAsync(IStore store, AuditQuery query, Stream to, CancellationToken cancellation)
    {
        var lines = 0L;
        using var buffer = new MemoryStream();
        await using var json = new Utf8JsonWriter(buffer, Readable);
        await foreach (var entry in AuditReading.ReadAsync(store, query, cancellation))
        {
            Write(json, entry);
            await json.FlushAsync(cancellation);
            json.Reset();
            buffer.WriteByte((byte)'\n');
            lines++;
            if (buffer.Length >= FlushFrom) await EmptyAsync();
        }
        await EmptyAsync();
        return lines;

        async Task EmptyAsync()
        {
            buffer.Position = 0;
            await buffer.CopyToAsync(to, cancellation);
            buffer.SetLength(0);
        }
    }

    private static void Write(Utf8JsonWriter json, AuditEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("node", entry.Segment.Node);
        json.WriteString("class", Word(entry.Segment.Class));
        json.WriteNumber("segment", entry.Segment.Number);
        json.WriteNumber("link", entry.Link);
        if (entry.Record is { } record) Write(json, record);
        else json.WriteBoolean("unreadable", true);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AuditRecord record)
    {
        json.WriteString("at", record.At);
        json.WriteString("partner", record.Tenant);
        Text(json, "consumer", record.Consumer);
        json.WriteString("route", record.Route);
        json.WriteString("method", record.Method);
        json.WriteString("path", record.Path);
        json.WriteNumber("status", record.Status);
        json.WriteString("outcome", record.Outcome);
        Text(json, "reason", record.Reason);
        json.WriteNumber("milliseconds", record.Milliseconds);
        json.WriteString("revision", record.Revision);
        json.WriteString("correlationId", record.CorrelationId);
        Text(json, "traceId", record.TraceId);
        Text(json, "address", record.Address);
        Text(json, "subject", record.Subject);
        if (record.Erased) json.WriteBoolean("erased", true);
        if (record.Act is { } act) Write(json, act);
    }

    private static void Write(Utf8JsonWriter json, OperatorAct act)
    {
        json.WriteStartObject("act");
        json.WriteString("actor", act.Actor);
        json.WriteString("action", act.Action);
        json.WriteString("target", act.Target);
        Text(json, "why", act.Why);
        Text(json, "before", act.Before);
        Text(json, "after", act.After);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    private static string Word(AuditClass about) => about.ToString().ToLowerInvariant();
}

using System.Text;

namespace Gateway.Delivery.Storage;

/// <summary>What becomes true of an instance, with what is encrypted of it.</summary>
/// <param name="Body">Null where what is stored stays.</param>
/// <param name="Details">Of the entries, in their order; null where one has none.</param>
/// <param name="Events">Their data.</param>
internal sealed record SealedFlow(FlowMove Step, byte[]? Body, IReadOnlyList<byte[]?> Details, IReadOnlyList<byte[]> Events)
{
    public FlowInstance Instance => Step.Instance;

    public static SealedFlow Of(FlowMove step, Payloads payloads) => new(
        step,
        step.Instance.Body.IsEmpty ? null : payloads.Seal(PayloadKind.Flow, step.Instance.Body.Span),
        [.. step.Entries.Select(e => e.Detail is { } detail ? payloads.Seal(PayloadKind.FlowEntry, Encoding.UTF8.GetBytes(StoredText.Of(detail)!)) : null)],
        [.. step.Events.Select(e => payloads.Seal(PayloadKind.EventData, e.Data.Span))]);

    /// <exception cref="ArgumentException">A start has a version, or the record of an act.</exception>
    public static IReadOnlyList<SealedFlow> Of(FlowHearing heard, Payloads payloads)
    {
        if (heard.Starts.Any(s => s.Instance.Version != 0 || s.Audit is not null))
            throw new ArgumentException("What is started by an event has the version 0, and nobody acts in it.", nameof(heard));
        return [.. heard.Starts.Select(s => Of(s, payloads))];
    }

    /// <summary>What is stored of the instance can be shown without its body, where that can't be opened.</summary>
    public static FlowInstance Open(FlowInstance instance, byte[]? body, Payloads payloads)
    {
        if (body is null) return instance;
        return payloads.TryOpen(PayloadKind.Flow, body) is { } clear ? instance with { Body = clear } : instance with { Unreadable = true };
    }

    public static string? OpenDetail(byte[]? detail, Payloads payloads) =>
        detail is not null && payloads.TryOpen(PayloadKind.FlowEntry, detail) is { } clear ? Encoding.UTF8.GetString(clear) : null;
}

namespace Gateway.Delivery.Audit;

/// <summary>What is done to the audit itself, as records of it.</summary>
public static class AuditActs
{
    /// <summary>Who drops what has been kept long enough.</summary>
    private const string Gateway = "gateway";

    /// <summary>Something about a person was erased. The record does not say who that was.</summary>
    public static AuditRecord Erased(string actor, string? why, int times, DateTimeOffset now) =>
        Record(new OperatorAct(actor, "audit.erase", "") { Why = why, After = $$"""{"erased":{{times}}}""" }, now);

    /// <summary>A segment was dropped; its head stands here a second time.</summary>
    public static AuditRecord Dropped(AuditSegment segment, TimeSpan keep, DateTimeOffset now) => Record(
        new OperatorAct(Gateway, "audit.retain", segment.Name)
        {
            Why = FormattableString.Invariant($"kept for {keep.TotalDays:0.##} days"),
            Before = $$"""{"links":{{segment.Links}},"head":"{{segment.Head}}"}""",
        }, now);

    /// <summary>Drops every segment whose last record has been kept long enough.</summary>
    /// <returns>What was dropped.</returns>
    public static async Task<IReadOnlyList<AuditSegment>> RetainAsync(IStore store, AuditRetention retention, DateTimeOffset now, CancellationToken cancellation)
    {
        var dropped = new List<AuditSegment>();
        foreach (var segment in await store.AuditSegmentsAsync(cancellation))
        {
            var keep = retention.Of(segment.Class);
            if (segment.DroppedAt is not null || segment.LastAt + keep > now) continue;
            if (await store.DropAuditAsync(segment, Dropped(segment, keep, now), cancellation)) dropped.Add(segment);
        }
        return dropped;
    }

    private static AuditRecord Record(OperatorAct act, DateTimeOffset now) =>
        new(now, "-", null, act.Action, "", "", "", Guid.NewGuid().ToString("N"), 200, "done") { Act = act };
}

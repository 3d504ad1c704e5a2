namespace Gateway.Delivery.Audit;

/// <summary>Records of one class on their way into a chain as one link; made before the writer's turn, which then has little to do.</summary>
/// <param name="Persons">What is about persons, salted, by number from 1.</param>
/// <param name="Digest">SHA-256 over all that the link says.</param>
internal sealed record AuditBlock(
    AuditClass Class, DateTimeOffset FirstAt, DateTimeOffset LastAt, AuditSearch Search, byte[] Records, IReadOnlyList<byte[]> Persons, byte[] Digest)
{
    /// <summary>A block for every class among the records.</summary>
    public static IEnumerable<AuditBlock> Of(IReadOnlyList<AuditRecord> records) => records.All(r => r.Class == records[0].Class)
        ? [OfOneClass(records)]
        : records.GroupBy(r => r.Class).Select(same => OfOneClass([.. same]));

    private static AuditBlock OfOneClass(IReadOnlyList<AuditRecord> records)
    {
        var (first, last) = (records[0].At, records[0].At);
        foreach (var record in records)
        {
            if (record.At < first) first = record.At;
            if (record.At > last) last = record.At;
        }
        var search = records.Count == 1 ? new AuditSearch(records[0].CorrelationId, null) : new AuditSearch(null, AuditFilter.Of(records));
        var (bytes, persons) = AuditForm.Write(records);
        return new AuditBlock(records[0].Class, first, last, search, bytes, persons, AuditChain.Digest(first, last, search, bytes));
    }
}

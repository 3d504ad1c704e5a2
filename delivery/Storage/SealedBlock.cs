using Gateway.Delivery.Audit;

namespace Gateway.Delivery.Storage;

/// <summary>A block whose persons are encrypted.</summary>
internal sealed record SealedBlock(AuditBlock Block, IReadOnlyList<byte[]> Persons)
{
    /// <summary>The links that records make, one for each class.</summary>
    public static List<SealedBlock> Of(IReadOnlyList<AuditRecord> records, Payloads payloads) =>
        [.. AuditBlock.Of(records).Select(block => new SealedBlock(block, [.. block.Persons.Select(person => payloads.Seal(PayloadKind.AuditPerson, person))]))];
}

using System.Runtime.CompilerServices;

namespace Gateway.Delivery.Audit;

/// <summary>Which records are asked for; what is null is not asked.</summary>
public sealed record AuditQuery
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    public string? Partner { get; init; }

    public string? Consumer { get; init; }

    public string? Route { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>More is asked than a correlation id.</summary>
    public bool Narrows => (From, To, Partner, Consumer, Route) is not (null, null, null, null, null);

    internal bool Takes(AuditRecord record) =>
        Meets(record.At, record.At)
        && (Partner is null || record.Tenant == Partner)
        && (Consumer is null || record.Consumer == Consumer)
        && (Route is null || record.Route == Route)
        && (CorrelationId is null || record.CorrelationId == CorrelationId);

    internal bool MayHave(AuditLink link) => Meets(link.FirstAt, link.LastAt) && (CorrelationId is null || link.Search switch
    {
        { CorrelationId: { } id } => id == CorrelationId,
        { Filter: { } filter } => AuditFilter.MayHave(filter.Span, CorrelationId),
        _ => true,
    });

    internal bool MayHave(AuditSegment segment) => segment.DroppedAt is null && Meets(segment.FirstAt, segment.LastAt);

    private bool Meets(DateTimeOffset first, DateTimeOffset last) => (From is null || last >= From) && (To is null || first < To);
}

/// <summary>A record and where it stands.</summary>
/// <param name="Record">Null where the link can't be read: its bytes were changed.</param>
public sealed record AuditEntry(AuditSegment Segment, long Link, AuditRecord? Record);

/// <summary>What is found, oldest first.</summary>
/// <param name="Whole">False where there may be more: the question is to be made narrower.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Records, bool Whole);

/// <summary>Reads the audit of any store.</summary>
public static class AuditReading
{
    /// <summary>Links that are in memory at once, of some hundred kilobytes each.</summary>
    private const int Batch = 16;

    /// <summary>Links that a search opens in one chain; a link has up to some thousand records.</summary>
    private const int MostLinks = 500;

    /// <summary>All records that are asked for, chain by chain, in the order they were stored.</summary>
    public static async IAsyncEnumerable<AuditEntry> ReadAsync(IStore store, AuditQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var segment in await store.AuditSegmentsAsync(cancellation))
        {
            if (!query.MayHave(segment)) continue;
            await foreach (var link in LinksAsync(store, segment, cancellation))
            {
                if (!query.MayHave(link)) continue;
                if (TryRecords(link, segment.Class) is not { } records)
                {
                    yield return new AuditEntry(segment, link.Number, null);
                    continue;
                }
                foreach (var record in records.Where(query.Takes)) yield return new AuditEntry(segment, link.Number, record);
            }
        }
    }

    /// <summary>Some of the records that are asked for, in the order of their times; at most <paramref name="max"/>.</summary>
    public static async Task<AuditPage> SearchAsync(IStore store, AuditQuery query, int max, CancellationToken cancellation)
    {
        var found = new List<AuditRecord>();
        var whole = true;
        foreach (var chain in (await store.AuditSegmentsAsync(cancellation)).Where(query.MayHave).GroupBy(s => (s.Node, s.Class)))
        {
            var (links, here) = (0, 0);
            await foreach (var link in chain.ToAsyncEnumerable().SelectMany(segment => LinksAsync(store, segment, cancellation)).Where(query.MayHave))
            {
                if (here >= max || links++ >= MostLinks)
                {
                    whole = false;
                    break;
                }
                var records = Records(link, chain.Key.Class).Where(query.Takes).ToList();
                here += records.Count;
                found.AddRange(records);
            }
        }
        return new AuditPage([.. found.OrderBy(r => r.At).Take(max)], whole && found.Count <= max);
    }

    /// <exception cref="StoreUnavailableException">The link's bytes are not what was stored.</exception>
    internal static List<AuditRecord> Records(AuditLink link, AuditClass about) => TryRecords(link, about) ?? throw new StoreUnavailableException(
        "A link of the audit can't be read: its bytes were changed, or a newer build wrote them. The verb 'audit verify' says where.",
        new InvalidDataException());

    internal static async IAsyncEnumerable<AuditLink> LinksAsync(IStore store, AuditSegment segment, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var after = 0L; await store.ReadAuditAsync(segment, after, Batch, cancellation) is { Count: > 0 } links; after = links[^1].Number)
        {
            foreach (var link in links) yield return link;
        }
    }

    private static List<AuditRecord>? TryRecords(AuditLink link, AuditClass about)
    {
        try
        {
            return AuditForm.Read(link.Records, about, (number, commitment) => PersonOf(link, number, commitment));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Null for who was erased, and for what was changed: that is for a verification to say.</summary>
    private static AuditPerson? PersonOf(AuditLink link, int number, byte[] commitment) =>
        link.Persons.TryGetValue(number, out var salted) && AuditPerson.Commitment(salted.Span).AsSpan().SequenceEqual(commitment) ? AuditPerson.Read(salted.Span) : null;
}

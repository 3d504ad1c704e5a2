using System.Globalization;

namespace Gateway.Delivery.Audit;

/// <summary>
/// Goes over all chains of a store and says where one is not what was recorded: every link's hash, every segment's beginning and seal, the
/// numbers without gaps, and what is about persons against its commitments. docs/audit.md says what that proves.
/// </summary>
public sealed class AuditVerification
{
    private readonly IStore _store;
    private readonly IReadOnlyList<KnownHead> _known;
    private readonly List<AuditFinding> _findings = [];
    private readonly List<VerifiedSegment> _verified = [];

    private AuditVerification(IStore store, IReadOnlyList<KnownHead> known) => (_store, _known) = (store, known);

    /// <param name="known">Heads that were kept; none where there are none.</param>
    public static async Task<AuditReport> RunAsync(IStore store, IReadOnlyList<KnownHead> known, CancellationToken cancellation)
    {
        var verification = new AuditVerification(store, known);
        var segments = await store.AuditSegmentsAsync(cancellation);
        foreach (var chain in segments.GroupBy(s => (s.Node, s.Class))) await verification.ChainAsync([.. chain], cancellation);
        foreach (var head in known.Where(head => !segments.Any(head.IsOf)))
            verification.Find(head.Segment, "is not there, and its head was known: the segment was removed, or the store is an older copy");
        return new AuditReport(verification._verified, verification._findings);
    }

    private async Task ChainAsync(IReadOnlyList<AuditSegment> chain, CancellationToken cancellation)
    {
        AuditSegment? before = null;
        foreach (var segment in chain)
        {
            var found = _findings.Count;
            Begins(segment, before);
            var records = segment.DroppedAt is null ? await LinksAsync(segment, cancellation) : 0;
            Known(segment);
            _verified.Add(new VerifiedSegment(segment, records, _findings.Count == found));
            before = segment;
        }
    }

    private void Begins(AuditSegment segment, AuditSegment? before)
    {
        var missing = segment.Number - (before?.Number ?? 0) - 1;
        if (missing > 0)
            Find(segment.Name, string.Create(CultureInfo.InvariantCulture, $"{(missing == 1 ? "the segment" : $"the {missing} segments")} before it {(missing == 1 ? "is" : "are")} missing"));
        else if (segment.Previous != (before?.Head ?? AuditChain.Nothing))
            Find(segment.Name, before is null ? "it should be the first, and goes on from another" : $"it does not go on from the head of {before.Name}: that one's end was cut off or replaced, or this one was put in");
        if (!segment.Authentic) Find(segment.Name, "the seal does not fit its head: the head was changed, or the key is another");
    }

    /// <summary>The links of a segment; how many records they have.</summary>
    private async Task<long> LinksAsync(AuditSegment segment, CancellationToken cancellation)
    {
        var (found, records, missing, last) = (_findings.Count, 0L, 0L, 0L);
        string? before = AuditChain.Beginning(segment);
        await foreach (var link in AuditReading.LinksAsync(_store, segment, cancellation))
        {
            if (link.Number > segment.Links)
            {
                await BehindAsync(segment, link, cancellation);
                break;
            }
            if (link.Number != last + 1)
            {
                Find(segment, last + 1, link.Number == last + 2 ? "it is missing" : $"it and those up to {link.Number - 1} are missing");
                // Its hash can't be checked without the one before.
                before = null;
            }
            if (before is not null && AuditChain.Next(before, link.Number, AuditChain.Digest(link)) != link.Hash)
                Find(segment, link.Number, "it was changed, or does not stand where it was recorded");
            else
                (records, missing) = Persons(segment, link, records, missing);
            Known(segment, link);
            (before, last) = (link.Hash, link.Number);
        }
        if (last < segment.Links) Find(segment, last + 1, last + 1 == segment.Links ? "it is missing at the end" : $"it and all up to {segment.Links} are missing at the end");
        else if (before != segment.Head) Find(segment, last, "it is not the one that the head was made of: the end was replaced");
        // Who erases meanwhile is no finding.
        if (_findings.Count == found && (missing < segment.Erased || (missing > segment.Erased && missing > (await NowAsync(segment, cancellation)).Erased)))
            Find(segment.Name, string.Create(CultureInfo.InvariantCulture, $"what is about persons is missing {missing} times, and was erased {segment.Erased} times"));
        return records;
    }

    /// <summary>What is about persons in a link that is whole: counts records, and what is missing.</summary>
    private (long Records, long Missing) Persons(AuditSegment segment, AuditLink link, long records, long missing)
    {
        try
        {
            var read = AuditForm.Read(link.Records, segment.Class, (number, commitment) =>
            {
                if (!link.Persons.TryGetValue(number, out var salted)) missing++;
                else if (salted.IsEmpty) Find(segment, link.Number, $"what is about person {number} was changed: it can't be decrypted");
                else if (!AuditPerson.Commitment(salted.Span).AsSpan().SequenceEqual(commitment)) Find(segment, link.Number, $"what is about person {number} is not what was recorded");
                return null;
            });
            return (records + read.Count, missing);
        }
        catch (InvalidDataException unreadable)
        {
            Find(segment, link.Number, unreadable.Message);
            return (records, missing);
        }
    }

    /// <summary>A link behind the head: appended since the verification began, or put in by somebody who could not move the head.</summary>
    private async Task BehindAsync(AuditSegment segment, AuditLink link, CancellationToken cancellation)
    {
        if ((await NowAsync(segment, cancellation)).Links < link.Number) Find(segment, link.Number, "it stands behind the head: the head was put back, or the link was put in");
    }

    /// <summary>The segment as it is now: a gateway that runs goes on while it is verified.</summary>
    private async Task<AuditSegment> NowAsync(AuditSegment segment, CancellationToken cancellation) =>
        (await _store.AuditSegmentsAsync(cancellation)).FirstOrDefault(s => s.Name == segment.Name) ?? segment;

    private void Known(AuditSegment segment, AuditLink link)
    {
        foreach (var head in _known)
        {
            if (head.IsOf(segment) && head.Links == link.Number && head.Head != link.Hash) Find(segment, link.Number, "it is another than the head that was known: the chain was written anew");
        }
    }

    private void Known(AuditSegment segment)
    {
        foreach (var head in _known.Where(head => head.IsOf(segment)))
        {
            if (head.Links > segment.Links) Find(segment.Name, $"it has {segment.Links} links and had {head.Links}: its end was cut off, or the store is an older copy");
            else if (segment.DroppedAt is not null && head.Links == segment.Links && head.Head != segment.Head) Find(segment.Name, "its head is another than the one that was known");
        }
    }

    private void Find(AuditSegment segment, long link, string problem) => Find($"{segment.Name} link {link}", problem);

    private void Find(string place, string problem) => _findings.Add(new AuditFinding(place, problem));
}

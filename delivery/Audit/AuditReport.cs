using System.Text.Json.Serialization;

namespace Gateway.Delivery.Audit;

/// <summary>A head that was kept outside the store: what a chain was once must still be its beginning.</summary>
/// <param name="Links">How many links the segment had then.</param>
public sealed record KnownHead(string Node, AuditClass Class, int Number, long Links, string Head)
{
    /// <summary>Name of the segment, as findings and people call it.</summary>
    [JsonIgnore]
    public string Segment => $"{Node}/{Class.ToString().ToLowerInvariant()}/{Number}";

    public static KnownHead Of(AuditSegment segment) => new(segment.Node, segment.Class, segment.Number, segment.Links, segment.Head);

    /// <summary>Whether a segment may have grown out of it: <c>audit verify</c> knows for sure.</summary>
    internal bool MayBeOf(AuditSegment segment) => IsOf(segment) && (segment.Links > Links || (segment.Links == Links && segment.Head == Head));

    internal bool IsOf(AuditSegment segment) => (Node, Class, Number) == (segment.Node, segment.Class, segment.Number);
}

/// <summary>What a verification found.</summary>
/// <param name="Segments">All there are, in order.</param>
/// <param name="Findings">What is wrong; none when everything is as it was recorded.</param>
public sealed record AuditReport(IReadOnlyList<VerifiedSegment> Segments, IReadOnlyList<AuditFinding> Findings);

/// <param name="Records">How many were read; 0 where the links were dropped.</param>
/// <param name="Intact">Nothing was found in it.</param>
public sealed record VerifiedSegment(AuditSegment Segment, long Records, bool Intact);

/// <param name="Place">Segment, and link where it is one: <c>node-1/internal/3 link 17</c>.</param>
/// <param name="Problem">What is wrong there, a sentence's end.</param>
public sealed record AuditFinding(string Place, string Problem)
{
    public override string ToString() => $"{Place}: {Problem}";
}

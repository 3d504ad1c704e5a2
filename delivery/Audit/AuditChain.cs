using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Delivery.Audit;

/// <summary>
/// The arithmetic of the chains; docs/audit.md says it for who wants to check an export by other means. Every link's hash is over the hash
/// before and all that the link says; a segment begins from the head of the one before; every head is sealed with a key.
/// </summary>
internal sealed class AuditChain(byte[] key)
{
    /// <summary>Links after which a segment is full: searching and dropping go by segments.</summary>
    public const long Full = 1 << 16;

    private const int KeySize = 32;

    /// <summary>What the first segment of a chain begins from.</summary>
    public static readonly string Nothing = new('0', 2 * SHA256.HashSizeInBytes);

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeySize);

    /// <summary>A day (UTC) has a segment of its own, and a full one is followed by the next. What was sealed by somebody else is not gone on with.</summary>
    public static bool TakesMore(AuditSegment segment, DateTimeOffset now) =>
        segment is { Authentic: true, DroppedAt: null, Links: < Full } && segment.OpenedAt.UtcDateTime.Date == now.UtcDateTime.Date;

    /// <summary>The segment that follows one, without links.</summary>
    public AuditSegment Begin(string node, AuditClass about, int number, string previous, DateTimeOffset now)
    {
        var segment = new AuditSegment(node, about, number) { Previous = previous, OpenedAt = now, Head = "" };
        return Sealed(segment with { Head = Beginning(segment) });
    }

    /// <summary>The segment with one link more.</summary>
    public AuditSegment Append(AuditSegment segment, AuditBlock block) => Sealed(segment with
    {
        Links = segment.Links + 1,
        FirstAt = block.FirstAt < segment.FirstAt ? block.FirstAt : segment.FirstAt,
        LastAt = block.LastAt > segment.LastAt ? block.LastAt : segment.LastAt,
        Head = Next(segment.Head, segment.Links + 1, block.Digest),
    });

    /// <summary>The segment after something of it was erased, or all of it dropped. A seal that did not fit before is not made to fit.</summary>
    public AuditSegment Resealed(AuditSegment segment) => segment.Authentic ? Sealed(segment) : segment;

    /// <summary>The segment as it was stored, and whether its seal fits.</summary>
    public AuditSegment Judged(AuditSegment segment) => segment with { Authentic = SealOf(segment) == segment.Seal };

    /// <summary>The hash that a segment's first link goes on from: its name, its day and the head before it.</summary>
    public static string Beginning(AuditSegment segment) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{segment.Name}\n{segment.Previous}\n{segment.OpenedAt.UtcTicks}"))));

    /// <summary>The hash of a link: SHA-256 over the hash before, the link's number (8 bytes, big endian) and its digest.</summary>
    public static string Next(string before, long number, ReadOnlySpan<byte> digest)
    {
        Span<byte> input = stackalloc byte[SHA256.HashSizeInBytes + sizeof(long) + SHA256.HashSizeInBytes];
        Convert.FromHexString(before, input, out _, out _);
        BinaryPrimitives.WriteInt64BigEndian(input[SHA256.HashSizeInBytes..], number);
        digest.CopyTo(input[(SHA256.HashSizeInBytes + sizeof(long))..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>
    /// All that a link says: both times (ticks, 8 bytes each, big endian), a byte for what it is found by (1 a correlation id, 2 a filter), its
    /// length (4 bytes) and itself, and the records.
    /// </summary>
    public static byte[] Digest(DateTimeOffset firstAt, DateTimeOffset lastAt, AuditSearch search, ReadOnlySpan<byte> records)
    {
        var found = search.CorrelationId is { } id ? Encoding.UTF8.GetBytes(id) : search.Filter ?? default;
        Span<byte> head = stackalloc byte[2 * sizeof(long) + 1 + sizeof(int)];
        BinaryPrimitives.WriteInt64BigEndian(head, firstAt.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(head[sizeof(long)..], lastAt.UtcTicks);
        head[2 * sizeof(long)] = search.CorrelationId is null ? (byte)2 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(head[(2 * sizeof(long) + 1)..], found.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(found.Span);
        hash.AppendData(records);
        return hash.GetHashAndReset();
    }

    public static byte[] Digest(AuditLink link) => Digest(link.FirstAt, link.LastAt, link.Search, link.Records.Span);

    private AuditSegment Sealed(AuditSegment segment) => segment with { Seal = SealOf(segment), Authentic = true };

    private string SealOf(AuditSegment s) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Name}\n{s.Previous}\n{s.OpenedAt.UtcTicks}\n{s.Links}\n{s.FirstAt.UtcTicks}\n{s.LastAt.UtcTicks}\n{s.Head}\n{s.Erased}\n{s.DroppedAt?.UtcTicks}"))));
}

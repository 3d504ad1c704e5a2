namespace Gateway.Delivery.Audit;

/// <summary>A Bloom filter over the correlation ids of a block: it tells where to look (Bloom, CACM 13:7, 1970).</summary>
internal static class AuditFilter
{
    /// <summary>Bits a record, and probes: one look-up in a hundred opens a block in vain.</summary>
    private const int BitsEach = 10;

    private const int Probes = 7;

    public static byte[] Of(IReadOnlyList<AuditRecord> records)
    {
        var filter = new byte[(records.Count * BitsEach + 7) / 8];
        foreach (var record in records)
        {
            var hash = Hash(record.CorrelationId);
            for (var probe = 0; probe < Probes; probe++)
            {
                var bit = BitOf(hash, probe, filter);
                filter[bit / 8] |= (byte)(1 << (bit % 8));
            }
        }
        return filter;
    }

    /// <summary>False when no record of the block has this correlation id; true when one may have.</summary>
    public static bool MayHave(ReadOnlySpan<byte> filter, string correlationId)
    {
        var hash = Hash(correlationId);
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = BitOf(hash, probe, filter);
            if ((filter[bit / 8] & (1 << (bit % 8))) == 0) return false;
        }
        return true;
    }

    /// <summary>What <see cref="MayHave"/> probes with, for who does it elsewhere: probe p looks at bit (low + p * high) modulo 2^32, modulo the filter's bits.</summary>
    public static (uint Low, uint High, int Probes) Probed(string correlationId)
    {
        var hash = Hash(correlationId);
        return ((uint)hash, (uint)(hash >> 32), Probes);
    }

    /// <summary>Both halves of one hash make all probes (Kirsch and Mitzenmacher, ESA 2006).</summary>
    private static int BitOf(ulong hash, int probe, ReadOnlySpan<byte> filter) =>
        (int)(((uint)hash + (uint)probe * (uint)(hash >> 32)) % (uint)(filter.Length * 8));

    /// <summary>FNV-1a over UTF-16 units, and a last mixing so that both halves depend on every unit. Stored: it must never change within a format.</summary>
    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text) hash = (hash ^ unit) * 1099511628211UL;
        hash ^= hash >> 32;
        return hash * 0x9E3779B97F4A7C15UL;
    }
}

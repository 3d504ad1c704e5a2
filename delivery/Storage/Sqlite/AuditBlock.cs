using System.Text;

namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>
/// Many audit records as two byte strings: the records, and a filter over their correlation ids. A row a record costs more than all
/// the rest of a forwarded request; a block costs a fraction of a microsecond a record, and about 90 bytes.
/// </summary>
internal static class AuditBlock
{
    private const byte Format = 1;

    /// <summary>Bits of the filter a record, and probes: one look-up in a hundred opens a block in vain (Bloom, CACM 13:7, 1970).</summary>
    private const int FilterBits = 10;

    private const int Probes = 7;

    /// <summary>
    /// The records: a byte for the format, then each record. Texts that repeat (names, outcomes) are written once and then by number:
    /// 0 stands for null, a new number is followed by its text.
    /// </summary>
    public static byte[] Write(IReadOnlyList<AuditRecord> records)
    {
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        using var output = new MemoryStream(records.Count * 128);
        using var to = new BinaryWriter(output, Encoding.UTF8);
        to.Write(Format);
        foreach (var record in records)
        {
            to.Write(record.At.UtcTicks);
            to.Write(record.Milliseconds);
            to.Write7BitEncodedInt(record.Status);
            Name(record.Tenant);
            Name(record.Consumer);
            Name(record.Route);
            Name(record.Method);
            Name(record.Revision);
            Name(record.Outcome);
            Name(record.Reason);
            to.Write(record.Path);
            to.Write(record.CorrelationId);
            // The correlation id is the trace id, unless the caller gave one.
            var own = record.TraceId != record.CorrelationId;
            to.Write(own);
            if (own) to.Write(record.TraceId ?? "");
        }
        to.Flush();
        return output.ToArray();

        void Name(string? text)
        {
            if (text is null)
            {
                to.Write7BitEncodedInt(0);
            }
            else if (names.TryGetValue(text, out var number))
            {
                to.Write7BitEncodedInt(number);
            }
            else
            {
                names.Add(text, names.Count + 1);
                to.Write7BitEncodedInt(names.Count);
                to.Write(text);
            }
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Write"/> gives.</exception>
    public static IEnumerable<AuditRecord> Read(byte[] block)
    {
        var names = new List<string>();
        using var from = new BinaryReader(new MemoryStream(block), Encoding.UTF8);
        if (from.ReadByte() != Format) throw new InvalidDataException("This block of audit records is in a form that this build does not know.");
        while (from.BaseStream.Position < block.Length)
        {
            var at = new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero);
            var milliseconds = from.ReadDouble();
            var status = from.Read7BitEncodedInt();
            var (tenant, consumer, route, method, revision, outcome, reason) = (Name(), Name(), Name(), Name(), Name(), Name(), Name());
            var (path, correlationId) = (from.ReadString(), from.ReadString());
            var traceId = from.ReadBoolean() ? from.ReadString() : correlationId;
            yield return new AuditRecord(at, tenant!, consumer, route!, method!, path, revision!, correlationId, status, outcome!)
            {
                TraceId = traceId.Length == 0 ? null : traceId,
                Reason = reason,
                Milliseconds = milliseconds,
            };
        }

        string? Name()
        {
            var number = from.Read7BitEncodedInt();
            if (number == 0) return null;
            if (number > names.Count) names.Add(from.ReadString());
            return names[number - 1];
        }
    }

    /// <summary>A Bloom filter over the correlation ids.</summary>
    public static byte[] Filter(IReadOnlyList<AuditRecord> records)
    {
        var filter = new byte[(records.Count * FilterBits + 7) / 8];
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
    public static bool MayHave(byte[] filter, string correlationId)
    {
        var hash = Hash(correlationId);
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = BitOf(hash, probe, filter);
            if ((filter[bit / 8] & (1 << (bit % 8))) == 0) return false;
        }
        return true;
    }

    /// <summary>Both halves of one hash make all probes (Kirsch and Mitzenmacher, ESA 2006).</summary>
    private static int BitOf(ulong hash, int probe, byte[] filter) =>
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

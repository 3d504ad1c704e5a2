using System.Numerics;

namespace Gateway.JsonSchema.Values;

/// <summary>A fixed set of UTF-8 strings, each with its slot: 0 to <see cref="Count"/> - 1 in the order given.</summary>
internal sealed class NameTable
{
    private readonly byte[][] names;
    private readonly byte[][] quoted;
    private readonly int[] buckets;
    private readonly int mask;

    /// <param name="names">Distinct names.</param>
    public NameTable(IReadOnlyList<byte[]> names)
    {
        this.names = [.. names];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, names.Count * 4));
        buckets = new int[size];
        mask = size - 1;
        for (int slot = 0; slot < this.names.Length; slot++)
        {
            int bucket = Hash(this.names[slot]) & mask;
            while (buckets[bucket] != 0)
                bucket = (bucket + 1) & mask;
            buckets[bucket] = slot + 1;
        }
        quoted = [.. names.Select(Quote)];
    }

    public int Count => names.Length;

    public ReadOnlySpan<byte> this[int slot] => names[slot];

    /// <summary>
    /// Whether the name in <paramref name="slot"/> stands, quoted, at <paramref name="at"/>: a quick guess, since members mostly come in the
    /// schema's order. False says nothing; true moves behind the closing quote.
    /// </summary>
    public bool IsAt(ReadOnlySpan<byte> text, ref int at, int slot)
    {
        byte[][] all = quoted;
        if ((uint)slot >= (uint)all.Length || !text[at..].StartsWith(all[slot]))
            return false;
        at += all[slot].Length;
        return true;
    }

    /// <summary>The slot of <paramref name="name"/>, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        int[] table = buckets;
        int bucket = Hash(name) & mask;
        while (true)
        {
            int slot = table[bucket] - 1;
            if (slot < 0 || name.SequenceEqual(names[slot]))
                return slot;
            bucket = (bucket + 1) & mask;
        }
    }

    // A name that JSON must escape can be written in many ways; a byte that no JSON string starts with makes it never match.
    private static byte[] Quote(byte[] name) =>
        name.AsSpan().ContainsAnyInRange((byte)0, (byte)0x1F) || name.AsSpan().ContainsAny((byte)'"', (byte)'\\') ? [0] : [(byte)'"', .. name, (byte)'"'];

    private static int Hash(ReadOnlySpan<byte> name)
    {
        uint hash = (uint)name.Length;
        if (name.Length > 0)
            hash = (((hash * 31) + name[0]) * 0x9E3779B1) + ((uint)name[^1] * 0x85EBCA6B) + ((uint)name[name.Length / 2] * 0xC2B2AE35);
        return (int)(hash ^ (hash >> 15));
    }
}

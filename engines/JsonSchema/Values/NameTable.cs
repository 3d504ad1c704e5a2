using System.Numerics;

namespace Gateway.JsonSchema.Values;

/// <summary>A fixed set of UTF-8 strings, each with its slot: 0 to <see cref="Count"/> - 1 in the order given.</summary>
internal sealed class NameTable
{
    private readonly byte[][] names;
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
            HasBackslash |= JsonText.IsEscaped(this.names[slot]);
        }
    }

    public int Count => names.Length;

    /// <summary>A name holds a backslash of its own: raw JSON text must be unescaped before it is looked up.</summary>
    public bool HasBackslash { get; }

    public ReadOnlySpan<byte> this[int slot] => names[slot];

    /// <summary>The slot of <paramref name="name"/>, or -1. <paramref name="expected"/> is tried first: members mostly come in the schema's order.</summary>
    public int Find(ReadOnlySpan<byte> name, int expected)
    {
        byte[][] all = names;
        if ((uint)expected < (uint)all.Length && name.SequenceEqual(all[expected]))
            return expected;
        return Find(name);
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

    private static int Hash(ReadOnlySpan<byte> name)
    {
        uint hash = (uint)name.Length;
        if (name.Length > 0)
            hash = (((hash * 31) + name[0]) * 0x9E3779B1) + ((uint)name[^1] * 0x85EBCA6B) + ((uint)name[name.Length / 2] * 0xC2B2AE35);
        return (int)(hash ^ (hash >> 15));
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gateway.JsonSchema.Values;

/// <summary>A fixed set of UTF-8 strings, each with its slot: 0 to <see cref="Count"/> - 1 in the order given.</summary>
internal sealed class NameTable
{
    private readonly byte[][] _names;
    private readonly QuotedName[] _quoted;
    private readonly int[] _buckets;
    private readonly int _mask;

    /// <param name="names">Distinct names.</param>
    /// <param name="ofMembers">Whether they are names of members, or strings that are values.</param>
    public NameTable(IReadOnlyList<byte[]> names, bool ofMembers = false)
    {
        _names = [.. names];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, names.Count * 4));
        _buckets = new int[size];
        _mask = size - 1;
        for (int slot = 0; slot < _names.Length; slot++)
        {
            int bucket = Hash(_names[slot]) & _mask;
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & _mask;
            _buckets[bucket] = slot + 1;
        }
        _quoted = [.. names.Select(name => new QuotedName(name, ofMembers))];
    }

    public int Count => _names.Length;

    public ReadOnlySpan<byte> this[int slot] => _names[slot];

    /// <summary>
    /// The position behind the name in <paramref name="slot"/>, and behind the colon of a member, if it stands, quoted, at <paramref
    /// name="at"/>: a quick guess, since members mostly come in the schema's order and without a space. -1 says nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EndIfAt(ReadOnlySpan<byte> text, int at, int slot)
    {
        QuotedName[] all = _quoted;
        return (uint)slot < (uint)all.Length ? all[slot].EndIfAt(text, at) : -1;
    }

    /// <summary>The slot of <paramref name="name"/>, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        int[] table = _buckets;
        int bucket = Hash(name) & _mask;
        while (true)
        {
            int slot = table[bucket] - 1;
            if (slot < 0 || name.SequenceEqual(_names[slot]))
                return slot;
            bucket = (bucket + 1) & _mask;
        }
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        uint hash = (uint)name.Length;
        if (name.Length > 0)
            hash = (((hash * 31) + name[0]) * 0x9E3779B1) + ((uint)name[^1] * 0x85EBCA6B) + ((uint)name[name.Length / 2] * 0xC2B2AE35);
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>A name as JSON writes it, a member's with its colon, ready to be compared 16 bytes at a time.</summary>
    private readonly struct QuotedName
    {
        private readonly byte[] _whole;
        private readonly int _length;
        private readonly Vector128<byte> _head;
        private readonly Vector128<byte> _mask;
        private readonly Vector128<byte> _tail;

        public QuotedName(byte[] name, bool ofMember)
        {
            // A name that JSON must escape can be written in many ways; a byte that no JSON string starts with makes it never
            // match.
            bool hasManyForms = name.AsSpan().ContainsAnyInRange((byte)0, (byte)0x1F) || name.AsSpan().ContainsAny((byte)'"', (byte)'\\');
            _whole = hasManyForms ? [0] : [(byte)'"', .. name, .. ofMember ? "\":"u8 : "\""u8];
            Span<byte> bytes = stackalloc byte[16];
            Span<byte> ones = stackalloc byte[16];
            _length = _whole.Length;
            _whole.AsSpan(0, Math.Min(_length, 16)).CopyTo(bytes);
            ones[..Math.Min(_length, 16)].Fill(0xFF);
            _head = Vector128.Create<byte>(bytes);
            _mask = Vector128.Create<byte>(ones);
            if (_length > 16)
                _tail = Vector128.Create<byte>(_whole.AsSpan(_length - 16));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int EndIfAt(ReadOnlySpan<byte> text, int at)
        {
            int end = at + _length;
            if (at + 16 > text.Length || end > text.Length || _length > 32)
                return EndIfAtSlowly(text, at);
            ref byte start = ref MemoryMarshal.GetReference(text);
            if ((Vector128.LoadUnsafe(ref start, (nuint)at) & _mask) != _head)
                return -1;
            return _length <= 16 || Vector128.LoadUnsafe(ref start, (nuint)end - 16) == _tail ? end : -1;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private int EndIfAtSlowly(ReadOnlySpan<byte> text, int at) => text[at..].StartsWith(_whole) ? at + _length : -1;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gateway.JsonSchema.Values;

/// <summary>The brackets outside of strings among 64 bytes of JSON text, as bit masks (bit n is byte n).</summary>
internal readonly struct BracketBlock
{
    private readonly ulong _opens;
    private readonly ulong _closes;

    private BracketBlock(ulong opens, ulong closes, int length, bool isPlain)
    {
        _opens = opens;
        _closes = closes;
        Length = length;
        IsPlain = isPlain;
    }

    /// <summary>How many bytes are dealt with: up to the quote of a string that does not end in the block.</summary>
    public int Length { get; }

    /// <summary>No backslash in the block, and no slash outside of strings.</summary>
    public bool IsPlain { get; }

    public int Opens => BitOperations.PopCount(_opens);

    public int Closes => BitOperations.PopCount(_closes);

    /// <summary>Reads 64 bytes that start outside of a string.</summary>
    public static BracketBlock Read(ReadOnlySpan<byte> text, int at)
    {
        ref byte start = ref MemoryMarshal.GetReference(text);
        ulong quotes = 0, backslashes = 0, slashes = 0, opens = 0, closes = 0;
        for (int i = 0; i < 4; i++)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref start, (nuint)(at + (i * 16)));
            // With this bit set, [ is { and ] is }.
            Vector128<byte> folded = bytes | Vector128.Create((byte)0x20);
            quotes |= Mask(bytes, (byte)'"') << (i * 16);
            backslashes |= Mask(bytes, (byte)'\\') << (i * 16);
            slashes |= Mask(bytes, (byte)'/') << (i * 16);
            opens |= Mask(folded, (byte)'{') << (i * 16);
            closes |= Mask(folded, (byte)'}') << (i * 16);
        }
        int length = (BitOperations.PopCount(quotes) & 1) == 0 ? 64 : 63 - BitOperations.LeadingZeroCount(quotes);
        ulong outside = ~InsideQuotes(quotes) & (length == 64 ? ulong.MaxValue : (1UL << length) - 1);
        return new BracketBlock(opens & outside, closes & outside, length, backslashes == 0 && (slashes & outside) == 0);
    }

    /// <summary>The index of the bracket that closes the last of <paramref name="depth"/> open containers, or -1.</summary>
    public int FindEnd(int depth)
    {
        for (ulong rest = _opens | _closes; rest != 0; rest &= rest - 1)
        {
            ulong bit = rest & (0 - rest);
            depth += (_opens & bit) != 0 ? 1 : -1;
            if (depth == 0)
                return BitOperations.TrailingZeroCount(bit);
        }
        return -1;
    }

    // Each bit becomes the parity of the quotes up to and including it.
    private static ulong InsideQuotes(ulong quotes)
    {
        quotes ^= quotes << 1;
        quotes ^= quotes << 2;
        quotes ^= quotes << 4;
        quotes ^= quotes << 8;
        quotes ^= quotes << 16;
        return quotes ^ (quotes << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector128<byte> bytes, byte wanted) => Vector128.Equals(bytes, Vector128.Create(wanted)).ExtractMostSignificantBits();
}

using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Gateway.JsonSchema.Values;

/// <summary>
/// Finds its way in JSON text that a parser has already accepted (so nothing is verified again). Positions are byte offsets.
/// Comments and trailing commas are stepped over, since a parser may have been told to accept them.
/// </summary>
internal static class JsonScan
{
    // By first byte; what starts no other kind starts a number.
    private static ReadOnlySpan<byte> Kinds =>
    [
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 6, 4, 4, 4, 4, 4, 4, 4, 7, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 1, 4, 4, 4, 4,
    ];

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]/"u8);

    /// <summary>The kind of the value that starts with this byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static JsonValueKind KindOf(byte first) => (JsonValueKind)Kinds[first & 0x7F];

    /// <summary>The next position that is neither white space nor comment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Space(ReadOnlySpan<byte> text, int at) => text[at] > ' ' && text[at] != '/' ? at : LongSpace(text, at);

    /// <summary>
    /// From inside an object or array to the next member or item, over white space and commas; to its closing bracket when there
    /// is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Next(ReadOnlySpan<byte> text, int at) =>
        text[at] == ',' && text[at + 1] > ' ' && text[at + 1] != '/' ? at + 1 : SpacedNext(text, at);

    /// <summary>From behind a member's name to its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MemberValue(ReadOnlySpan<byte> text, int at) => Space(text, Space(text, at) + 1);

    /// <summary>Behind the string that starts at <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StringEnd(ReadOnlySpan<byte> text, int at)
    {
        int end = ShortStringEnd(text, at);
        return end > 0 ? end : LongStringEnd(text, at);
    }

    /// <summary>Behind the string that starts at <paramref name="at"/>, and whether it holds escapes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StringEnd(ReadOnlySpan<byte> text, int at, out bool escaped)
    {
        int end = ShortStringEnd(text, at);
        escaped = false;
        if (end > 0)
            return end;
        end = LongStringEnd(text, at);
        escaped = JsonText.IsEscaped(text[at..end]);
        return end;
    }

    // Most strings end within 16 bytes, where a search of its own costs more than the look. -1 when this one does not, or has
    // escapes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ShortStringEnd(ReadOnlySpan<byte> text, int at)
    {
        if (!Vector128.IsHardwareAccelerated || at + 17 > text.Length)
            return -1;
        Vector128<byte> head = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)at + 1);
        uint stops = (Vector128.Equals(head, Vector128.Create((byte)'"')) | Vector128.Equals(head, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
        int end = at + 1 + BitOperations.TrailingZeroCount(stops);
        return stops != 0 && text[end] == '"' ? end + 1 : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LongStringEnd(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (true)
        {
            at += text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (text[at] == '"')
                return at + 1;
            at += 2;
        }
    }

    /// <summary>Behind the number that starts at <paramref name="at"/>.</summary>
    public static int NumberEnd(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && !EndsNumber(text[at]))
            at++;
        return at;
    }

    /// <summary>Behind <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public static int LiteralEnd(ReadOnlySpan<byte> text, int at) => text[at] == 'f' ? at + 5 : at + 4;

    /// <summary>Behind the value that starts at <paramref name="at"/>.</summary>
    public static int Skip(ReadOnlySpan<byte> text, int at) => text[at] switch
    {
        (byte)'"' => StringEnd(text, at),
        (byte)'{' or (byte)'[' => SkipContainer(text, at),
        (byte)'t' or (byte)'n' or (byte)'f' => LiteralEnd(text, at),
        _ => NumberEnd(text, at),
    };

    /// <summary>How many members or items the container at <paramref name="at"/> has.</summary>
    public static int Count(ReadOnlySpan<byte> text, int at)
    {
        bool isObject = text[at] == '{';
        int count = 0;
        at = Next(text, at + 1);
        while (text[at] is not ((byte)'}' or (byte)']'))
        {
            count++;
            if (isObject)
                at = MemberValue(text, StringEnd(text, at));
            at = Next(text, Skip(text, at));
        }
        return count;
    }

    private static int SpacedNext(ReadOnlySpan<byte> text, int at)
    {
        at = Space(text, at);
        return text[at] == ',' ? Space(text, at + 1) : at;
    }

    private static bool EndsNumber(byte c) => c is <= (byte)' ' or (byte)',' or (byte)']' or (byte)'}' or (byte)'/';

    // Brackets are counted 64 bytes at a time. Each round starts outside of strings; a string that crosses the end of the block
    // is left to the next one. Backslashes and comments, which are rare, are taken one step at a time.
    private static int SkipContainer(ReadOnlySpan<byte> text, int at)
    {
        int depth = 1;
        at++;
        while (depth > 0)
        {
            if (!Vector128.IsHardwareAccelerated || at + 64 > text.Length || BracketBlock.Read(text, at) is not { IsPlain: true } block)
            {
                at = StepOverBracket(text, at, ref depth);
                continue;
            }
            if (block.Closes >= depth && block.FindEnd(depth) is >= 0 and int end)
                return at + end + 1;
            depth += block.Opens - block.Closes;
            at = block.Length > 0 ? at + block.Length : StringEnd(text, at);
        }
        return at;
    }

    private static int StepOverBracket(ReadOnlySpan<byte> text, int at, ref int depth)
    {
        at += text[at..].IndexOfAny(Structure);
        switch (text[at])
        {
            case (byte)'"':
                return StringEnd(text, at);
            case (byte)'/':
                return LongSpace(text, at);
            case (byte)'{' or (byte)'[':
                depth++;
                return at + 1;
            default:
                depth--;
                return at + 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LongSpace(ReadOnlySpan<byte> text, int at)
    {
        while (true)
        {
            while (text[at] <= ' ')
                at++;
            if (text[at] != '/')
                return at;
            at = text[at + 1] == '/'
                ? at + text[at..].IndexOfAny((byte)'\n', (byte)'\r')
                : at + 4 + text[(at + 2)..].IndexOf("*/"u8);
        }
    }
}

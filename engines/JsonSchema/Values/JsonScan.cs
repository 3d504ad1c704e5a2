using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gateway.JsonSchema.Values;

/// <summary>
/// Finds its way in JSON text that a parser has already accepted (so nothing is verified again). Positions are byte offsets.
/// Comments and trailing commas are stepped over, since a parser may have been told to accept them.
/// </summary>
internal static class JsonScan
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]/"u8);
    private static readonly SearchValues<byte> AfterNumber = SearchValues.Create(" \t\r\n,]}/"u8);

    /// <summary>The kind of the value that starts with this byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static JsonValueKind KindOf(byte first) => first switch
    {
        (byte)'"' => JsonValueKind.String,
        (byte)'{' => JsonValueKind.Object,
        (byte)'[' => JsonValueKind.Array,
        (byte)'t' => JsonValueKind.True,
        (byte)'f' => JsonValueKind.False,
        (byte)'n' => JsonValueKind.Null,
        _ => JsonValueKind.Number,
    };

    /// <summary>The next position that is neither white space nor comment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Space(ReadOnlySpan<byte> text, int at) => text[at] > ' ' && text[at] != '/' ? at : LongSpace(text, at);

    /// <summary>
    /// From inside an object or array to the next member or item, over white space and commas; to its closing bracket when there is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Next(ReadOnlySpan<byte> text, int at)
    {
        at = Space(text, at);
        return text[at] == ',' ? Space(text, at + 1) : at;
    }

    /// <summary>From behind a member's name to its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MemberValue(ReadOnlySpan<byte> text, int at) => Space(text, Space(text, at) + 1);

    /// <summary>Behind the string that starts at <paramref name="at"/>.</summary>
    public static int StringEnd(ReadOnlySpan<byte> text, int at, out bool escaped)
    {
        escaped = false;
        at++;
        while (true)
        {
            at += text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (text[at] == '"')
                return at + 1;
            escaped = true;
            at += 2;
        }
    }

    /// <summary>Behind the number that starts at <paramref name="at"/>.</summary>
    public static int NumberEnd(ReadOnlySpan<byte> text, int at)
    {
        int length = text[at..].IndexOfAny(AfterNumber);
        return length < 0 ? text.Length : at + length;
    }

    /// <summary>Behind the value that starts at <paramref name="at"/>.</summary>
    public static int Skip(ReadOnlySpan<byte> text, int at) => text[at] switch
    {
        (byte)'"' => StringEnd(text, at, out _),
        (byte)'{' or (byte)'[' => SkipContainer(text, at),
        (byte)'t' or (byte)'n' => at + 4,
        (byte)'f' => at + 5,
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
                at = MemberValue(text, StringEnd(text, at, out _));
            at = Next(text, Skip(text, at));
        }
        return count;
    }

    private static int SkipContainer(ReadOnlySpan<byte> text, int at)
    {
        int depth = 0;
        while (true)
        {
            at += text[at..].IndexOfAny(Structure);
            switch (text[at])
            {
                case (byte)'"':
                    at = StringEnd(text, at, out _);
                    continue;
                case (byte)'/':
                    at = LongSpace(text, at);
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }
            at++;
            if (depth == 0)
                return at;
        }
    }

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

using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.Idempotency;

/// <summary>
/// SHA-256 over a JSON value with members sorted and numbers normalised as exact decimals, so that <c>1.10</c> and <c>1.1</c> are one
/// request and <c>9007199254740993</c> and <c>9007199254740992</c> are two. Not RFC 8785, which rounds numbers to doubles.
/// </summary>
public static class Fingerprint
{
    private const int MaxExponentDigits = 18;
    private const int MaxIntegerLength = 20;

    /// <summary>64 hex digits.</summary>
    public static string Of(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(value).Length * 5 / 4 + 64);
        Write(value, buffer);
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    /// <summary>The same over a value and texts that belong to it, in their order, each preceded by its length. 64 hex digits.</summary>
    public static string Of(JsonElement value, IReadOnlyCollection<string> beside)
    {
        var buffer = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(value).Length * 5 / 4 + 256);
        Write(value, buffer);
        foreach (var text in beside) WriteText(Encoding.UTF8.GetBytes(text), buffer);
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    /// <summary>Injective over its parts: each is preceded by its length. 32 hex digits.</summary>
    public static string OfParts(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var utf8 = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(utf8.Length));
            hash.AppendData(utf8);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>The number as an exact decimal: 1.10, 1.1 and 11e-1 give the same text.</summary>
    public static string OfNumber(JsonElement number)
    {
        var buffer = new ArrayBufferWriter<byte>(32);
        WriteNumber(JsonMarshal.GetRawUtf8Value(number), buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(JsonElement value, ArrayBufferWriter<byte> to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.Write("{"u8);
                WriteMembers(value, to);
                to.Write("}"u8);
                break;
            case JsonValueKind.Array:
                to.Write("["u8);
                foreach (var item in value.EnumerateArray()) Write(item, to);
                to.Write("]"u8);
                break;
            case JsonValueKind.String:
                var text = JsonMarshal.GetRawUtf8Value(value)[1..^1];
                WriteText(text.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(value.GetString()!) : text, to);
                break;
            case JsonValueKind.Number:
                WriteNumber(JsonMarshal.GetRawUtf8Value(value), to);
                break;
            default:
                to.Write(JsonMarshal.GetRawUtf8Value(value));
                break;
        }
    }

    private static void WriteMembers(JsonElement value, ArrayBufferWriter<byte> to)
    {
        var count = value.GetPropertyCount();
        var pooled = ArrayPool<JsonProperty>.Shared.Rent(count);
        var members = pooled.AsSpan(0, count);
        var at = 0;
        foreach (var member in value.EnumerateObject()) members[at++] = member;
        members.Sort(static (one, other) => CompareNames(one, other));
        foreach (var member in members)
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            WriteText(IsPlain(name) ? name : Encoding.UTF8.GetBytes(member.Name), to);
            Write(member.Value, to);
        }
        ArrayPool<JsonProperty>.Shared.Return(pooled, clearArray: true);
    }

    /// <summary>By UTF-16 code units, which for plain names is by bytes.</summary>
    private static int CompareNames(JsonProperty one, JsonProperty other)
    {
        var first = JsonMarshal.GetRawUtf8PropertyName(one);
        var second = JsonMarshal.GetRawUtf8PropertyName(other);
        return IsPlain(first) && IsPlain(second) ? first.SequenceCompareTo(second) : string.CompareOrdinal(one.Name, other.Name);
    }

    /// <summary>ASCII without escapes: what is written is what is meant.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    private static void WriteText(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> to)
    {
        to.Write("\""u8);
        WriteInteger(utf8.Length, to);
        to.Write(":"u8);
        to.Write(utf8);
    }

    /// <summary>
    /// Digits without leading and trailing zeros, and the power of ten of the last: 1.10 and 11e-1 both are 11e-1. An exponent of more than
    /// 18 digits stays as it was written, beside what would have to be added: arithmetic on a million digits costs minutes.
    /// </summary>
    private static void WriteNumber(ReadOnlySpan<byte> raw, ArrayBufferWriter<byte> to)
    {
        var negative = raw[0] == '-';
        var e = raw.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = raw[(negative ? 1 : 0)..(e < 0 ? raw.Length : e)];
        var point = mantissa.IndexOf((byte)'.');
        var digits = point < 0 ? mantissa : (ReadOnlySpan<byte>)[.. mantissa[..point], .. mantissa[(point + 1)..]];
        var significant = digits.TrimEnd((byte)'0');
        var shift = digits.Length - significant.Length - (point < 0 ? 0 : mantissa.Length - point - 1);
        significant = significant.TrimStart((byte)'0');
        if (significant.IsEmpty)
        {
            to.Write("#0"u8);
            return;
        }
        to.Write(negative ? "#-"u8 : "#"u8);
        to.Write(significant);
        to.Write("e"u8);
        WriteExponent(e < 0 ? [] : raw[(e + 1)..], shift, to);
    }

    private static void WriteExponent(ReadOnlySpan<byte> written, int shift, ArrayBufferWriter<byte> to)
    {
        var negative = written is [(byte)'-', ..];
        var digits = written.TrimStart("+-"u8).TrimStart((byte)'0');
        if (digits.Length > MaxExponentDigits)
        {
            to.Write(negative ? "-"u8 : ""u8);
            to.Write(digits);
            to.Write("+"u8);
            WriteInteger(shift, to);
            return;
        }
        Utf8Parser.TryParse(digits, out long exponent, out _);
        WriteInteger((negative ? -exponent : exponent) + shift, to);
    }

    private static void WriteInteger(long value, ArrayBufferWriter<byte> to)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(MaxIntegerLength), out var written);
        to.Advance(written);
    }
}

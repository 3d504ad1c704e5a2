using System.Buffers;
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
    /// <summary>64 hex digits.</summary>
    public static string Of(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(value, buffer);
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
        WriteNumber(number.GetRawText(), buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(JsonElement value, ArrayBufferWriter<byte> to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.Write("{"u8);
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    WriteText(member.Name, to);
                    Write(member.Value, to);
                }
                to.Write("}"u8);
                break;
            case JsonValueKind.Array:
                to.Write("["u8);
                foreach (var item in value.EnumerateArray()) Write(item, to);
                to.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(value.GetString()!, to);
                break;
            case JsonValueKind.Number:
                WriteNumber(value.GetRawText(), to);
                break;
            default:
                to.Write(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> to)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        to.Write(Encoding.UTF8.GetBytes($"\"{length}:"));
        Encoding.UTF8.GetBytes(text, to.GetSpan(length));
        to.Advance(length);
    }

    /// <summary>Digits without leading and trailing zeros, and the power of ten of the last: 1.10 and 11e-1 both are 11e-1.</summary>
    private static void WriteNumber(string raw, ArrayBufferWriter<byte> to)
    {
        var negative = raw[0] == '-';
        var e = raw.AsSpan().IndexOfAny('e', 'E');
        var mantissa = e < 0 ? raw.AsSpan(negative ? 1 : 0) : raw.AsSpan(negative ? 1 : 0, e - (negative ? 1 : 0));
        var exponent = e < 0 ? System.Numerics.BigInteger.Zero : System.Numerics.BigInteger.Parse(raw.AsSpan(e + 1), System.Globalization.NumberStyles.AllowLeadingSign, null);
        var point = mantissa.IndexOf('.');
        var digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (point >= 0) exponent -= mantissa.Length - point - 1;
        var significant = digits.TrimEnd('0');
        exponent += digits.Length - significant.Length;
        significant = significant.TrimStart('0');
        to.Write(Encoding.UTF8.GetBytes(significant.Length == 0 ? "#0" : $"#{(negative ? "-" : "")}{significant}e{exponent}"));
    }
}

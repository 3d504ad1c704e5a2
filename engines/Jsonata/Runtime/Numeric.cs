using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Jsonata.Runtime;

/// <summary>How a number is held.</summary>
internal enum NumberForm : byte
{
    /// <summary>As the digits of the input.</summary>
    Raw,

    /// <summary>As a double in the value's bits.</summary>
    Double,

    /// <summary>As a 64-bit mantissa in the value's bits and a decimal scale.</summary>
    Inline,

    /// <summary>As a boxed decimal, for mantissas beyond 64 bits.</summary>
    Decimal,
}

/// <summary>The forms of a number and the roads between them.</summary>
internal static class Numeric
{
    /// <summary>Most decimal digits that always fit a decimal's 96 bits.</summary>
    private const int DecimalDigits = 28;

    /// <summary>Integers up to here are exact in a double, so reading one back as a decimal adds nothing.</summary>
    private const double ExactInteger = 9007199254740992;

    public static Value FromDouble(double value) => new(JsonataKind.Number, null, BitConverter.DoubleToInt64Bits(value), NumberForm.Double);

    public static Value FromInteger(long value) => new(JsonataKind.Number, null, value, NumberForm.Inline);

    /// <summary>Holds a computed decimal, without the zeros at its end that arithmetic leaves behind.</summary>
    public static Value FromDecimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var scale = (byte)(parts[3] >> 16);
        if (parts[2] != 0)
        {
            // Dividing by one with 28 decimals is decimal's own way of dropping zeros.
            var trimmed = value / 1.0000000000000000000000000000m;
            decimal.GetBits(trimmed, parts);
            if (parts[2] != 0)
            {
                return new(JsonataKind.Number, trimmed, 0, NumberForm.Decimal);
            }
            scale = (byte)(parts[3] >> 16);
        }
        var mantissa = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        while (scale > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            scale--;
        }
        if (mantissa > long.MaxValue)
        {
            return new(JsonataKind.Number, new decimal(parts[0], parts[1], 0, parts[3] < 0, scale), 0, NumberForm.Decimal);
        }
        return new(JsonataKind.Number, null, parts[3] < 0 ? -(long)mantissa : (long)mantissa, NumberForm.Inline, scale);
    }

    /// <summary>Reads the digits of the input once, so that what follows computes with them instead of reading them again.</summary>
    public static Value Load(in Value value, bool exact)
    {
        if (value.Form != NumberForm.Raw)
        {
            return value;
        }
        if (TryReadInline(JsonMarshal.GetRawUtf8Value(value.Element), out var mantissa, out var scale))
        {
            return exact || scale == 0
                ? new(JsonataKind.Number, null, mantissa, NumberForm.Inline, (byte)scale)
                : FromDouble(ToDouble(value));
        }
        return exact && TryReadRaw(value, out var number) ? FromDecimal(number) : FromDouble(ToDouble(value));
    }

    /// <summary>A number by mantissa and scale, without the zeros at its end.</summary>
    public static Value FromInline(long mantissa, int scale)
    {
        while (scale > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            scale--;
        }
        return new(JsonataKind.Number, null, mantissa, NumberForm.Inline, (byte)scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToDouble(in Value value) => value.Form switch
    {
        NumberForm.Double => BitConverter.Int64BitsToDouble(value.Bits),
        NumberForm.Inline when value.Scale == 0 => value.Bits,
        NumberForm.Raw => value.Element.GetDouble(),
        _ => DecimalToDouble(value),
    };

    /// <summary>Reads a number as the decimal it is; false when no decimal holds it exactly.</summary>
    public static bool TryGetDecimal(in Value value, out decimal result)
    {
        switch (value.Form)
        {
            case NumberForm.Inline:
                result = Inline(value.Bits, value.Scale);
                return true;
            case NumberForm.Decimal:
                result = (decimal)value.Reference!;
                return true;
            case NumberForm.Raw:
                return TryReadRaw(value, out result);
            default:
                var number = BitConverter.Int64BitsToDouble(value.Bits);
                var exact = Math.Abs(number) <= ExactInteger && Math.Floor(number) == number;
                result = exact ? (decimal)number : 0;
                return exact;
        }
    }

    /// <summary>A number as 64-bit mantissa and scale, the form that adds and compares without a decimal; false for anything bigger.</summary>
    public static bool TryGetInline(in Value value, out long mantissa, out int scale)
    {
        if (value.Form == NumberForm.Raw)
        {
            return TryReadInline(JsonMarshal.GetRawUtf8Value(value.Element), out mantissa, out scale);
        }
        mantissa = value.Bits;
        scale = value.Scale;
        return value.Form == NumberForm.Inline;
    }

    /// <summary>Reads the text of a JSON number; a decimal when one holds it exactly, else a double.</summary>
    public static Value Parse(string text, bool exact)
    {
        if (exact && CountsAsDecimal(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return FromDecimal(value);
        }
        return FromDouble(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    public static bool IsFinite(in Value value) => value.Form switch
    {
        NumberForm.Double => double.IsFinite(BitConverter.Int64BitsToDouble(value.Bits)),
        NumberForm.Raw => IsPlain(JsonMarshal.GetRawUtf8Value(value.Element)) || double.IsFinite(value.Element.GetDouble()),
        _ => true,
    };

    /// <summary>Reads text that is an optional sign, digits and perhaps a point with digits, if it is short; false for any other, number or not.</summary>
    public static bool TryReadDigits(ReadOnlySpan<byte> text, out Value number)
    {
        number = default;
        var digits = text is [(byte)'-', ..] ? text[1..] : text;
        if (digits.IsEmpty || !char.IsAsciiDigit((char)digits[0]) || !char.IsAsciiDigit((char)digits[^1])
            || digits.Count((byte)'.') > 1 || !TryReadInline(text, out var mantissa, out var scale))
        {
            return false;
        }
        number = new(JsonataKind.Number, null, mantissa, NumberForm.Inline, (byte)scale);
        return true;
    }

    public static bool IsInteger(in Value value)
    {
        if (value.Form == NumberForm.Inline && value.Scale == 0)
        {
            return true;
        }
        var number = ToDouble(value);
        return double.IsFinite(number) && Math.Floor(number) == number;
    }

    /// <summary>Below zero, zero or above zero, as for every comparison; never called for NaN.</summary>
    public static int Compare(in Value left, in Value right)
    {
        if (TryGetInline(left, out var leftMantissa, out var leftScale)
            && TryGetInline(right, out var rightMantissa, out var rightScale)
            && leftScale == rightScale)
        {
            return leftMantissa.CompareTo(rightMantissa);
        }
        if (left.Form != NumberForm.Double && right.Form != NumberForm.Double
            && TryGetDecimal(left, out var leftDecimal) && TryGetDecimal(right, out var rightDecimal))
        {
            return leftDecimal.CompareTo(rightDecimal);
        }
        return ToDouble(left).CompareTo(ToDouble(right));
    }

    /// <summary>Whether digits alone keep a number within a double's range: there is no exponent, and they are few.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> raw) => raw.Length < 300 && raw.IndexOfAny((byte)'e', (byte)'E') < 0;

    private static decimal Inline(long mantissa, byte scale)
    {
        var magnitude = (ulong)Math.Abs(mantissa);
        return new decimal((int)magnitude, (int)(magnitude >> 32), 0, mantissa < 0, scale);
    }

    private static double DecimalToDouble(in Value value)
    {
        TryGetDecimal(value, out var number);
        // Casting a decimal rounds twice; its digits read as a double are what JSON readers see.
        return double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static bool TryReadRaw(in Value value, out decimal result)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value.Element);
        if (TryReadInline(raw, out var mantissa, out var scale))
        {
            result = Inline(mantissa, (byte)scale);
            return true;
        }
        Span<char> text = stackalloc char[64];
        result = 0;
        if (raw.Length > text.Length)
        {
            return false;
        }
        System.Text.Ascii.ToUtf16(raw, text, out var written);
        return CountsAsDecimal(text[..written]) && decimal.TryParse(text[..written], NumberStyles.Float, CultureInfo.InvariantCulture, out result);
    }

    /// <summary>Whether the digits and the exponent of a JSON number fit a decimal without rounding.</summary>
    private static bool CountsAsDecimal(ReadOnlySpan<char> text)
    {
        int digits = 0, scale = 0, exponent = 0;
        var fraction = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case >= '0' and <= '9':
                    digits += digits > 0 || text[i] != '0' ? 1 : 0;
                    scale += fraction ? 1 : 0;
                    break;
                case '.':
                    fraction = true;
                    break;
                case 'e' or 'E':
                    if (!int.TryParse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
                    {
                        return false;
                    }
                    i = text.Length;
                    break;
            }
        }
        var decimals = scale - exponent;
        return digits <= DecimalDigits && decimals <= DecimalDigits && digits - decimals <= DecimalDigits;
    }

    private static bool TryReadInline(ReadOnlySpan<byte> raw, out long mantissa, out int scale)
    {
        mantissa = 0;
        scale = 0;
        var start = raw[0] == (byte)'-' ? 1 : 0;
        if (raw.Length - start > 18)
        {
            return false;
        }
        var point = -1;
        for (var i = start; i < raw.Length; i++)
        {
            var digit = raw[i] - '0';
            if ((uint)digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
            }
            else if (raw[i] == (byte)'.')
            {
                point = i;
            }
            else
            {
                return false;
            }
        }
        if (point >= 0)
        {
            scale = raw.Length - point - 1;
            while (scale > 0 && mantissa % 10 == 0)
            {
                mantissa /= 10;
                scale--;
            }
        }
        mantissa = start == 1 ? -mantissa : mantissa;
        return true;
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Jsonata.Runtime;

/// <summary>Numbers as text, the way ECMAScript writes them (ECMA-262, Number::toString).</summary>
internal static class NumberText
{
    /// <summary>The most bytes a mantissa of 64 bits takes with a scale of up to 28.</summary>
    public const int InlineLength = 52;

    /// <summary>The text <c>$string</c> gives: doubles are cut to 15 significant digits, which hides binary noise; decimals have none.</summary>
    public static string ForString(in Value value, bool exact)
    {
        if (value.Form == NumberForm.Inline)
        {
            if (value.Scale == 0)
            {
                return value.Bits.ToString(CultureInfo.InvariantCulture);
            }
            Span<byte> text = stackalloc byte[InlineLength];
            return Encoding.ASCII.GetString(text[..FormatInline(value, text)]);
        }
        if (value.Form == NumberForm.Raw && Numeric.Load(value, exact) is { Form: NumberForm.Inline } loaded)
        {
            return ForString(loaded, exact);
        }
        if (value.Form != NumberForm.Double && exact)
        {
            if (Numeric.TryGetDecimal(value, out var number))
            {
                return Numeric.TryGetDecimal(Numeric.FromDecimal(number), out var trimmed) ? trimmed.ToString(CultureInfo.InvariantCulture) : "";
            }
            if (value.Form == NumberForm.Raw && IsPlainInteger(value, out var digits))
            {
                return digits;
            }
        }
        var real = Numeric.ToDouble(value);
        return Format(Math.Floor(real) == real ? real : Cut(real));
    }

    /// <summary>Writes mantissa and scale as plain decimal digits; gives the number of bytes.</summary>
    public static int FormatInline(in Value value, Span<byte> target)
    {
        var at = 0;
        if (value.Bits < 0)
        {
            target[at++] = (byte)'-';
        }
        Span<byte> digits = stackalloc byte[20];
        ((ulong)Math.Abs(value.Bits)).TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        var whole = count - value.Scale;
        if (value.Scale == 0)
        {
            digits[..count].CopyTo(target[at..]);
            return at + count;
        }
        if (whole <= 0)
        {
            target[at++] = (byte)'0';
        }
        else
        {
            digits[..whole].CopyTo(target[at..]);
            at += whole;
        }
        target[at++] = (byte)'.';
        for (; whole < 0; whole++)
        {
            target[at++] = (byte)'0';
        }
        digits[whole..count].CopyTo(target[at..]);
        return at + count - whole;
    }

    public static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }
        if (Math.Abs(value) < 1e15 && Math.Floor(value) == value)
        {
            return ((long)value).ToString(CultureInfo.InvariantCulture);
        }
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }
        // Without an exponent .NET writes what ECMAScript does.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        return shortest.Contains('E') ? Lay(shortest) : shortest;
    }

    /// <summary>Rounds to 15 significant digits.</summary>
    private static double Cut(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("E14", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : value;

    /// <summary>Lays shortest digits out by ECMAScript's thresholds: plain from 1e-6 up to 1e21, with an exponent outside.</summary>
    private static string Lay(string shortest)
    {
        var mark = shortest.IndexOf('E');
        var start = shortest[0] == '-' ? 1 : 0;
        var significand = shortest.AsSpan(start, (mark < 0 ? shortest.Length : mark) - start);
        var point = significand.IndexOf('.');
        var all = significand.ToString().Replace(".", "");
        var leading = all.Length - all.TrimStart('0').Length;
        var exponent = (point < 0 ? all.Length : point) - leading - 1;
        if (mark >= 0)
        {
            exponent += int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }
        all = all.Trim('0');
        var text = new StringBuilder(start == 1 ? "-" : "");
        if (exponent is >= 0 and < 21)
        {
            var whole = all.PadRight(exponent + 1, '0');
            text.Append(whole, 0, exponent + 1);
            if (whole.Length > exponent + 1)
            {
                text.Append('.').Append(whole, exponent + 1, whole.Length - exponent - 1);
            }
        }
        else if (exponent is < 0 and >= -6)
        {
            text.Append("0.").Append('0', -exponent - 1).Append(all);
        }
        else
        {
            text.Append(all[0]);
            if (all.Length > 1)
            {
                text.Append('.').Append(all, 1, all.Length - 1);
            }
            text.Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent));
        }
        return text.ToString();
    }

    private static bool IsPlainInteger(in Value value, out string digits)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value.Element);
        digits = raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 ? Encoding.ASCII.GetString(raw) : "";
        return digits.Length > 0;
    }
}

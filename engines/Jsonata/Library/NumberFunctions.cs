using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Jsonata.Library;

/// <summary>Numbers, and what turns values into numbers and truths.</summary>
internal static partial class NumberFunctions
{
    public static readonly BuiltIn[] All =
    [
        new("number", "<(nsb)-:n>", 1, Number),
        new("floor", "<n-:n>", 1, (run, a) => Whole(run, a[0], Math.Floor, decimal.Floor)),
        new("ceil", "<n-:n>", 1, (run, a) => Whole(run, a[0], Math.Ceiling, decimal.Ceiling)),
        new("abs", "<n-:n>", 1, (run, a) => Whole(run, a[0], Math.Abs, Math.Abs)),
        new("round", "<n-n?:n>", 2, (run, a) => a[0].IsUndefined ? default : Rounding.Round(a[0], a.Length > 1 ? a[1] : default, run.Exact)),
        new("sqrt", "<n-:n>", 1, SquareRoot),
        new("power", "<n-n:n>", 2, Power),
        new("random", "<:n>", 0, (_, _) => Value.From(Random.Shared.NextDouble())),
        new("formatNumber", "<n-so?:s>", 3, (run, a) => a[0].IsUndefined ? default : Value.From(NumberPicture.Format(run, a[0], a[1].Text, a.Length > 2 ? a[2] : default))),
        new("formatBase", "<n-n?:s>", 2, FormatBase),
        new("formatInteger", "<n-s:s>", 2, FormatInteger),
        new("parseInteger", "<s-s:n>", 2, ParseInteger),
        new("boolean", "<x-:b>", 1, (run, a) => a[0].IsUndefined ? default : Value.From(Comparison.IsTrue(run, a[0]))),
        new("not", "<x-:b>", 1, (run, a) => a[0].IsUndefined ? default : Value.From(!Comparison.IsTrue(run, a[0]))),
    ];

    [GeneratedRegex(@"\A-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?\z")]
    private static partial Regex DecimalText();

    [GeneratedRegex(@"\A0([xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)\z")]
    private static partial Regex RadixText();

    private static Value Number(Evaluation run, ReadOnlySpan<Value> a)
    {
        var value = a[0];
        switch (value.Kind)
        {
            case JsonataKind.Undefined or JsonataKind.Number:
                return value;
            case JsonataKind.Boolean:
                return Value.From(value.IsTrue ? 1 : 0);
            case JsonataKind.String when run.Exact && value.IsElement && Numeric.TryReadDigits(JsonMarshal.GetRawUtf8Value(value.Element)[1..^1], out var plain):
                return plain;
            case JsonataKind.String when value.Text is var text:
                if (DecimalText().IsMatch(text))
                {
                    var number = Numeric.Parse(text, run.Exact);
                    if (number.Form != NumberForm.Double || double.IsFinite(Numeric.ToDouble(number)))
                    {
                        return number;
                    }
                }
                else if (RadixText().IsMatch(text))
                {
                    return FromRadix(text);
                }
                break;
        }
        throw run.Fail("D3030", "the value cannot be read as a number");
    }

    private static Value FromRadix(string text)
    {
        var bits = char.ToLowerInvariant(text[1]) switch { 'x' => 4, 'o' => 3, _ => 1 };
        var value = BigInteger.Zero;
        foreach (var digit in text.AsSpan(2))
        {
            value = (value << bits) + (char.IsAsciiDigit(digit) ? digit - '0' : char.ToLowerInvariant(digit) - 'a' + 10);
        }
        return value <= long.MaxValue / 1024 ? Numeric.FromInteger((long)value) : Numeric.FromDouble((double)value);
    }

    private static Value Whole(Evaluation run, in Value value, Func<double, double> real, Func<decimal, decimal> exact)
    {
        if (value.IsUndefined)
        {
            return default;
        }
        return run.Exact && Numeric.TryGetDecimal(value, out var number)
            ? Numeric.FromDecimal(exact(number))
            : Numeric.FromDouble(real(Numeric.ToDouble(value)));
    }

    private static Value SquareRoot(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var value = Numeric.ToDouble(a[0]);
        return value < 0 ? throw run.Fail("D3060", "a negative number has no square root") : Numeric.FromDouble(Math.Sqrt(value));
    }

    private static Value Power(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        double value = Numeric.ToDouble(a[0]), exponent = a[1].IsUndefined ? double.NaN : Numeric.ToDouble(a[1]);
        if (run.Exact && exponent is >= 0 and <= 96 && Math.Floor(exponent) == exponent)
        {
            var product = Value.From(1);
            for (var i = 0; i < exponent; i++)
            {
                product = Arithmetic.Apply(ArithmeticOperator.Multiply, product, a[0], true);
            }
            if (product.Form != NumberForm.Double)
            {
                return product;
            }
        }
        var result = Math.Pow(value, exponent);
        return double.IsFinite(result) ? Numeric.FromDouble(result) : throw run.Fail("D3061", "the power is no number that JSON can hold");
    }

    private static Value FormatBase(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var value = Numeric.ToDouble(Rounding.Round(a[0], default, run.Exact));
        var radix = a.Length > 1 && !a[1].IsUndefined ? Numeric.ToDouble(Rounding.Round(a[1], default, run.Exact)) : 10;
        if (radix is < 2 or > 36)
        {
            throw run.Fail("D3100", $"the base must lie between 2 and 36 and not be {radix}");
        }
        if (radix == 10 || !double.IsFinite(value))
        {
            return Value.From(NumberText.Format(value));
        }
        var rest = new BigInteger(Math.Abs(value));
        var digits = new StringBuilder();
        do
        {
            var digit = (int)(rest % (int)radix);
            digits.Insert(0, (char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
            rest /= (int)radix;
        }
        while (rest > 0);
        return Value.From(value < 0 ? $"-{digits}" : digits.ToString());
    }

    private static Value FormatInteger(Evaluation run, ReadOnlySpan<Value> a) =>
        a[0].IsUndefined ? default : Value.From(IntegerPicture.Parse(run, a[1].IsUndefined ? "" : a[1].Text).Format(run, Math.Floor(Numeric.ToDouble(a[0]))));

    private static Value ParseInteger(Evaluation run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsUndefined)
        {
            return default;
        }
        var parsed = IntegerPicture.Parse(run, a[1].IsUndefined ? "" : a[1].Text).Read(run, a[0].Text);
        return double.IsNaN(parsed) ? default : parsed == Math.Floor(parsed) && Math.Abs(parsed) < 1e15 ? Numeric.FromInteger((long)parsed) : Numeric.FromDouble(parsed);
    }
}

/// <summary>Rounding to the even neighbour, at any decimal place.</summary>
internal static class Rounding
{
    public static Value Round(in Value value, in Value places, bool exact)
    {
        var digits = places.IsUndefined ? 0 : Numeric.ToDouble(places);
        if (exact && digits is >= 0 and <= 28 && Math.Floor(digits) == digits && Arithmetic.TryRound(value, (int)digits, out var rounded))
        {
            return rounded;
        }
        if (exact && digits is >= -28 and <= 28 && Numeric.TryGetDecimal(value, out var number))
        {
            return Numeric.FromDecimal(RoundExactly(number, (int)Math.Truncate(digits)));
        }
        var result = RoundReal(Numeric.ToDouble(value), digits);
        return Numeric.FromDouble(result == 0 ? 0 : result);
    }

    public static double RoundReal(double value, double digits)
    {
        var shifted = digits == 0 ? value : Shift(value, digits);
        var result = Math.Floor(shifted + 0.5);
        // Adding a half can carry where the value is just below it.
        if (result - shifted > 0.5)
        {
            result--;
        }
        if (Math.Abs(result - shifted) == 0.5 && Math.Abs(result % 2) == 1)
        {
            result--;
        }
        return digits == 0 ? result : Shift(result, -digits);
    }

    private static decimal RoundExactly(decimal value, int digits)
    {
        if (digits >= 0)
        {
            return decimal.Round(value, digits, MidpointRounding.ToEven);
        }
        var unit = 1m;
        for (var i = digits; i < 0; i++)
        {
            unit *= 10;
        }
        return decimal.Round(value / unit, 0, MidpointRounding.ToEven) * unit;
    }

    /// <summary>Moves the decimal point in the number's text, which multiplying would not do exactly.</summary>
    private static double Shift(double value, double places)
    {
        if (!double.IsFinite(value))
        {
            return value;
        }
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        text = text.Contains('E') ? text : text + "E0";
        var mark = text.IndexOf('E');
        var exponent = int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) + (int)Math.Clamp(places, -1000, 1000);
        return double.Parse($"{text.AsSpan(0, mark)}E{exponent}", NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}

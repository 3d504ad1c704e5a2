using System.Numerics;

namespace Gateway.Jsonata.Runtime;

internal enum ArithmeticOperator : byte
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// <summary>
/// Arithmetic in two modes. The exact mode answers with a decimal whenever the true result is one, and with a double
/// otherwise: a third is a double, three tenths are not.
/// </summary>
internal static class Arithmetic
{
    /// <summary>Results beyond this magnitude leave decimal's range; asking first is cheaper than catching the overflow.</summary>
    private const double DecimalReach = 7.9e28;

    /// <summary>A quotient with more digits than this is taken to be endless.</summary>
    private const int QuotientDigits = 26;

    /// <summary>Powers of ten that fit 64 bits.</summary>
    private const int MaxScale = 18;

    /// <summary>The largest scale a decimal has.</summary>
    private const int MaxDigits = 28;

    private static readonly long[] Tens = PowersOfTen();

    public static Value Apply(ArithmeticOperator op, in Value left, in Value right, bool exact)
    {
        if (exact)
        {
            if (TryInline(op, left, right, out var inline))
            {
                return inline;
            }
            if (Numeric.TryGetDecimal(left, out var a) && Numeric.TryGetDecimal(right, out var b) && TryDecimal(op, a, b, out var result))
            {
                return Numeric.FromDecimal(result);
            }
        }
        return Numeric.FromDouble(Apply(op, Numeric.ToDouble(left), Numeric.ToDouble(right)));
    }

    public static Value Negate(in Value value, bool exact) =>
        exact && Numeric.TryGetDecimal(value, out var number) ? Numeric.FromDecimal(-number) : Numeric.FromDouble(-Numeric.ToDouble(value));

    /// <summary>Rounds half to even; false when the number is held in another form or the place is out of reach.</summary>
    public static bool TryRound(in Value value, int digits, out Value rounded)
    {
        rounded = default;
        if (!Numeric.TryGetInline(value, out var mantissa, out var scale) || digits < 0)
        {
            return false;
        }
        if (digits >= scale)
        {
            rounded = Numeric.FromInline(mantissa, scale);
            return true;
        }
        if (scale - digits > MaxScale)
        {
            return false;
        }
        var unit = Tens[scale - digits];
        var (whole, rest) = Math.DivRem(mantissa, unit);
        var twice = Math.Abs(rest) - (unit - Math.Abs(rest));
        if (twice > 0 || (twice == 0 && whole % 2 != 0))
        {
            whole += Math.Sign(rest);
        }
        rounded = Numeric.FromInline(whole, digits);
        return true;
    }

    /// <summary>The quotient with the sign of the dividend, as C and JavaScript define it.</summary>
    private static double Apply(ArithmeticOperator op, double left, double right) => op switch
    {
        ArithmeticOperator.Add => left + right,
        ArithmeticOperator.Subtract => left - right,
        ArithmeticOperator.Multiply => left * right,
        ArithmeticOperator.Divide => left / right,
        _ => left % right,
    };

    /// <summary>Computes in 64-bit mantissas, which is where amounts and quantities live.</summary>
    private static bool TryInline(ArithmeticOperator op, in Value left, in Value right, out Value result)
    {
        result = default;
        if (!Numeric.TryGetInline(left, out var a, out var scale) || !Numeric.TryGetInline(right, out var b, out var otherScale))
        {
            return false;
        }
        Int128 mantissa;
        switch (op)
        {
            case ArithmeticOperator.Multiply:
                if (!TryMultiply(a, b, out var product) || scale + otherScale > MaxDigits)
                {
                    return false;
                }
                result = Numeric.FromInline(product, scale + otherScale);
                return true;
            case ArithmeticOperator.Divide:
                return TryDivide(a, scale, b, otherScale, out result);
            default:
                if (Math.Abs(scale - otherScale) > MaxScale || (op == ArithmeticOperator.Remainder && b == 0))
                {
                    return false;
                }
                Int128 first = scale < otherScale ? (Int128)a * Tens[otherScale - scale] : a;
                Int128 second = otherScale < scale ? (Int128)b * Tens[scale - otherScale] : b;
                mantissa = op switch
                {
                    ArithmeticOperator.Add => first + second,
                    ArithmeticOperator.Subtract => first - second,
                    _ => first % second,
                };
                scale = Math.Max(scale, otherScale);
                break;
        }
        return TryPack(mantissa, scale, out result);
    }

    /// <summary>A quotient is a decimal exactly when its reduced denominator has no prime factors but 2 and 5.</summary>
    private static bool TryDivide(long a, int scale, long b, int otherScale, out Value result)
    {
        result = default;
        if (b == 0 || a == long.MinValue || b == long.MinValue)
        {
            return false;
        }
        var common = Gcd(Math.Abs(a), Math.Abs(b));
        if (common > 1)
        {
            a /= common;
            b /= common;
        }
        var rest = Math.Abs(b);
        var twos = BitOperations.TrailingZeroCount(rest);
        rest >>= twos;
        var fives = 0;
        while (rest % 5 == 0)
        {
            rest /= 5;
            fives++;
        }
        var digits = Math.Max(twos, fives);
        if (rest != 1 || digits > MaxScale)
        {
            return false;
        }
        var places = scale + digits - otherScale;
        if (places is < -MaxScale or > MaxDigits || !TryMultiply(a, Tens[digits], out var mantissa))
        {
            return false;
        }
        mantissa /= b;
        if (places < 0 && !TryMultiply(mantissa, Tens[-places], out mantissa))
        {
            return false;
        }
        result = Numeric.FromInline(mantissa, Math.Max(places, 0));
        return true;
    }

    /// <summary>Multiplies unless the product leaves 64 bits; the lowest value is left out, because it has no counterpart.</summary>
    private static bool TryMultiply(long a, long b, out long product)
    {
        var high = Math.BigMul(a, b, out product);
        return high == product >> 63 && product != long.MinValue;
    }

    private static long Gcd(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }
        return a;
    }

    private static bool TryPack(Int128 mantissa, int scale, out Value result)
    {
        if (mantissa > long.MaxValue || mantissa <= long.MinValue || scale > MaxDigits)
        {
            result = default;
            return false;
        }
        result = Numeric.FromInline((long)mantissa, scale);
        return true;
    }

    private static bool TryDecimal(ArithmeticOperator op, decimal left, decimal right, out decimal result)
    {
        result = 0;
        switch (op)
        {
            case ArithmeticOperator.Add or ArithmeticOperator.Subtract:
                if (Math.Abs((double)left) + Math.Abs((double)right) >= DecimalReach)
                {
                    return false;
                }
                result = op == ArithmeticOperator.Add ? left + right : left - right;
                return result.Scale >= Math.Max(left.Scale, right.Scale);
            case ArithmeticOperator.Multiply:
                if (Math.Abs((double)left * (double)right) >= DecimalReach)
                {
                    return false;
                }
                result = left * right;
                return result.Scale == left.Scale + right.Scale;
            case ArithmeticOperator.Divide:
                if (right == 0 || Math.Abs((double)left / (double)right) >= DecimalReach)
                {
                    return false;
                }
                result = left / right / 1.0000000000000000000000000000m;
                return CountDigits(result) <= QuotientDigits && result * right == left;
            default:
                // The remainder aligns the scales, which overflows when they lie far apart.
                if (right == 0 || Math.Abs((double)left) >= 1e14 || Math.Abs((double)right) >= 1e14 || left.Scale > 14 || right.Scale > 14)
                {
                    return false;
                }
                result = left % right;
                return true;
        }
    }

    private static int CountDigits(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var mantissa = new decimal(parts[0], parts[1], parts[2], false, 0);
        return mantissa == 0 ? 1 : (int)Math.Floor(Math.Log10((double)mantissa)) + 1;
    }

    private static long[] PowersOfTen()
    {
        var tens = new long[MaxScale + 1];
        tens[0] = 1;
        for (var i = 1; i < tens.Length; i++)
        {
            tens[i] = tens[i - 1] * 10;
        }
        return tens;
    }
}

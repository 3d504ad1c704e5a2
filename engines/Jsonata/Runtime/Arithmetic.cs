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

    public static Value Apply(ArithmeticOperator op, in Value left, in Value right, bool exact)
    {
        if (exact)
        {
            if (op is ArithmeticOperator.Add or ArithmeticOperator.Subtract && TryAddInline(op, left, right, out var sum))
            {
                return sum;
            }
            if (Numeric.TryGetDecimal(left, out var a) && Numeric.TryGetDecimal(right, out var b) && TryExact(op, a, b, out var result))
            {
                return Numeric.FromDecimal(result);
            }
        }
        return Numeric.FromDouble(Apply(op, Numeric.ToDouble(left), Numeric.ToDouble(right)));
    }

    public static Value Negate(in Value value, bool exact) =>
        exact && Numeric.TryGetDecimal(value, out var number) ? Numeric.FromDecimal(-number) : Numeric.FromDouble(-Numeric.ToDouble(value));

    /// <summary>The quotient with the sign of the dividend, as C and JavaScript define it.</summary>
    private static double Apply(ArithmeticOperator op, double left, double right) => op switch
    {
        ArithmeticOperator.Add => left + right,
        ArithmeticOperator.Subtract => left - right,
        ArithmeticOperator.Multiply => left * right,
        ArithmeticOperator.Divide => left / right,
        _ => left % right,
    };

    private static bool TryAddInline(ArithmeticOperator op, in Value left, in Value right, out Value sum)
    {
        sum = default;
        if (!Numeric.TryGetInline(left, out var a, out var scale) || !Numeric.TryGetInline(right, out var b, out var otherScale) || scale != otherScale)
        {
            return false;
        }
        var result = op == ArithmeticOperator.Add ? a + b : a - b;
        if (op == ArithmeticOperator.Add ? ((a ^ result) & (b ^ result)) < 0 : ((a ^ b) & (a ^ result)) < 0)
        {
            return false;
        }
        while (scale > 0 && result % 10 == 0)
        {
            result /= 10;
            scale--;
        }
        sum = new Value(JsonataKind.Number, null, result, NumberForm.Inline, (byte)scale);
        return result != long.MinValue;
    }

    private static bool TryExact(ArithmeticOperator op, decimal left, decimal right, out decimal result)
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
                return right != 0 && TryDivide(left, right, out result);
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

    private static bool TryDivide(decimal left, decimal right, out decimal result)
    {
        result = 0;
        if (Math.Abs((double)left / (double)right) >= DecimalReach)
        {
            return false;
        }
        result = left / right / 1.0000000000000000000000000000m;
        return CountDigits(result) <= QuotientDigits && result * right == left;
    }

    private static int CountDigits(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var mantissa = new decimal(parts[0], parts[1], parts[2], false, 0);
        return mantissa == 0 ? 1 : (int)Math.Floor(Math.Log10((double)mantissa)) + 1;
    }
}

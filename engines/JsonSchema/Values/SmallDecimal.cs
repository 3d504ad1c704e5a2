using System.Runtime.CompilerServices;

namespace Gateway.JsonSchema.Values;

/// <summary>The numbers of daily life, at most 18 digits and no exponent, held in registers: mantissa / 10^scale.</summary>
internal readonly struct SmallDecimal(long mantissa, int scale)
{
    private const int MaxDigits = 18;

    private static readonly long[] Powers = CreatePowers();

    public long Mantissa => mantissa;

    /// <summary>It is written without a fraction.</summary>
    public bool IsWhole => scale == 0;

    public long Floor => Math.DivRem(mantissa, Powers[scale]) is var (quotient, rest) && rest < 0 ? quotient - 1 : quotient;

    public long Ceiling => Math.DivRem(mantissa, Powers[scale]) is var (quotient, rest) && rest > 0 ? quotient + 1 : quotient;

    public bool IsInteger => scale == 0 || mantissa % Powers[scale] == 0;

    /// <summary>
    /// Reads the number that starts at <paramref name="at"/> and moves behind it. False, with the position unchanged, when it is
    /// longer or has an exponent.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> text, ref int at, out SmallDecimal value)
    {
        int start = at + (text[at] == '-' ? 1 : 0);
        long mantissa = 0;
        int point = -1;
        int i = start;
        for (; i < text.Length; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit <= 9)
                mantissa = (mantissa * 10) + digit;
            else if (text[i] == '.')
                point = i;
            else
                break;
        }
        value = default;
        if (i - start > MaxDigits || (i < text.Length && (text[i] | 0x20) == 'e'))
            return false;
        value = new SmallDecimal(start == at ? mantissa : -mantissa, point < 0 ? 0 : i - point - 1);
        at = i;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CompareTo(SmallDecimal other) =>
        Scale == other.Scale || other.Mantissa == 0 ? Mantissa.CompareTo(other.Mantissa) : CompareScaled(other);

    /// <summary>Whether this is an integer times <paramref name="divisor"/>, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsMultipleOf(SmallDecimal divisor) =>
        // A step of 1, 0.1, 0.01… is the common case.
        (divisor.Mantissa == 1 && divisor.Scale >= Scale) || IsScaledMultipleOf(divisor);

    private int CompareScaled(SmallDecimal other)
    {
        int shift = other.Scale - Scale;
        return shift > 0
            ? Math.BigMul(Mantissa, Powers[shift]).CompareTo(other.Mantissa)
            : ((Int128)Mantissa).CompareTo(Math.BigMul(other.Mantissa, Powers[-shift]));
    }

    private bool IsScaledMultipleOf(SmallDecimal divisor)
    {
        int shift = divisor.Scale - Scale;
        if (shift == 0)
            return Mantissa % divisor.Mantissa == 0;
        return shift > 0
            ? Math.BigMul(Mantissa, Powers[shift]) % divisor.Mantissa == 0
            : Mantissa % Math.BigMul(divisor.Mantissa, Powers[-shift]) == 0;
    }

    private int Scale => scale;

    private static long[] CreatePowers()
    {
        long[] powers = new long[MaxDigits + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}

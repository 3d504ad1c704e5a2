namespace Gateway.JsonSchema.Values;

/// <summary>The numbers of daily life, at most 18 digits and no exponent, held in registers: mantissa / 10^scale.</summary>
internal readonly struct SmallDecimal(long mantissa, int scale)
{
    private const int MaxDigits = 18;

    private static readonly long[] Powers = CreatePowers();

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

    public int CompareTo(SmallDecimal other)
    {
        int shift = other.Scale - Scale;
        if (shift == 0 || other.Mantissa == 0)
            return Mantissa.CompareTo(other.Mantissa);
        return shift > 0
            ? ((Int128)Mantissa * Powers[shift]).CompareTo(other.Mantissa)
            : ((Int128)Mantissa).CompareTo((Int128)other.Mantissa * Powers[-shift]);
    }

    /// <summary>Whether this is an integer times <paramref name="divisor"/>, exactly.</summary>
    public bool IsMultipleOf(SmallDecimal divisor)
    {
        int shift = divisor.Scale - Scale;
        // A step of 1, 0.1, 0.01… is the common case.
        if (shift >= 0 && divisor.Mantissa == 1)
            return true;
        if (shift == 0)
            return Mantissa % divisor.Mantissa == 0;
        return shift > 0
            ? (Int128)Mantissa * Powers[shift] % divisor.Mantissa == 0
            : Mantissa % ((Int128)divisor.Mantissa * Powers[-shift]) == 0;
    }

    private long Mantissa => mantissa;

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

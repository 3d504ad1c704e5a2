namespace Gateway.JsonSchema.Values;

/// <summary>The numbers of daily life, at most 18 digits and no exponent, held in registers: mantissa / 10^scale.</summary>
internal readonly struct SmallDecimal(long mantissa, int scale)
{
    private static readonly long[] Powers = CreatePowers();

    public bool IsInteger => scale == 0 || mantissa % Powers[scale] == 0;

    /// <summary>Reads a JSON number token; false when it is longer or has an exponent.</summary>
    public static bool TryRead(ReadOnlySpan<byte> token, out SmallDecimal value)
    {
        long mantissa = 0;
        int scale = 0;
        int start = token[0] == (byte)'-' ? 1 : 0;
        value = default;
        if (token.Length > start + 18)
            return false;
        for (int i = start; i < token.Length; i++)
        {
            uint digit = (uint)(token[i] - '0');
            if (digit <= 9)
                mantissa = (mantissa * 10) + digit;
            else if (token[i] == (byte)'.')
                scale = token.Length - i - 1;
            else
                return false;
        }
        value = new SmallDecimal(start == 0 ? mantissa : -mantissa, scale);
        return true;
    }

    public int CompareTo(SmallDecimal other)
    {
        int shift = other.Scale - Scale;
        if (shift == 0)
            return Mantissa.CompareTo(other.Mantissa);
        return shift > 0
            ? ((Int128)Mantissa * Powers[shift]).CompareTo(other.Mantissa)
            : ((Int128)Mantissa).CompareTo((Int128)other.Mantissa * Powers[-shift]);
    }

    /// <summary>Whether this is an integer times <paramref name="divisor"/>, exactly.</summary>
    public bool IsMultipleOf(SmallDecimal divisor)
    {
        int shift = divisor.Scale - Scale;
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
        long[] powers = new long[19];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}

namespace Gateway.JsonSchema.Formats;

/// <summary>GS1 identification keys (GS1 General Specifications, section 7.9): digits whose last one checks the others.</summary>
internal static class TradeFormats
{
    /// <summary>GTIN-8, -12, -13 and -14.</summary>
    public static bool IsGtin(ReadOnlySpan<byte> text) => text.Length is 8 or 12 or 13 or 14 && HasCheckDigit(text);

    public static bool IsGln(ReadOnlySpan<byte> text) => text.Length == 13 && HasCheckDigit(text);

    public static bool IsSscc(ReadOnlySpan<byte> text) => text.Length == 18 && HasCheckDigit(text);

    // Weights 3 and 1 in turn from the right, the check digit itself with 1: the sum is a multiple of ten.
    private static bool HasCheckDigit(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[i] - '0';
            if (digit is < 0 or > 9)
                return false;
            sum += (digits.Length - i) % 2 == 0 ? digit * 3 : digit;
        }
        return sum % 10 == 0;
    }
}

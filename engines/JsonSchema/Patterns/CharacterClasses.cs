namespace Gateway.JsonSchema.Patterns;

/// <summary>The character class escapes of ECMA-262 section 22.2.2.9: digits and words are ASCII, white space is not.</summary>
internal static class CharacterClasses
{
    public static CodePointSet Digit { get; } = CodePointSet.Of([('0', '9')]);

    public static CodePointSet Word { get; } = CodePointSet.Of([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);

    /// <summary>WhiteSpace and LineTerminator (sections 12.2 and 12.3).</summary>
    public static CodePointSet Space { get; } = CodePointSet.Of(
        [(0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF)]);

    /// <summary>Everything but line terminators.</summary>
    public static CodePointSet Dot { get; } = CodePointSet.Of([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]).Complement();
}

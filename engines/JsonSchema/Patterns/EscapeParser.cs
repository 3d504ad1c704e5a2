using System.Globalization;

namespace Gateway.JsonSchema.Patterns;

/// <summary>
/// Parses what follows a backslash and stands for one code point (ECMA-262 section 22.2.1, CharacterClassEscape and
/// CharacterEscape).
/// </summary>
internal sealed class EscapeParser(PatternCursor cursor)
{
    private const string SyntaxCharacters = "^$\\.*+?()[]{}|/";

    /// <summary>The set meant. <paramref name="single"/> is its code point when the escape names just one, else -1.</summary>
    public CodePointSet ReadSet(bool inClass, out int single)
    {
        single = -1;
        if (cursor.AtEnd)
            return cursor.RefuseSet("a \\ at the end");
        int c = cursor.Next();
        switch (c)
        {
            case 'd':
                return CharacterClasses.Digit;
            case 'D':
                return CharacterClasses.Digit.Complement();
            case 'w':
                return CharacterClasses.Word;
            case 'W':
                return CharacterClasses.Word.Complement();
            case 's':
                return CharacterClasses.Space;
            case 'S':
                return CharacterClasses.Space.Complement();
            case 'p' or 'P':
                return ReadProperty(negated: c == 'P');
        }
        single = ReadCharacter(c, inClass);
        return single < 0 ? cursor.RefuseSet($"the escape \\{char.ConvertFromUtf32(c)}") : CodePointSet.Of(single);
    }

    private CodePointSet ReadProperty(bool negated)
    {
        if (!cursor.Take("{") || cursor.TakeUntil('}') is not { } property)
            return cursor.RefuseSet("a \\p without {…}");
        CodePointSet? set = UnicodeProperties.Find(property);
        if (set is null)
            return cursor.RefuseSet($"the unknown property {property}");
        return negated ? set.Complement() : set;
    }

    // -1 when there is no such escape.
    private int ReadCharacter(int c, bool inClass)
    {
        switch (c)
        {
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'b' when inClass:
                return '\b';
            case '-' when inClass:
                return '-';
            case '0' when cursor.Peek() is not (>= '0' and <= '9'):
                return 0;
            case 'c' when cursor.Peek() is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'):
                return cursor.Next() & 0x1F;
            case 'x':
                return ReadHex(2);
            case 'u':
                return ReadUnicode();
        }
        if (c < 128 && SyntaxCharacters.Contains((char)c))
            return c;
        // Letters and digits may get a meaning one day and are refused; other characters are harmless.
        return cursor.IsStrict || (c < 128 && char.IsAsciiLetterOrDigit((char)c)) ? -1 : c;
    }

    private int ReadUnicode()
    {
        if (cursor.Take("{"))
        {
            bool valid = int.TryParse(cursor.TakeUntil('}'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value);
            return valid && value is >= 0 and <= CodePointSet.Last ? value : -1;
        }
        int unit = ReadHex(4);
        int mark = cursor.At;
        if (unit is >= 0xD800 and <= 0xDBFF && cursor.Take("\\u"))
        {
            int low = ReadHex(4);
            if (low is >= 0xDC00 and <= 0xDFFF)
                return char.ConvertToUtf32((char)unit, (char)low);
            cursor.At = mark;
        }
        return unit;
    }

    private int ReadHex(int digits)
    {
        int value = 0;
        for (int i = 0; i < digits; i++)
        {
            int c = cursor.Peek();
            if (c is < 0 or > 'f' || !char.IsAsciiHexDigit((char)c))
                return -1;
            value = (value * 16) + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
            cursor.At++;
        }
        return value;
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Gateway.JsonSchema.Unicode;
using static System.Globalization.UnicodeCategory;

namespace Gateway.JsonSchema.Patterns;

/// <summary>The properties a <c>\p{…}</c> may name (ECMA-262, tables 67 to 69).</summary>
internal static class UnicodeProperties
{
    private static readonly ConcurrentDictionary<string, CodePointSet?> Known = [];
    private static readonly Lazy<CodePointSet[]> ByCategory = new(ScanCategories);

    private static readonly (string[] Names, UnicodeCategory[] Members)[] Categories =
    [
        (["Cased_Letter", "LC"], [UppercaseLetter, LowercaseLetter, TitlecaseLetter]),
        (["Close_Punctuation", "Pe"], [ClosePunctuation]),
        (["Connector_Punctuation", "Pc"], [ConnectorPunctuation]),
        (["Control", "Cc", "cntrl"], [Control]),
        (["Currency_Symbol", "Sc"], [CurrencySymbol]),
        (["Dash_Punctuation", "Pd"], [DashPunctuation]),
        (["Decimal_Number", "Nd", "digit"], [DecimalDigitNumber]),
        (["Enclosing_Mark", "Me"], [EnclosingMark]),
        (["Final_Punctuation", "Pf"], [FinalQuotePunctuation]),
        (["Format", "Cf"], [Format]),
        (["Initial_Punctuation", "Pi"], [InitialQuotePunctuation]),
        (["Letter", "L"], [UppercaseLetter, LowercaseLetter, TitlecaseLetter, ModifierLetter, OtherLetter]),
        (["Letter_Number", "Nl"], [LetterNumber]),
        (["Line_Separator", "Zl"], [LineSeparator]),
        (["Lowercase_Letter", "Ll"], [LowercaseLetter]),
        (["Mark", "M", "Combining_Mark"], [NonSpacingMark, SpacingCombiningMark, EnclosingMark]),
        (["Math_Symbol", "Sm"], [MathSymbol]),
        (["Modifier_Letter", "Lm"], [ModifierLetter]),
        (["Modifier_Symbol", "Sk"], [ModifierSymbol]),
        (["Nonspacing_Mark", "Mn"], [NonSpacingMark]),
        (["Number", "N"], [DecimalDigitNumber, LetterNumber, OtherNumber]),
        (["Open_Punctuation", "Ps"], [OpenPunctuation]),
        (["Other", "C"], [Control, Format, Surrogate, PrivateUse, OtherNotAssigned]),
        (["Other_Letter", "Lo"], [OtherLetter]),
        (["Other_Number", "No"], [OtherNumber]),
        (["Other_Punctuation", "Po"], [OtherPunctuation]),
        (["Other_Symbol", "So"], [OtherSymbol]),
        (["Paragraph_Separator", "Zp"], [ParagraphSeparator]),
        (["Private_Use", "Co"], [PrivateUse]),
        (["Punctuation", "P", "punct"], [ConnectorPunctuation, DashPunctuation, OpenPunctuation, ClosePunctuation, InitialQuotePunctuation,
            FinalQuotePunctuation, OtherPunctuation]),
        (["Separator", "Z"], [SpaceSeparator, LineSeparator, ParagraphSeparator]),
        (["Space_Separator", "Zs"], [SpaceSeparator]),
        (["Spacing_Mark", "Mc"], [SpacingCombiningMark]),
        (["Surrogate", "Cs"], [Surrogate]),
        (["Symbol", "S"], [MathSymbol, CurrencySymbol, ModifierSymbol, OtherSymbol]),
        (["Titlecase_Letter", "Lt"], [TitlecaseLetter]),
        (["Unassigned", "Cn"], [OtherNotAssigned]),
        (["Uppercase_Letter", "Lu"], [UppercaseLetter]),
    ];

    /// <summary>
    /// The set behind <c>Letter</c>, <c>gc=Lu</c>, <c>Script=Greek</c>, <c>Alphabetic</c>…; null when ECMA-262 knows no such
    /// name.
    /// </summary>
    public static CodePointSet? Find(string expression) => Known.GetOrAdd(expression, Create);

    private static CodePointSet? Create(string expression)
    {
        int equals = expression.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return expression switch
            {
                "Any" => CodePointSet.All,
                "ASCII" => CodePointSet.Of([(0, 0x7F)]),
                "Assigned" => Category("Cn")!.Complement(),
                _ => Category(expression) ?? UnicodeTables.Property(expression),
            };
        }
        string value = expression[(equals + 1)..];
        return expression[..equals] switch
        {
            "General_Category" or "gc" => Category(value),
            "Script" or "sc" => UnicodeTables.Property("sc=" + value),
            "Script_Extensions" or "scx" => UnicodeTables.Property("scx=" + value),
            _ => null,
        };
    }

    private static CodePointSet? Category(string name)
    {
        UnicodeCategory[]? members = Array.Find(Categories, entry => entry.Names.Contains(name)).Members;
        return members is null ? null : CodePointSet.Of(members.SelectMany(member => ByCategory.Value[(int)member].Ranges));
    }

    private static CodePointSet[] ScanCategories()
    {
        List<(int First, int Last)>[] ranges = [.. Enumerable.Range(0, 30).Select(_ => new List<(int First, int Last)>())];
        int start = 0;
        UnicodeCategory current = CharUnicodeInfo.GetUnicodeCategory(0);
        for (int codePoint = 1; codePoint <= CodePointSet.Last + 1; codePoint++)
        {
            UnicodeCategory? next = codePoint <= CodePointSet.Last ? CharUnicodeInfo.GetUnicodeCategory(codePoint) : null;
            if (next == current)
                continue;
            ranges[(int)current].Add((start, codePoint - 1));
            start = codePoint;
            current = next ?? current;
        }
        return [.. ranges.Select(list => CodePointSet.Of(list))];
    }
}

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>Texts that programs trip over: what looks like something else, what is written in unusual ways, and what is nothing but unusual.</summary>
internal static class NaughtyStrings
{
    public static readonly IReadOnlyList<string> All =
    [
        // Words that some language takes for a value.
        "", " ", "null", "NULL", "nil", "None", "undefined", "true", "False", "NaN", "Infinity", "-Infinity", "0", "00", "-0", "1e309", "1E-400", "0x7f", "0b1", "0o17", "1_000", "1,000.00", "1.000,00", "９９", "٣", "½", "\\N",
        // Numbers at the edge of types.
        "2147483648", "-2147483649", "9223372036854775808", "18446744073709551616", "9007199254740993", "0.1000000000000000055511151231257827", "4294967296", "--1", "1/0", "0.0.0",
        // Marks of languages.
        "'", "\"", "`", "''", "\"\"", "'\"'", "' OR 1=1 --", "1; DROP TABLE orders", "\") or (\"\"=\"", "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "$(touch x)", "`touch x`", "| ls", "&& ls", "%s%n%d", "%x%x%x", "{0}", "{id}", "$ref",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "<![CDATA[x]]>", "<!DOCTYPE x [<!ENTITY a \"b\">]>", "&amp;&lt;", "]]>", "=1+1", "@SUM(A1)", "+1", "-1+1", "*", "(&(a=b))", "*)(uid=*", "jndi:ldap://x/a",
        "${jndi:ldap://x/a}", "__proto__", "constructor", "toString", "hasOwnProperty", "$where", "[$ne]", "a[]", "a.b", "a/b", "~0~1", "#/a", "?a=b", "&a=b", "a=b&a=c", "%41", "%2e%2e", "%00", "%", "%%", "+", "a+b c", "\\u0041", "\\x41", "\\",
        // Paths.
        "..", ".", "../../etc/passwd", "..\\..\\windows", "/etc/passwd", "C:\\boot.ini", "file:///etc/passwd", "//host/share", "CON", "NUL", "a;b", ";", "a,b", "~", "~root", ".htaccess", "-rf",
        // Letters of the world, and their composition.
        "ä", "a\u0308", "ß", "ẞ", "İ", "ı", "ﬁ", "Ω≈ç√∫", "田中さん", "社會科學院", "הָיְתָה", "الضفة", "ελληνικά", "русский", "ไทย", "हिन्दी", "𝒜𝓫𝕔", "ｆｕｌｌ", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "🏳️‍🌈", "\U000E0041\U000E007F",
        // What is not seen, and what turns others around.
        "\u00a0", "\u200b", "a\u200bb", "\u200d", "\u202e" + "abc", "\u2066x\u2069", "\ufeff", "\ufffd", "\ufffe", "\u00ad", "\u2028", "\u2029", "\u0085", "\u3000", "\u180e", "\u2060", "\U0010ffff", "\ue000",
        // Controls, and what ends lines.
        "\t", "\n", "\r\n", "\r\nX-Injected: 1", "a\nb", "\0", "a\0b", "\u0001", "\u001b[31mred", "\u007f", "\b", "\v", "\f",
        // Length.
        new string('a', 1000), new string('ä', 500), new string('%', 300), string.Concat(Enumerable.Repeat("😀", 200)),
    ];
}

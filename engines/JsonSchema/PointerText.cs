using System.Text;

namespace Gateway.JsonSchema;

/// <summary>JSON Pointers (RFC 6901) in URI-fragment form.</summary>
internal static class PointerText
{
    // What RFC 3986 section 3.5 allows in a fragment, without the percent sign.
    private const string FragmentPunctuation = "-._~!$&'()*+,;=:@/?";

    /// <summary>
    /// One reference token: <c>~</c> and <c>/</c> escaped by RFC 6901, the rest percent-encoded where a URI fragment needs it.
    /// </summary>
    public static string EscapeStep(string step)
    {
        string token = step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        if (token.All(IsFragmentCharacter))
            return token;
        StringBuilder text = new();
        foreach (byte b in Encoding.UTF8.GetBytes(token))
        {
            if (IsFragmentCharacter((char)b))
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2", null));
        }
        return text.ToString();
    }

    /// <summary>
    /// The reference tokens of a fragment that is a JSON Pointer (<c>/a/b</c>, percent-encoding already resolved).
    /// </summary>
    public static string[] Steps(string pointer) => pointer.Length == 0
        ? []
        : [.. pointer[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static bool IsFragmentCharacter(char c) => char.IsAsciiLetterOrDigit(c) || FragmentPunctuation.Contains(c);
}

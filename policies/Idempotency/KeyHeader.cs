namespace Gateway.Policies.Idempotency;

/// <summary>
/// The Idempotency-Key header of draft-ietf-httpapi-idempotency-key-header, section 2.1: a string of structured fields (RFC 9651 section
/// 3.3.3), without parameters. The unquoted form that most clients send is taken too, unless a route is strict.
/// </summary>
public static class KeyHeader
{
    public const string Name = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>The key without its quotes, or null when it is not 1 to 255 visible ASCII characters.</summary>
    /// <param name="strict">Whether the quotes must be there.</param>
    public static string? Parse(string header, bool strict = false)
    {
        var text = header.Trim();
        if (text is ['"', .. var inner, '"']) text = Unescape(inner);
        else if (strict || text.AsSpan().ContainsAny('"', '\\', ' ')) return null;
        return text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? text : null;
    }

    /// <summary>Only <c>\"</c> and <c>\\</c> may be escaped; null otherwise.</summary>
    private static string? Unescape(string inner)
    {
        var result = new System.Text.StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '"') return null;
            if (inner[i] == '\\' && (++i == inner.Length || inner[i] is not ('"' or '\\'))) return null;
            result.Append(inner[i]);
        }
        return result.ToString();
    }
}

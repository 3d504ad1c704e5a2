namespace Gateway.Delivery.Storage;

/// <summary>
/// Text as every engine takes it. Errors and reasons are made of what others sent, and may hold what no database keeps: PostgreSQL refuses
/// U+0000 (SQLSTATE 22021) and SQLite's readers stop at it; half a surrogate pair has no UTF-8 (RFC 3629 section 3). Each becomes U+FFFD.
/// </summary>
internal static class StoredText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The text itself where there is nothing to replace, as nearly always.</summary>
    public static string? Of(string? text)
    {
        if (text is null || !(text.Contains('\0') || text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))) return text;
        return string.Create(text.Length, text, static (clean, text) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    (clean[i], clean[i + 1]) = (text[i], text[i + 1]);
                    i++;
                }
                else
                {
                    clean[i] = text[i] == '\0' || char.IsSurrogate(text[i]) ? Replacement : text[i];
                }
            }
        });
    }
}

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// Reference resolution of RFC 3986 section 5.2 on plain text. Unlike <see cref="Uri"/> it also takes relative and opaque bases
/// (<c>urn:…</c>) and never rewrites what an author wrote.
/// </summary>
internal static class UriReference
{
    /// <summary>Splits at the first <c>#</c>; the fragment is percent-decoded, null when there is none.</summary>
    public static (string Document, string? Fragment) Split(string reference)
    {
        int hash = reference.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? (reference, null) : (reference[..hash], Uri.UnescapeDataString(reference[(hash + 1)..]));
    }

    /// <summary>
    /// The absolute form of <paramref name="reference"/> (without fragment) against <paramref name="baseUri"/>.
    /// </summary>
    public static string Resolve(string baseUri, string reference)
    {
        if (reference.Length == 0)
            return baseUri;
        if (baseUri.Length == 0)
            return reference;
        Parts relative = Parse(reference);
        if (relative.Scheme is not null)
            return (relative with { Path = RemoveDotSegments(relative.Path) }).ToString();
        Parts origin = Parse(baseUri);
        if (relative.Authority is not null)
            return (relative with { Scheme = origin.Scheme, Path = RemoveDotSegments(relative.Path) }).ToString();
        if (relative.Path.Length == 0)
            return (origin with { Query = relative.Query ?? origin.Query }).ToString();
        string path = relative.Path[0] == '/' ? relative.Path : Merge(origin, relative.Path);
        return (origin with { Path = RemoveDotSegments(path), Query = relative.Query }).ToString();
    }

    private static Parts Parse(string text)
    {
        string? scheme = null;
        string? authority = null;
        string? query = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int slash = text.IndexOfAny(['/', '?']);
        if (colon > 0 && (slash < 0 || colon < slash))
        {
            scheme = text[..colon];
            text = text[(colon + 1)..];
        }
        int mark = text.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0)
        {
            query = text[(mark + 1)..];
            text = text[..mark];
        }
        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            int end = text.IndexOf('/', 2);
            authority = end < 0 ? text[2..] : text[2..end];
            text = end < 0 ? "" : text[end..];
        }
        return new Parts(scheme, authority, text, query);
    }

    private static string Merge(Parts origin, string path)
    {
        if (origin.Authority is not null && origin.Path.Length == 0)
            return "/" + path;
        return origin.Path[..(origin.Path.LastIndexOf('/') + 1)] + path;
    }

    private static string RemoveDotSegments(string path)
    {
        if (!path.Contains("./", StringComparison.Ordinal) && !path.EndsWith('.'))
            return path;
        List<string> kept = [];
        string[] segments = path.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            bool last = i == segments.Length - 1;
            if (segments[i] == "..")
            {
                if (kept.Count > 1 || (kept.Count == 1 && kept[0].Length > 0))
                    kept.RemoveAt(kept.Count - 1);
                if (last)
                    kept.Add("");
            }
            else if (segments[i] != ".")
                kept.Add(segments[i]);
            else if (last)
                kept.Add("");
        }
        return string.Join('/', kept);
    }

    private sealed record Parts(string? Scheme, string? Authority, string Path, string? Query)
    {
        public override string ToString() =>
            $"{(Scheme is null ? "" : Scheme + ":")}{(Authority is null ? "" : "//" + Authority)}{Path}{(Query is null ? "" : "?" + Query)}";
    }
}

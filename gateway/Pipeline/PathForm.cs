using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Pipeline;

/// <summary>
/// Whether a path means the same to routing, policies and backends. The server resolves dot segments (RFC 3986 section 5.2.4) and decodes all but
/// slashes; what it would leave in a form that another program decodes again, drops or splits is refused.
/// </summary>
internal static class PathForm
{
    /// <summary>What no part of a request target has (RFC 3986 section 2), and programs drop, or cut off at.</summary>
    public static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '\x7f']);

    private static readonly SearchValues<char> Doubtful = SearchValues.Create([.. "%\\;", .. Enumerable.Range(0, ' ').Select(c => (char)c), '\x7f']);

    /// <summary>What is wrong with a path as it was sent, as the end of "The path has …"; null for nothing.</summary>
    /// <param name="target">The request target (RFC 9112 section 3.2), in origin or absolute form.</param>
    public static string? FaultOf(ReadOnlySpan<char> target, Protection protection)
    {
        var path = PathOf(target);
        if (!path.ContainsAny(Doubtful) && path.IndexOf("//", StringComparison.Ordinal) < 0) return null;
        return FaultOfText(path, protection) ?? (protection.EncodedSlashes || protection.Semicolons ? FaultOfSegments(path) : null);
    }

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        if (target.IndexOf('?') is >= 0 and var query) target = target[..query];
        if (target.StartsWith('/') || target.IndexOf("://", StringComparison.Ordinal) is not (>= 0 and var scheme)) return target;
        var rest = target[(scheme + 3)..];
        return rest.IndexOf('/') is >= 0 and var start ? rest[start..] : [];
    }

    private static string? FaultOfText(ReadOnlySpan<char> path, Protection protection)
    {
        for (var at = 0; at < path.Length; at++)
        {
            switch (path[at])
            {
                case '/' when path[(at + 1)..].StartsWith('/'):
                    return "an empty segment (//)";
                case '\\':
                    return "a backslash";
                case < ' ' or '\x7f':
                    return "a control character";
                case ';' when !protection.Semicolons:
                    return "a semicolon";
                case '%':
                    if (FaultOfEncoded(path, ref at, protection) is { } fault) return fault;
                    break;
            }
        }
        return null;
    }

    /// <summary>What is wrong with the character that is encoded here, of one to four bytes; leaves <paramref name="at"/> on its last.</summary>
    private static string? FaultOfEncoded(ReadOnlySpan<char> path, ref int at, Protection protection)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        while (count < bytes.Length && at + (count * 3) is var next && next < path.Length && path[next] == '%' && ByteAt(path, next) is { } found) bytes[count++] = found;
        if (count == 0) return "a % that encodes nothing";
        if (Rune.DecodeFromUtf8(bytes[..count], out var character, out var used) != System.Buffers.OperationStatus.Done) return "encoded bytes that are not UTF-8";
        var behind = path[Math.Min(path.Length, at + 3)..];
        at += (used * 3) - 1;
        return character.Value switch
        {
            '/' when !protection.EncodedSlashes => "an encoded slash (%2F)",
            '\\' => "a backslash",
            ';' when !protection.Semicolons => "a semicolon",
            '%' when protection.EncodedSlashes && behind.StartsWith("2F", StringComparison.OrdinalIgnoreCase) => "a slash that is encoded twice (%252F)",
            _ => Rune.GetUnicodeCategory(character) == UnicodeCategory.Control ? "a control character" : null,
        };
    }

    private static byte? ByteAt(ReadOnlySpan<char> path, int percent) =>
        percent + 2 < path.Length && byte.TryParse(path.Slice(percent + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Behind an encoded slash, or before a semicolon, a dot segment would be resolved by nobody but a backend.</summary>
    private static string? FaultOfSegments(ReadOnlySpan<char> path)
    {
        var segments = Uri.UnescapeDataString(path.ToString()).Split('/')[1..];
        if (segments.Any(s => s.Split(';')[0] is "." or "..") && path.ContainsAny("%;")) return "a dot segment behind an encoded slash, or before a semicolon";
        return segments.SkipLast(1).Any(s => s.Length == 0) ? "an empty segment (//)" : null;
    }
}

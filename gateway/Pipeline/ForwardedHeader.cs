using System.Buffers;
using System.Text;

namespace Gateway.Pipeline;

/// <summary>
/// <c>Forwarded</c> (RFC 7239 section 4) in the words of <c>X-Forwarded-*</c>, which the framework judges. What of those a proxy let through
/// is a stranger's, and goes.
/// </summary>
internal static class ForwardedHeader
{
    public const string Name = "Forwarded";

    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";

    /// <summary>The characters of a token (RFC 9110 section 5.6.2).</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static void Translate(IHeaderDictionary headers)
    {
        var hops = Read(headers[Name].ToString());
        headers[For] = hops.Count == 0 ? default : string.Join(", ", hops.Select(h => h.For ?? "unknown"));
        headers[Proto] = All(hops, h => h.Proto);
        headers[Host] = All(hops, h => h.Host);
    }

    /// <summary>
    /// The hops, the nearest last; none of a header that is malformed: nothing of it is worth belief. A name or address that tells nothing is
    /// <c>unknown</c> or begins with <c>_</c> (section 6).
    /// </summary>
    public static IReadOnlyList<Hop> Read(string header)
    {
        var hops = new List<Hop>();
        var (at, hop, isTold) = (0, new Hop(), false);
        while (true)
        {
            SkipSpace(header, ref at);
            var name = TokenAt(header, ref at);
            if (name.Length > 0)
            {
                if (at == header.Length || header[at++] != '=' || ValueAt(header, ref at) is not { } value || With(hop, name, value) is not { } told) return [];
                (hop, isTold) = (told, true);
                SkipSpace(header, ref at);
            }
            var end = at == header.Length ? ',' : header[at++];
            if (end is not (',' or ';')) return [];
            if (end == ';') continue;
            if (isTold) hops.Add(hop);
            (hop, isTold) = (new Hop(), false);
            if (at == header.Length) return hops;
        }
    }

    /// <summary>Null for what is said twice (section 4); parameters that are not known are none of ours.</summary>
    private static Hop? With(Hop hop, string name, string value) => name.ToLowerInvariant() switch
    {
        "for" => hop.For is null ? hop with { For = value } : null,
        "proto" => hop.Proto is null ? hop with { Proto = value } : null,
        "host" => hop.Host is null ? hop with { Host = value } : null,
        _ => hop,
    };

    /// <summary>A value of every hop, or none: what belongs to which could not be told apart.</summary>
    private static string? All(IReadOnlyList<Hop> hops, Func<Hop, string?> value) =>
        hops.Count > 0 && hops.All(h => value(h) is { Length: > 0 } said && !said.Contains(',')) ? string.Join(", ", hops.Select(value)) : null;

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t') at++;
    }

    private static string TokenAt(string text, ref int at)
    {
        var length = text.AsSpan(at).IndexOfAnyExcept(Token);
        var token = length < 0 ? text[at..] : text.Substring(at, length);
        at += token.Length;
        return token;
    }

    /// <summary>A token or a quoted string (RFC 9110 section 5.6.4); null where there is neither.</summary>
    private static string? ValueAt(string text, ref int at)
    {
        if (at == text.Length || text[at] != '"') return TokenAt(text, ref at) is { Length: > 0 } token ? token : null;
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && ++at == text.Length) return null;
            value.Append(text[at]);
        }
        return at++ < text.Length ? value.ToString() : null;
    }

    /// <summary>What one proxy told of who connected to it.</summary>
    internal sealed record Hop
    {
        public string? For { get; init; }

        public string? Proto { get; init; }

        public string? Host { get; init; }
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>
/// Components of a request (RFC 9421 sections 2.1 and 2.2), as it came over the wire: nothing is decoded, sorted or mended. Components with
/// parameters other than <c>@query-param</c>'s name are not taken.
/// </summary>
/// <param name="address">Scheme and host that callers sign, where a proxy changes them; null for the request's own.</param>
public sealed class RequestComponents(HttpRequest request, Uri? address)
{
    private const string Method = "@method";
    private const string TargetUri = "@target-uri";
    private const string Authority = "@authority";
    private const string RequestTarget = "@request-target";
    private const string Path = "@path";
    private const string Query = "@query";

    private readonly string _target = TargetOf(request);

    /// <summary>The path as it was sent, with its percent-encoding.</summary>
    public string RawPath => _target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? _target[..query] : _target;

    /// <summary>The query as it was sent, without its question mark; empty where there is none.</summary>
    public string RawQuery => _target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? _target[(query + 1)..] : "";

    private string Scheme => address?.Scheme ?? request.Scheme.ToLowerInvariant();

    /// <summary>The host in small letters, without the scheme's own port (section 2.2.3).</summary>
    private string Host
    {
        get
        {
            if (address is not null) return address.Authority.ToLowerInvariant();
            var host = (request.Host.Value ?? "").ToLowerInvariant();
            var own = Scheme == Uri.UriSchemeHttps ? ":443" : ":80";
            return host.EndsWith(own, StringComparison.Ordinal) ? host[..^own.Length] : host;
        }
    }

    /// <summary>The value of a component; null where the request has none, or it is none of a request.</summary>
    public string? Of(FieldItem component)
    {
        if (component.Value is not FieldValue.Text { Value: var name }) return null;
        if (name == "@query-param") return component.Parameters is [{ Name: "name", Value: FieldValue.Text { Value: var parameter } }] ? QueryParameter(parameter) : null;
        if (component.Parameters.Count > 0) return null;
        return name switch
        {
            Method => request.Method,
            TargetUri => $"{Scheme}://{Host}{_target}",
            Authority => Host,
            "@scheme" => Scheme,
            RequestTarget => _target,
            Path => RawPath,
            Query => "?" + RawQuery,
            ['@', ..] => null,
            _ => Field(name),
        };
    }

    /// <summary>Whether these components leave nobody room to change method or address on the way.</summary>
    public bool AreCovered(IReadOnlySet<string> covered) => covered.Contains(Method)
        && (covered.Contains(TargetUri)
            || (covered.Contains(Authority)
                && (covered.Contains(RequestTarget) || (covered.Contains(Path) && (RawQuery.Length == 0 || covered.Contains(Query))))));

    /// <summary>All lines of a field, each without blanks around it, joined by a comma and a blank (section 2.1).</summary>
    private string? Field(string name)
    {
        if (name.AsSpan().ContainsAnyInRange('A', 'Z') || !request.Headers.TryGetValue(name, out var lines)) return null;
        return lines is [{ } one] ? one.Trim() : string.Join(", ", lines.Select(line => line?.Trim()));
    }

    /// <summary>A parameter of the query that is there once (section 2.2.8), encoded anew.</summary>
    private string? QueryParameter(string name)
    {
        string? found = null;
        foreach (var pair in RawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (Encoded(equals < 0 ? pair : pair[..equals]) != name) continue;
            if (found is not null) return null;
            found = equals < 0 ? "" : Encoded(pair[(equals + 1)..]);
        }
        return found;
    }

    /// <summary>What a form's encoding stands for, percent-encoded as a component (WHATWG URL section 1.3).</summary>
    private static string Encoded(string form) => Uri.EscapeDataString(Uri.UnescapeDataString(form.Replace('+', ' ')))
        .Replace("%21", "!", StringComparison.Ordinal).Replace("%27", "'", StringComparison.Ordinal).Replace("%28", "(", StringComparison.Ordinal)
        .Replace("%29", ")", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);

    /// <summary>Path and query as they stood in the request line, also where that named the host as well (RFC 9112 section 3.2.2).</summary>
    private static string TargetOf(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (target.StartsWith('/')) return target;
        var host = target.IndexOf("://", StringComparison.Ordinal);
        var path = host < 0 ? -1 : target.IndexOfAny(['/', '?'], host + 3);
        if (path < 0) return "/";
        return target[path] == '?' ? "/" + target[path..] : target[path..];
    }
}

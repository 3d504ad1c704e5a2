using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Idempotency;

/// <summary>
/// What makes one request the same as another: its body, the parameters of its path, its query, and the headers that the route declares. The
/// order of the query's names does not count, that of one name's values does.
/// </summary>
/// <param name="headers">Names of headers, each once, in lower case.</param>
/// <param name="parameters">Names of the path's parameters.</param>
internal sealed class RequestContent(IReadOnlyList<string> headers, IReadOnlyList<string> parameters)
{
    /// <summary>64 hex digits. A request that is its body alone has the fingerprint of its body.</summary>
    public string FingerprintOf(Exchange exchange)
    {
        var (body, request) = (exchange.Body!.Json, exchange.Http.Request);
        if (headers.Count == 0 && parameters.Count == 0 && !request.QueryString.HasValue) return Fingerprint.Of(body);
        var beside = new List<string>();
        foreach (var name in parameters) Add(beside, "path", name, (string?)request.RouteValues[name]);
        foreach (var (name, values) in QueryText.Of(request).OrderBy(q => q.Key, StringComparer.Ordinal)) Add(beside, "query", name, values);
        // Lines of one field are one list (RFC 9110 section 5.3).
        foreach (var name in headers) Add(beside, "header", name, request.Headers.TryGetValue(name, out var lines) ? lines.ToString() : StringValues.Empty);
        return Fingerprint.Of(body, beside);
    }

    private static void Add(List<string> beside, string part, string name, StringValues values)
    {
        beside.Add(part);
        beside.Add(name);
        beside.Add(values.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var value in values) beside.Add(value ?? "");
    }
}

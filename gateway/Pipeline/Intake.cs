using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gateway.Pipeline;

/// <summary>
/// What is refused of anybody before a route's road begins: what is too long for the server, and what two programs could read differently. A request
/// without anything of it pays some comparisons.
/// </summary>
internal static class Intake
{
    /// <summary>Where the server puts a <c>Content-Length</c> that came beside <c>Transfer-Encoding</c>.</summary>
    private const string SecondLength = "X-Content-Length";

    /// <param name="route">The route that takes the request; null where none does.</param>
    public static Refusal? Judge(HttpContext http, PlanRoute? route, ServerLimits limits)
    {
        var headers = http.Request.Headers;
        // What follows on the connection could be the rest of this request (RFC 9112 section 11.2).
        if (headers.TransferEncoding.Count > 0 && IsAmbiguous(http.Request)) return Malformed("The length of the body is told in two ways, or in one that is not known.") with { Closes = true };
        if (headers.Count > limits.Headers) return new Refusal(Failure.HeadersTooLarge, $"The request has more than {limits.Headers} headers.");
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (target.Length > limits.Url) return new Refusal(Failure.UriTooLong, $"The path with its query is longer than {limits.Url} characters.");
        return PathForm.FaultOf(target, route?.Protection ?? Protection.Default) is { } fault ? Malformed($"The path has {fault}.")
            : target.AsSpan().ContainsAny(PathForm.Controls) ? Malformed("The query has a control character.")
            : null;
    }

    /// <summary>HTTP/1.0 knows no transfer codings: who sends one does not know where it ends (section 6.1).</summary>
    private static bool IsAmbiguous(HttpRequest request) => HttpProtocol.IsHttp10(request.Protocol) || IsAmbiguous(request.Headers);

    private static bool IsAmbiguous(IHeaderDictionary headers) =>
        headers.TransferEncoding is not [{ } coding] || !coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) || headers.ContainsKey(HeaderNames.ContentLength) || headers.ContainsKey(SecondLength);

    private static Refusal Malformed(string detail) => new(Failure.MalformedRequest, detail);
}

using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// What is kept of an attempt for operators: enough to talk with the receiver, and nothing by which somebody could sign or get in. Of the
/// address only what stands before its query, which may hold a token.
/// </summary>
internal static partial class AttemptText
{
    /// <summary>Of an answer's body, in bytes.</summary>
    internal const int Most = 2048;

    private const string Hidden = "***";

    /// <summary>For the body of an answer whose status is known already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static string Of(HttpRequestMessage request)
    {
        var text = new StringBuilder().Append(request.Method).Append(' ').Append(request.RequestUri?.GetLeftPart(UriPartial.Path));
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
        {
            var value = string.Join(", ", values);
            text.Append('\n').Append(name.ToLowerInvariant()).Append(": ").Append(name == WebhookSignature.SignatureHeader ? Signature().Replace(value, "$1," + Hidden) : value);
        }
        return text.ToString();
    }

    /// <summary>The beginning of a body that says it is text; what can't be read in time is left out.</summary>
    public static async Task<string?> OfAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength == 0 || response.Content.Headers.ContentType?.MediaType is not { } type || !IsText(type)) return null;
        using var patience = new CancellationTokenSource(Patience, clock);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        var bytes = new byte[Most];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(late.Token);
            for (int read; length < Most && (read = await body.ReadAsync(bytes.AsMemory(length), late.Token)) > 0;) length += read;
        }
        catch (Exception cut) when (cut is OperationCanceledException or IOException or HttpRequestException)
        {
            // The status is what counts. What came of the body is kept.
        }
        return length == 0 ? null : Redacted(Encoding.UTF8.GetString(bytes, 0, length) + (length == Most ? "…" : ""));
    }

    internal static string Redacted(string text) => Bare().Replace(Named().Replace(text, "$1" + Hidden), Hidden);

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || type.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("xml", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("(v1a?),[A-Za-z0-9+/=]+")]
    private static partial Regex Signature();

    /// <summary>Members, headers and parameters that are called after a secret, up to the end of their value.</summary>
    [GeneratedRegex("""((?:password|passwd|secret|token|api[-_]?key|authorization|cookie|credential)[a-z_-]*"?\s*[:=]\s*"?)(?:(?<=")(?:[^"\\]|\\.)*|(?:bearer\s+|basic\s+)?[^"\s,;&}]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    /// <summary>What looks like a secret wherever it stands: signing secrets, JWTs, bearer tokens, long keys.</summary>
    [GeneratedRegex("""\bwhs(?:ec|k)_[A-Za-z0-9+/=]+|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?<=\bbearer\s)[A-Za-z0-9._~+/-]+=*|\bsk_(?:live|test)_[A-Za-z0-9]+""", RegexOptions.IgnoreCase)]
    private static partial Regex Bare();
}

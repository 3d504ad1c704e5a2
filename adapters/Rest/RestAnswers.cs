using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Adapters.Rest;

/// <summary>
/// What an answer means. An error in the API's own words says whose fault it is; anything else came from somebody before it, who may speak after the
/// work was done.
/// <list type="table">
/// <item><term>2xx with JSON</term><description>Done; without, Unusable</description></item>
/// <item><term>rules</term><description>Refused on changes, in the system's words if they tell nothing of its inside; Unusable on reads</description></item>
/// <item><term>our input</term><description>Malformed: operators hear of it</description></item>
/// <item><term>missing</term><description>NotFound on reads, Refused on changes</description></item>
/// <item><term>our credential or account</term><description>NotSent</description></item>
/// <item><term>busy, closed; 429 of anybody</term><description>NotSent, to be left alone (RFC 6585 section 4, RFC 9110 section 10.2.3)</description></item>
/// <item><term>its own failure</term><description>Unknown on changes; Unusable on reads, which are sent again; counts for the circuit</description></item>
/// <item><term>a failure of somebody behind it</term><description>the same, but does not count</description></item>
/// <item><term>no words of the API's, 3xx and 4xx</term><description>Unknown on changes, NotSent on reads</description></item>
/// <item><term>no words of the API's, 5xx</term><description>Unknown on changes, Unusable on reads; counts for the circuit</description></item>
/// </list>
/// </summary>
internal static partial class RestAnswers
{
    private const int MaxReason = 600;
    private const int MaxShown = 300;
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    /// <param name="media">Media type of the answer, without parameters; null without one.</param>
    /// <param name="retryAfter">The answer's Retry-After; null without one.</param>
    public static RestReply Read(RestDialect dialect, Effect effect, int status, string? media, byte[] body, TimeSpan? retryAfter)
    {
        var json = IsJson(media) ? Parse(body) : null;
        if (status is >= 200 and < 300)
            return json is { } value ? new RestReply(OperationStatus.Done) { Value = value } : RestReply.Unusable($"{status} with {Describe(media, body)}");
        return json is { } error && dialect.FaultOf(status, error) is { } fault
            ? Of(fault, effect, status, retryAfter)
            : ByStatus(effect, status, $"{status} with {Describe(media, body)}", retryAfter);
    }

    private static RestReply Of(RestFault fault, Effect effect, int status, TimeSpan? retryAfter)
    {
        var reason = Cut($"{status} {fault.Code}: {fault.Message}");
        var changes = effect == Effect.Changes;
        return fault.Kind switch
        {
            FaultKind.Rules => changes ? RestReply.Refused(Shown(fault.Message), reason) : RestReply.Unusable(reason),
            FaultKind.Input => RestReply.Malformed(reason),
            FaultKind.Known => changes ? new RestReply(OperationStatus.Taken) { Reason = reason } : RestReply.Unusable(reason),
            FaultKind.Missing => changes ? RestReply.Refused("", reason) : RestReply.NotFound("There is no such object.", reason),
            FaultKind.Access => RestReply.NotSent($"the gateway's credential, rights or account are refused: {reason}") with { Away = status == 401 },
            FaultKind.Busy => RestReply.NotSent(reason, retryAfter ?? SoonAgain) with { Busy = true, BackendFault = status >= 500 },
            _ => Broken(effect, reason) with { BackendFault = fault.Kind == FaultKind.Own },
        };
    }

    private static RestReply ByStatus(Effect effect, int status, string reason, TimeSpan? retryAfter)
    {
        if (status == 429) return RestReply.NotSent(reason, retryAfter ?? SoonAgain) with { Busy = true };
        if (status is < 500 and not 408) return effect == Effect.Changes ? new RestReply(OperationStatus.Unknown) { Reason = reason } : RestReply.NotSent(reason);
        var busy = status == 503 && retryAfter is not null;
        var reply = Broken(effect, reason) with { BackendFault = true, RetryAfter = retryAfter, Busy = busy };
        return busy ? reply with { Transient = false } : reply;
    }

    /// <summary>It broke on its way: a change may have been made, a read is worth another try.</summary>
    private static RestReply Broken(Effect effect, string reason) =>
        effect == Effect.Changes ? new RestReply(OperationStatus.Unknown) { Reason = reason } : RestReply.Unusable(reason) with { Transient = true };

    /// <summary>First characters of a text, for the log.</summary>
    public static string Cut(string text) => text.Length > MaxReason ? text[..MaxReason] + "…" : text;

    /// <summary>A refusal's words, if they are fit for callers; else empty.</summary>
    private static string Shown(string message) => message.Length is > 0 and <= MaxShown && !Inside.IsIn(message) && !Machine().IsMatch(message) ? message : "";

    /// <summary>Who says such things may say more of its machine than is known here: then nothing of it is shown.</summary>
    [GeneratedRegex("""
        ://|\b(refused|reset\ by|timed\ out)\b|\b(passw(or)?d|secret)\s*=|[\r\n]|Traceback|Exception|\bat\ \w+\.\w+
        |\b(SELECT|INSERT|UPDATE|DELETE)\b.*\b(FROM|INTO|SET)\b|\b[A-Za-z0-9_-]{32,}\b
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Machine();

    private static bool IsJson(string? media) =>
        media is not null && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Describe(string? media, byte[] body) => $"{body.Length} bytes of {media ?? "nothing"}";
}

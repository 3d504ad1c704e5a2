using System.Buffers;
using System.Diagnostics;

namespace Gateway.Pipeline;

/// <summary>The id that ties an answer, its log lines, events and audit together: the caller's, if it is a harmless one, else the trace id.</summary>
internal static class CorrelationId
{
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Harmless = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public static string Of(HttpContext http) =>
        http.Request.Headers[Answers.CorrelationHeader] is [{ Length: > 0 and <= MaxLength } given] && !given.AsSpan().ContainsAnyExcept(Harmless)
            ? given
            : Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
}

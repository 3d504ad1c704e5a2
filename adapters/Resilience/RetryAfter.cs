namespace Gateway.Adapters.Resilience;

/// <summary>When somebody may be asked again.</summary>
internal static class RetryAfter
{
    /// <summary>From the header, as seconds or as a date (RFC 9110 section 10.2.3); null without one. Never negative.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider clock) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}

using System.Net;

namespace Gateway.Pipeline.Backends;

/// <summary>Forwarded requests at the gate of their backend.</summary>
internal static class GatedForward
{
    public const string Busy = "The backend takes no more calls at the moment. Nothing was done; send the request again.";

    public const string Reason = "backend-limit";

    /// <summary>Around the target: waits, forwards, and lets the next one through.</summary>
    public static PolicyStep Step(BackendGate gate) => new(Phase.Target, (exchange, next) => RunAsync(exchange, next, gate));

    /// <summary>How long a backend is left alone that says 429 and not until when.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>Whether the backend asks to be left alone. That is about the gateway, so the caller gets a 503 of the gateway's, with the backend's Retry-After.</summary>
    public static bool IsBusy(BackendGate gate, HttpResponseMessage answer, Exchange exchange)
    {
        if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || PauseOf(answer, exchange.Clock) is not { } pause) return false;
        gate.Close(pause);
        exchange.Refusal = new Refusal(Failure.BackendUnavailable, "The backend takes no more calls at the moment. Send the request again.")
        {
            RetryAfter = gate.Closed ?? pause,
            Reason = $"the backend answered {(int)answer.StatusCode}, to be left alone for {pause.TotalSeconds:0} s",
        };
        return true;
    }

    private static async ValueTask RunAsync(Exchange exchange, ExchangeDelegate next, BackendGate gate)
    {
        if (await gate.EnterAsync(exchange.Tenant, 1, goesFirst: false, exchange.Aborted) is { } again)
        {
            exchange.Refusal = Refused(again);
            return;
        }
        try
        {
            await next(exchange);
        }
        finally
        {
            gate.Leave();
        }
    }

    private static Refusal Refused(TimeSpan again) => new(Failure.BackendUnavailable, Busy) { Reason = Reason, RetryAfter = again };

    /// <summary>Seconds, or a date (RFC 9110 section 10.2.3). A 503 without either may have any reason, and is no wish to be left alone.</summary>
    private static TimeSpan? PauseOf(HttpResponseMessage answer, TimeProvider clock) => answer.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } at } when at > clock.GetUtcNow() => at - clock.GetUtcNow(),
        _ => answer.StatusCode == HttpStatusCode.TooManyRequests ? ShortestPause : null,
    };
}

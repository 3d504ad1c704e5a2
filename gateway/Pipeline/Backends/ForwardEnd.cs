using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline.Backends;

/// <summary>How one attempt to forward a request ended, for circuit and retries.</summary>
/// <param name="IsFault">
/// The destination's own failure: no connection, no answer in time, an answer that broke off, or 502, 503 and 504. A 500 may be about this one request.
/// </param>
/// <param name="MayGoAgain">Nothing of an answer has reached the caller, and the backend does not ask to be left alone.</param>
internal sealed record ForwardEnd(bool IsFault, bool MayGoAgain)
{
    public static readonly ForwardEnd Fine = new(false, false);

    /// <summary>Whether a status is a failure of the destination itself.</summary>
    public static bool IsBad(int status) => status is 502 or 503 or 504;

    public static ForwardEnd Of(HttpContext http)
    {
        var response = http.Response;
        var fault = http.GetForwarderErrorFeature() is { } error ? IsOfDestination(error.Error) : IsBad(response.StatusCode);
        return fault ? new ForwardEnd(true, !response.HasStarted && response.Headers.RetryAfter.Count == 0) : Fine;
    }

    private static bool IsOfDestination(ForwarderError error) => error is ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.ResponseHeaders
        or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination or ForwarderError.ResponseBodyCanceled
        or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination;
}

using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline;

/// <summary>How a backend's failure looks to the caller.</summary>
internal static class Refusals
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    public static Refusal Of(OperationResult result)
    {
        var refusal = new Refusal(FailureOf(result.Status), result.Detail.Length > 0 ? result.Detail : DetailOf(result.Status))
        {
            Reason = result.Reason ?? result.Status.ToString(),
            Final = result.Status == OperationStatus.Refused,
            Findings = result.Findings,
        };
        return refusal.Failure is Failure.BackendUnavailable or Failure.DeadlineExceeded or Failure.OutcomeUnknown
            ? refusal with { RetryAfter = result.RetryAfter ?? SoonAgain }
            : refusal;
    }

    /// <summary>The server stopped reading the body.</summary>
    public static Refusal Of(BadHttpRequestException broken) => new(FailureOf(broken), FailureOf(broken) switch
    {
        Failure.BodyTooLarge => "The body is longer than this route takes.",
        Failure.RequestTooSlow => "The body came too slowly.",
        _ => "The request could not be read to its end.",
    })
    {
        Closes = true,
    };

    public static Refusal Of(IForwarderErrorFeature error, bool hungUp)
    {
        if (BrokenOf(error.Exception) is { } broken && (!hungUp || FailureOf(broken) == Failure.BodyTooLarge)) return Of(broken) with { Reason = $"{error.Error}: {broken.StatusCode}" };
        var failure = FailureOf(error, hungUp);
        var refusal = new Refusal(failure, failure switch
        {
            Failure.MalformedRequest => "The request could not be read to its end.",
            Failure.DeadlineExceeded => "The backend did not answer in time. Whether it did what was asked is not known.",
            _ => "The backend could not be reached, or broke off.",
        })
        {
            Reason = $"{error.Error}: {error.Exception?.GetType().Name}",
        };
        return failure is Failure.MalformedRequest ? refusal with { Closes = true } : refusal with { RetryAfter = SoonAgain };
    }

    /// <summary>The gateway can't sign in at the backend, so nothing was sent.</summary>
    public static Refusal OfCredential(string trouble, TimeSpan? retryAfter) => new(Failure.BackendUnavailable, DetailOf(OperationStatus.NotSent))
    {
        Reason = trouble,
        RetryAfter = retryAfter ?? SoonAgain,
    };

    /// <summary>A forwarded backend's status that is its own trouble, or ours with it, and not the caller's; null for all others.</summary>
    public static Refusal? Of(int backendStatus) => !PlanTarget.Forward.StaysInside(backendStatus) ? null : backendStatus switch
    {
        504 => Troubled(backendStatus, Failure.DeadlineExceeded),
        500 or 501 or 502 or > 504 => Troubled(backendStatus, Failure.BackendUnusable),
        _ => Troubled(backendStatus, Failure.BackendUnavailable),
    };

    private static Refusal Troubled(int status, Failure failure) => new(failure, "The backend failed. The gateway's operators know.")
    {
        Reason = $"the backend answered {status}",
        RetryAfter = SoonAgain,
    };

    private static Failure FailureOf(IForwarderErrorFeature error, bool hungUp) => error.Error switch
    {
        _ when hungUp => Failure.MalformedRequest,
        ForwarderError.ResponseBodyCanceled => Failure.DeadlineExceeded,
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => Failure.DeadlineExceeded,
        ForwarderError.Request or ForwarderError.NoAvailableDestinations or ForwarderError.RequestCreation => Failure.BackendUnavailable,
        ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled or ForwarderError.RequestCanceled => Failure.MalformedRequest,
        _ => Failure.BackendUnusable,
    };

    private static Failure FailureOf(BadHttpRequestException broken) => broken.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => Failure.BodyTooLarge,
        StatusCodes.Status408RequestTimeout => Failure.RequestTooSlow,
        _ => Failure.MalformedRequest,
    };

    /// <summary>The server stops reading at the route's limit; YARP puts that beside what then went wrong at the backend.</summary>
    private static BadHttpRequestException? BrokenOf(Exception? cause) => cause switch
    {
        BadHttpRequestException broken => broken,
        AggregateException several => several.InnerExceptions.Select(BrokenOf).FirstOrDefault(b => b is not null),
        _ => cause?.InnerException is { } inner ? BrokenOf(inner) : null,
    };

    private static Failure FailureOf(OperationStatus status) => status switch
    {
        OperationStatus.NotFound => Failure.NotFound,
        OperationStatus.Refused => Failure.BusinessRefused,
        OperationStatus.NotSent => Failure.BackendUnavailable,
        OperationStatus.Malformed => Failure.Internal,
        OperationStatus.TimedOut => Failure.DeadlineExceeded,
        OperationStatus.Taken => Failure.ReferenceConflict,
        _ => Failure.BackendUnusable,
    };

    private static string DetailOf(OperationStatus status) => status switch
    {
        OperationStatus.NotFound => "There is no such object.",
        OperationStatus.Taken => "This reference belongs to an object that has other content. Use a new reference for a new one.",
        OperationStatus.Malformed => "The request could not be prepared for the backend. The gateway's operators know.",
        OperationStatus.NotSent => "The backend is not available. Nothing was done; send the request again.",
        OperationStatus.TimedOut => "The backend did not answer in time. Send the same request with the same Idempotency-Key to learn what became of it.",
        _ => "The backend's answer could not be used. Send the same request with the same Idempotency-Key to learn what became of it.",
    };
}

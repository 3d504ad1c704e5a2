namespace Gateway.Policies.Authenticate;

/// <summary>
/// One way in, as a policy's options say it. What it means is told here: to callers, to who reads <c>explain</c>, and, opened, to the road.
/// <see cref="AuthenticateOptions.Ways"/> lists the ways there are.
/// </summary>
public abstract record WayOptions
{
    /// <summary>What a 401 says of it (RFC 9110 section 11.6.1): <c>Bearer realm="gateway"</c>.</summary>
    internal abstract string Challenge { get; }

    /// <summary>Whether it judges the bytes of the body, which are then read before anybody knows who calls.</summary>
    internal virtual bool NeedsBytes => false;

    /// <summary>Credentials that callers may come with, each enough by itself.</summary>
    internal abstract IEnumerable<SurfaceCredential> Credentials(PolicyScope scope);

    /// <summary>Headers of requests that carry such credentials: no backend sees them, whichever route they are sent to.</summary>
    public abstract IEnumerable<string> Headers { get; }

    /// <summary>How a caller may be refused, beside 401.</summary>
    internal virtual IEnumerable<Failure> Failures => [];

    /// <summary>In a few words: <c>an API key in X-Api-Key</c>.</summary>
    /// <param name="consumer">Who calls; null where nobody in particular does.</param>
    internal abstract string Explain(Consumer? consumer);

    /// <summary>Opened for a route; what is wrong is reported to the scope.</summary>
    internal abstract WayIn Open(PolicyScope scope);
}

/// <summary>One way in, ready to judge: it knows its credentials on a request, and whose they are.</summary>
internal abstract class WayIn
{
    /// <summary>Credentials of this kind are on the request, good or not.</summary>
    public abstract bool IsPresented(Exchange exchange);

    /// <summary>Whose the credentials are. Called only where they are presented.</summary>
    public abstract ValueTask<Verdict> JudgeAsync(Exchange exchange);

    /// <summary>The name of the consumer whose the credentials say they are, true or not, found without work worth sparing; null when they don't say.</summary>
    public virtual string? ClaimedBy(Exchange exchange) => null;

    /// <summary>Takes the credentials off the request, so that no backend ever sees them.</summary>
    public abstract void TakeOff(Exchange exchange);
}

/// <summary>What came of credentials: a consumer, or why there is none.</summary>
internal readonly record struct Verdict
{
    /// <summary>Who calls; null where they are refused.</summary>
    public Consumer? Consumer { get; private init; }

    /// <summary>Why not, for the caller: it tells nothing that an attacker could use.</summary>
    public string Detail { get; private init; }

    /// <summary>Why not, for the operator: a reason code.</summary>
    public string Reason { get; private init; }

    /// <summary>The <c>error</c> that the way's challenge carries (RFC 6750 section 3.1); null for none.</summary>
    public string? Error { get; init; }

    /// <summary>Who could tell can't be asked: nobody knows whether the credentials are good.</summary>
    public bool Unavailable { get; init; }

    public static Verdict Admit(Consumer consumer) => new() { Consumer = consumer };

    public static Verdict Refuse(string reason, string detail) => new() { Reason = reason, Detail = detail };

    public static implicit operator ValueTask<Verdict>(Verdict verdict) => new(verdict);
}

using Gateway.Policies.Authenticate;

namespace Gateway.Pipeline.Hooks;

/// <summary>Who has sent too many webhooks or hints that prove nothing is not listened to for a while, as on routes (<c>governance.failedAttempts</c>).</summary>
public sealed class HookBrake(TimeProvider clock)
{
    private FailedAddresses? _failed;

    /// <summary>Why nothing of a request is read; null where it is.</summary>
    public Refusal? Stop(HttpContext http, Plan plan) => Failed(plan).Wait(http.Connection.RemoteIpAddress) is not { } wait ? null
        : new Refusal(Failure.TooManyRequests, "Too many webhooks that nobody has signed.") { Reason = "failed-attempts", RetryAfter = wait, ViolatedPolicies = ["failed-attempts"] };

    /// <summary>Counts a request that was refused, where it proved nothing.</summary>
    public void Note(HttpContext http, Plan plan, Refusal? refusal)
    {
        if (refusal?.Failure == Failure.Unauthenticated) Failed(plan).Note(http.Connection.RemoteIpAddress);
    }

    /// <summary>The counts outlive reloads that leave the limits as they are.</summary>
    private FailedAddresses Failed(Plan plan) =>
        _failed is { } kept && kept.Limits == plan.FailedAttempts ? kept : _failed = new FailedAddresses(plan.FailedAttempts, clock);
}

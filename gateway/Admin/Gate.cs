using System.Net;
using System.Threading.RateLimiting;
using Gateway.Pipeline;
using Gateway.Policies.RateLimit;

namespace Gateway.Admin;

/// <summary>
/// The gate of the admin port: finds out who asks, and whether they may. Who is refused learns nothing; the log tells the reason. Addresses
/// that fail too often wait, all but those who bring an operator's own token: it is looked up, and can't be guessed.
/// </summary>
internal sealed partial class Gate(CurrentPlan plans, TimeProvider clock, ILogger<Gate> log)
{
    private const string Challenge = "Bearer realm=\"gateway-admin\"";

    private const int FailuresPerWindow = 20;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Whoever is on this machine, where no operators are declared.</summary>
    private static readonly Operator Neighbour = new("-") { Roles = new HashSet<Role> { Role.Viewer } };

    /// <summary>By the network of IPv6. Who brings no credentials is counted apart: a probe without a token must not keep out an operator behind the same address.</summary>
    private readonly PartitionedRateLimiter<(UInt128 Address, bool Presented)> _failures = PartitionedRateLimiter.Create<(UInt128, bool), (UInt128, bool)>(
        caller => RateLimitPartition.Get(caller, _ => new TokenBucket(FailuresPerWindow, Window, clock)));

    /// <summary>Who asks, if they have a role; else the refusal.</summary>
    public async ValueTask<(Operator? Operator, Refusal? Refusal)> AdmitAsync(HttpContext http, Role role)
    {
        var (known, refusal) = await KnowAsync(http);
        if (refusal is null && !known!.May(role)) refusal = Lacks(known, role);
        // Whose many failures are told already is not told again.
        if (refusal is { Failure: not Failure.TooManyRequests }) Refused(refusal.Reason, known?.Name, http.Request.Method, http.Request.Path, http.Connection.RemoteIpAddress);
        return (known, refusal);
    }

    /// <summary>Whether they may look, for what has something to tell strangers as well.</summary>
    public async ValueTask<bool> IsViewerAsync(HttpContext http) => plans.Current.Admin.Operators.Count == 0
        ? IsNeighbour(http)
        : http.Request.Headers.Authorization.Count > 0 && await AdmitAsync(http, Role.Viewer) is { Refusal: null };

    /// <summary>Whether they may scrape; else the refusal.</summary>
    public async ValueTask<Refusal?> AdmitScraperAsync(HttpContext http) => plans.Current.Admin.Metrics switch
    {
        MetricsAccess.Open => null,
        MetricsAccess.Loopback when IsNeighbour(http) => null,
        _ => (await AdmitAsync(http, Role.Viewer)).Refusal,
    };

    private async ValueTask<(Operator? Operator, Refusal? Refusal)> KnowAsync(HttpContext http)
    {
        var (access, address) = (plans.Current.Admin, CallerAddress.Of(http.Connection.RemoteIpAddress));
        if (access.Operators.Count == 0 && IsNeighbour(http)) return (Neighbour, null);
        var verdict = await access.Judge(http, askIssuers: _failures.GetStatistics((address, true))!.CurrentAvailablePermits > 0);
        if (verdict.Operator is { } known) return (known, null);
        if (verdict.Unavailable)
            return (null, new Refusal(Failure.IssuerUnavailable, "The token can't be checked at the moment.") { Reason = verdict.Reason, RetryAfter = TimeSpan.FromSeconds(5) });
        using var failure = _failures.AttemptAcquire((address, verdict.Presented));
        return (null, failure is TokenBucket.Lease { IsAcquired: false } full
            ? new Refusal(Failure.TooManyRequests, "Too many failed attempts from this address.") { Reason = verdict.Reason, RetryAfter = full.RetryAfter, ViolatedPolicies = ["failed-attempts"] }
            : new Refusal(Failure.Unauthenticated, "A valid operator's token is needed, in the Authorization header.")
            {
                Reason = verdict.Reason,
                Challenge = verdict.Presented ? $"{Challenge}, error=\"invalid_token\"" : Challenge,
            });
    }

    private static Refusal Lacks(Operator known, Role role)
    {
        var word = role.ToString().ToLowerInvariant();
        return known == Neighbour
            ? new Refusal(Failure.InsufficientScope, $"The role {word} is needed, and no operators are declared: add operators: to the workspace.") { Reason = "no-operators" }
            : new Refusal(Failure.InsufficientScope, $"The role {word} is needed, and {known.Name} does not have it.") { Reason = "role-missing" };
    }

    /// <summary>
    /// A caller on this machine that asked for it by a name of this machine: what a proxy passes on comes from elsewhere, and so does what a
    /// page makes a browser ask for under a name that was turned to this machine (DNS rebinding).
    /// </summary>
    private static bool IsNeighbour(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !http.Request.Headers.ContainsKey("Forwarded") && !http.Request.Headers.ContainsKey("X-Forwarded-For")
        && IsNameOfLoopback(http.Request.Host.Host);

    private static bool IsNameOfLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    [LoggerMessage(1, LogLevel.Warning, "The admin port refused {Operator} at {Address}: {Reason} ({Method} {Path})")]
    private partial void Refused(string? reason, string? @operator, string method, string path, IPAddress? address);
}

using System.Net;
using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.AspNetCore.RateLimiting;

namespace Gateway.Pipeline;

/// <summary>
/// The safety net before authentication: so many requests a second from one address, generous, so that bad keys and floods cost
/// nothing behind it (<c>governance.requestsPerSecondPerAddress</c>).
/// </summary>
internal static class AddressLimit
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static void Configure(RateLimiterOptions options, CurrentPlan plans, TimeProvider clock)
    {
        Func<(IPAddress Address, int Limit), TokenBucket> full = caller => new TokenBucket(caller.Limit, Second, clock);
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (IPAddress Address, int Limit)>(http =>
            RateLimitPartition.Get((http.Connection.RemoteIpAddress ?? IPAddress.None, plans.Current.RequestsPerSecondPerAddress), full));
        options.OnRejected = async (rejected, _) => await Problems.WriteAsync(
            rejected.HttpContext,
            new Refusal(Failure.TooManyRequests, "Too many requests from this address.") { RetryAfter = Second, ViolatedPolicies = ["address"] });
    }
}

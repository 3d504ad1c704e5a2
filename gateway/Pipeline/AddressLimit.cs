using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.AspNetCore.RateLimiting;

namespace Gateway.Pipeline;

/// <summary>
/// The safety net before authentication: so many requests a second from one address, generous, so that bad keys and floods cost
/// nothing behind it.
/// </summary>
internal static class AddressLimit
{
    private const int PerSecond = 5_000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static void Configure(RateLimiterOptions options)
    {
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, System.Net.IPAddress>(http => RateLimitPartition.Get(
            http.Connection.RemoteIpAddress ?? System.Net.IPAddress.None,
            _ => new TokenBucket(PerSecond, Second, http.RequestServices.GetRequiredService<TimeProvider>())));
        options.OnRejected = async (rejected, _) => await Problems.WriteAsync(
            rejected.HttpContext,
            new Refusal(Failure.TooManyRequests, "Too many requests from this address.") { RetryAfter = Second, ViolatedPolicies = ["address"] });
    }
}

using System.Net;
using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.AspNetCore.RateLimiting;

namespace Gateway.Pipeline;

/// <summary>
/// The net before everything, on both ports: so many requests a second from one address, generous, so that bad keys and floods cost nothing
/// behind it (<c>governance.addressLimit</c>). The address is the one that declared proxies tell, where they are before the port.
/// </summary>
internal static class AddressLimit
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static void Configure(RateLimiterOptions options, CurrentPlan plans, TimeProvider clock, AddressRefusals refusals)
    {
        Func<(UInt128 Address, int Limit), TokenBucket> full = caller => new TokenBucket(caller.Limit, Second, clock);
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (UInt128 Address, int Limit)>(http =>
        {
            var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
            return plans.Current.AddressLimits.Of(address) is { } limit
                ? RateLimitPartition.Get((CallerAddress.Of(address), limit), full)
                : RateLimitPartition.GetNoLimiter((default(UInt128), 0));
        });
        options.OnRejected = async (rejected, _) =>
        {
            refusals.Note();
            await Problems.WriteAsync(
                rejected.HttpContext,
                new Refusal(Failure.TooManyRequests, "Too many requests from this address.") { RetryAfter = Second, ViolatedPolicies = ["address"] });
        };
    }
}

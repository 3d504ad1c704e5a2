using System.Net;
using System.Threading.RateLimiting;
using Gateway.Policies.RateLimit;
using Microsoft.AspNetCore.RateLimiting;

namespace Gateway.Pipeline;

/// <summary>
/// The net before everything, on both ports: so many requests a second from one address, generous, so that bad keys and floods cost nothing
/// behind it (<c>governance.addressLimit</c>). The address is the one that declared proxies tell, where they are before the port.
/// </summary>
/// <remarks>
/// The framework's middleware never disposes the limiter it makes for endpoints, whose timer then holds the middleware and all that comes after
/// it for as long as the process lives. What it holds of us is cut off as the host ends: the rest of the road, the Plans and their listeners.
/// </remarks>
internal sealed class AddressLimit(CurrentPlan plans, TimeProvider clock, AddressRefusals refusals) : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Held? _held = new(plans, refusals);
    private PartitionedRateLimiter<HttpContext>? _limiter;

    /// <summary>The net, and behind it the rest of the road.</summary>
    public static void Stretch(IApplicationBuilder app)
    {
        app.UseRateLimiter();
        app.Use(app.ApplicationServices.GetRequiredService<AddressLimit>().Then);
    }

    public void Configure(RateLimiterOptions options)
    {
        Func<(UInt128 Address, int Limit), TokenBucket> full = caller => new TokenBucket(caller.Limit, Second, clock);
        options.GlobalLimiter = _limiter = PartitionedRateLimiter.Create<HttpContext, (UInt128 Address, int Limit)>(http =>
        {
            var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
            return _held?.Plans.Current.AddressLimits.Of(address) is { } limit
                ? RateLimitPartition.Get((CallerAddress.Of(address), limit), full)
                : RateLimitPartition.GetNoLimiter((default(UInt128), 0));
        });
        options.OnRejected = async (rejected, _) =>
        {
            _held?.Refusals.Note();
            await Problems.WriteAsync(
                rejected.HttpContext,
                new Refusal(Failure.TooManyRequests, "Too many requests from this address.") { RetryAfter = Second, ViolatedPolicies = ["address"] });
        };
    }

    public void Dispose()
    {
        _held = null;
        _limiter?.Dispose();
    }

    private RequestDelegate Then(RequestDelegate next)
    {
        _held?.Next = next;
        return http => _held is { Next: { } rest } ? rest(http) : Task.CompletedTask;
    }

    /// <summary>What ends with the host.</summary>
    private sealed record Held(CurrentPlan Plans, AddressRefusals Refusals)
    {
        public RequestDelegate? Next { get; set; }
    }
}

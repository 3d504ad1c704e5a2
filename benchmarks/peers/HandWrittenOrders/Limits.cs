using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;

namespace HandWrittenOrders;

/// <summary>A generous net per address, and a token bucket per client.</summary>
internal static class Limits
{
    public const int Quota = 10_000_000;
    public const int Seconds = 60;

    private const int PerAddressAndSecond = 50_000;

    public static string Policy { get; } = string.Create(CultureInfo.InvariantCulture, $"\"orders\";q={Quota};w={Seconds}");

    public static PartitionedRateLimiter<HttpContext> PerAddress() => PartitionedRateLimiter.Create<HttpContext, string>(http =>
        Bucket(http.Connection.RemoteIpAddress?.ToString() ?? "-", PerAddressAndSecond, TimeSpan.FromSeconds(1)));

    public static PartitionedRateLimiter<HttpContext> PerClient() => PartitionedRateLimiter.Create<HttpContext, string>(http =>
        Bucket(http.User.FindFirstValue("azp") ?? "-", Quota, TimeSpan.FromSeconds(Seconds)));

    private static RateLimitPartition<string> Bucket(string key, int tokens, TimeSpan window) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = tokens,
        TokensPerPeriod = tokens,
        ReplenishmentPeriod = window,
        QueueLimit = 0,
    });
}

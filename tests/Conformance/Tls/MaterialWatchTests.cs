using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>What operators are told of certificates before they end.</summary>
public sealed class MaterialWatchTests
{
    private const string Workspace = """
        tls: { certificates: [{ chain: secret://file/files/tls.crt, key: secret://file/files/tls.key }] }
        apis: { cases: { owner: us, routes: { open: { match: GET /open, public: everybody may, target: { forward: echo } } } } }
        """;

    private const string ExpiresIn = "gateway.certificate.expires_in";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_that_is_about_to_end_is_told_two_weeks_ahead_once_a_day_and_when_it_has_ended()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var world = new TlsWorld();
        world.WriteServer("tls", world.Servers.Issue("localhost", usage: TestAuthority.ForServers, until: clock.GetUtcNow().AddDays(20)));
        await world.StartAsync(Workspace, clock: clock, logLevel: LogLevel.Warning);
        world.Listen();

        await PassAsync(clock, TimeSpan.FromDays(5));
        Assert.DoesNotContain(world.Log, line => line.Contains("ends on", StringComparison.Ordinal));
        Assert.InRange(world.Measured(ExpiresIn)!.Value, TimeSpan.FromDays(14.9).TotalSeconds, TimeSpan.FromDays(15).TotalSeconds);

        await PassAsync(clock, TimeSpan.FromDays(1.5));
        await PassAsync(clock, TimeSpan.FromHours(1));
        Assert.Single(world.Log, line => line.Contains("tls.crt ends on", StringComparison.Ordinal) && line.StartsWith("Warning", StringComparison.Ordinal));

        await PassAsync(clock, TimeSpan.FromDays(1));
        Assert.Equal(2, world.Log.Count(line => line.Contains("ends on", StringComparison.Ordinal)));

        await PassAsync(clock, TimeSpan.FromDays(15));
        Assert.Contains(world.Log, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("it has expired on", StringComparison.Ordinal));
        Assert.InRange(world.Measured(ExpiresIn)!.Value, TimeSpan.FromDays(-3).TotalSeconds, TimeSpan.FromDays(-2).TotalSeconds);
        Assert.Contains("it has expired on", (string?)(await world.ReadyAsync())["certificates"]![0]!["trouble"], StringComparison.Ordinal);
    }

    /// <summary>Time passes, and what waits for it has run.</summary>
    private static async Task PassAsync(FakeTimeProvider clock, TimeSpan time)
    {
        clock.Leap(time);
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(100, Stop);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        await Task.Delay(100, Stop);
    }
}

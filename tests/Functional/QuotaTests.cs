using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>A quota over <c>kill -9</c> and restarts of a real gateway process: never more than the quota, and little less.</summary>
public sealed class QuotaTests
{
    private const int Limit = 400;

    private const string Small = """
        policies:
          month-of-reading: { quota: { limit: 400, per: month } }
        """;

    [Fact]
    public async Task Killed_again_and_again_a_gateway_lets_no_more_through_than_the_quota_and_little_less()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, Small);
        Count(workspace);
        var random = new Random(4711);
        var (passed, kills) = (0, 0);

        for (var over = false; !over;)
        {
            var (process, gateway, _) = await ChildProcess.ServeAsync(workspace);
            await using var _ = process;
            using var caller = new Caller(gateway);
            var killed = random.Next(20, 150);
            for (var i = 0; i < killed && !over; i++)
            {
                if (await caller.GetAsync("/v1/usage-test") is { Status: 429 }) over = true;
                else passed++;
            }
            if (!over) kills++;
            await process.KillAsync();
        }

        Assert.InRange(kills, 2, 40);
        // A block is a 64th of what is left, one at least: the first is 6 of 400.
        Assert.InRange(passed, Limit - 6 * kills, Limit);
    }

    [Fact]
    public async Task A_gateway_that_is_stopped_gives_back_what_it_did_not_use()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, Small);
        Count(workspace);
        var passed = 0;

        for (var round = 0; round < 3; round++)
        {
            var (process, gateway, _) = await ChildProcess.ServeAsync(workspace);
            await using var _ = process;
            using var caller = new Caller(gateway);
            for (var i = 0; i < 50; i++, passed++) Assert.NotEqual(429, (await caller.GetAsync("/v1/usage-test")).Status);
            await process.StopAsync();
        }
        var (last, url, admin) = await ChildProcess.ServeAsync(workspace);
        await using var __ = last;
        using var looking = new Caller(url);
        using var desk = Caller.OfOperator(admin);
        var usage = (await desk.GetAsync("/usage?partner=acme")).Json.AsArray().Single(q => (string?)q!["quota"] == "month-of-reading")!;
        Assert.Equal((passed, Limit - passed), ((int)usage["used"]!, (int)usage["left"]!));

        while (await looking.GetAsync("/v1/usage-test") is not { Status: 429 }) passed++;
        Assert.Equal(Limit, passed);
    }

    /// <summary>A route of its own, so that nothing else uses the quota up.</summary>
    private static void Count(TestWorkspace workspace) => workspace.Write("routes/counted.yaml", """
        apis:
          counted:
            owner: order-desk
            routes:
              counted.read:
                match: GET /v1/usage-test
                policies: [partner-callers, month-of-reading]
                target: { call: gateway/usage }
        """);
}

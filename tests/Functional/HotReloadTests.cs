using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The workspace changes while requests run.</summary>
public sealed class HotReloadTests
{
    private const string Tracking = "routes/tracking.yaml";

    [Fact]
    public async Task A_changed_route_takes_effect_without_a_lost_request()
    {
        await using var world = await World.StartAsync("""
            policies:
              partner-quota: { rateLimit: { limit: 10000000, window: 1m, tiers: { gold: 10000000 } } }
            """);
        var catalogue = world.Workspace.Read("routes/catalogue.yaml").Replace("limit: 30,", "limit: 1000000,", StringComparison.Ordinal);
        world.Workspace.Write("routes/catalogue.yaml", catalogue);
        await Until.Found(async () => (await world.Caller.GetAsync("/v1/items/DESK0005")).Header("RateLimit-Policy").Contains("q=1000000") ? "" : null, "the wider limit");
        using var stop = new CancellationTokenSource();
        var answers = new List<int>[5];
        var traffic = Enumerable.Range(0, 5).Select(lane => Task.Run(async () =>
        {
            answers[lane] = [];
            using var caller = new Caller(world.Gateway.Url);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var answer = lane switch
                {
                    0 => await caller.GetAsync("/v1/tracking/TRK-1001"),
                    1 => await caller.GetAsync("/v1/inventory?item=DESK0005&location=WH"),
                    4 => await caller.GetAsync("/v1/items/DESK0005"),
                    _ => await caller.OrderAsync(Order.Json($"PO-{lane}-{i}"), $"k-{lane}-{i}"),
                };
                answers[lane].Add(answer.Status);
            }
        })).ToList();
        for (var i = 0; i < 10; i++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            // A limit that is another one from here on: requests on their way still count on the one before.
            world.Workspace.Write("routes/catalogue.yaml", catalogue.Replace("window: 10s", $"window: {11 + i}s", StringComparison.Ordinal));
            world.Workspace.Write("routes/more.yaml", More($"/v1/more-{i}"));
            var path = $"/v1/more-{i}/TRK-1001";
            await Until.Found(async () => await world.Caller.GetAsync(path) is { Status: 200 } found ? found : null, $"the route {path}");
        }
        await stop.CancelAsync();
        await Task.WhenAll(traffic);

        Assert.Equal([200], answers[0].Distinct());
        Assert.Equal([200], answers[1].Distinct());
        Assert.Equal([200], answers[4].Distinct());
        Assert.Equal([201], answers[2].Concat(answers[3]).Distinct());
        Assert.Equal(404, (await world.Caller.GetAsync("/v1/more-0/TRK-1001")).Status);
    }

    [Fact]
    public async Task Editing_orders_yaml_takes_effect()
    {
        await using var world = await World.StartAsync();
        Assert.Equal(201, (await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1")).Status);

        world.Workspace.Write("routes/orders.yaml", world.Workspace.Read("routes/orders.yaml").Replace("maxBody: 256KB", "maxBody: 100", StringComparison.Ordinal));

        await Until.Found(async () => await world.Caller.OrderAsync(Order.Json("PO-2"), "k-2") is { Status: 413 } refused ? refused : null, "the smaller limit");
    }

    [Fact]
    public async Task A_broken_file_changes_nothing_and_says_where_it_is_broken()
    {
        await using var world = await World.StartAsync();
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        var before = (await admin.GetAsync("/plan")).Text("revision");
        var whole = world.Workspace.Read(Tracking);

        world.Workspace.Write(Tracking, whole.Replace("partner-quota", "partner-quta", StringComparison.Ordinal));
        var broken = await Until.Found(async () => await admin.GetAsync("/plan") is { } plan && plan.Json["lastAttempt"]!["taken"]!.ToString() == "false" ? plan : null, "the refusal");

        Assert.Equal(before, broken.Text("revision"));
        Assert.Equal(
            "routes/tracking.yaml(24,13): error GW2003: policy 'partner-quta' is not defined; did you mean 'partner-quota'?",
            (string?)Assert.Single(broken.Json["lastAttempt"]!["diagnostics"]!.AsArray()));
        Assert.Equal(200, (await world.Caller.GetAsync("/v1/tracking/TRK-1001")).Status);
        Assert.Contains("refused", (await admin.GetAsync("/readyz")).Text("workspace"));
        Assert.Contains("gateway_reloads_total{otel_scope_name=\"Gateway\",gateway_result=\"refused\"} 1", (await admin.GetAsync("/metrics")).Body);

        world.Workspace.Write(Tracking, whole);
        await Until.Found(async () => await admin.GetAsync("/readyz") is { } ready && ready.Text("workspace") == "ok" ? ready : null, "the recovery");
    }

    [Fact]
    public async Task A_changed_secret_is_taken_over_on_every_road_by_SIGHUP()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "first-key", TestContext.Current.CancellationToken);
            await using var simulated = await Simulated.StartAsync();
            using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
            workspace.Write("partners/globex.yaml", workspace.Read("partners/globex.yaml").Replace("secret://env/GLOBEX_EDI_KEY", $"secret://file{file}", StringComparison.Ordinal));
            var (process, gateway, adminUrl) = await ChildProcess.ServeAsync(workspace);
            await using var serving = process;
            using var admin = Caller.OfOperator(adminUrl);
            var since = (await admin.GetAsync("/plan")).Text("since");
            using var first = new Caller(gateway, "first-key");
            using var second = new Caller(gateway, "second-key");
            Assert.Equal(200, (await first.GetAsync("/v1/tracking/TRK-1004")).Status);

            await File.WriteAllTextAsync(file, "second-key", TestContext.Current.CancellationToken);
            await process.HangUpAsync();

            foreach (var path in new[] { "/v1/items/DESK0005", "/v1/tracking/TRK-1004" })
            {
                await Until.Found(async () => await second.GetAsync(path) is { Status: 200 } taken ? taken : null, $"the new key on {path}");
                Assert.Equal(401, (await first.GetAsync(path)).Status);
            }
            // The revision is the same, and so it runs since then.
            Assert.Equal(since, (await admin.GetAsync("/plan")).Text("since"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>What the files say at start holds, unless the command line says otherwise; each mode takes over no more than it should.</summary>
    [Theory]
    [InlineData("off", null, false, false)]
    [InlineData("signal", null, false, true)]
    [InlineData("off", "on", true, true)]
    [InlineData("on", "off", false, false)]
    public async Task What_is_taken_over_is_what_the_mode_says(string governance, string? option, bool byFiles, bool bySignal)
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, governance: $", reload: {governance}");
        var (process, gateway, adminUrl) = await ChildProcess.ServeAsync(workspace, option is null ? [] : ["--reload", option]);
        await using var serving = process;
        using var caller = new Caller(gateway);
        using var admin = Caller.OfOperator(adminUrl);

        workspace.Write("routes/more.yaml", More("/v1/more"));
        // Longer than the gateway waits until it looks at the files by itself.
        await AssertAsync(byFiles, within: TimeSpan.FromSeconds(7));
        await process.HangUpAsync();
        await AssertAsync(bySignal, within: TimeSpan.FromSeconds(3));
        Assert.Equal(option ?? governance, (await admin.GetAsync("/plan")).Text("reload"));

        async Task AssertAsync(bool isThere, TimeSpan within)
        {
            if (isThere) await Until.Found(async () => (await caller.GetAsync("/v1/more/TRK-1001")).Status == 200 ? "" : null, "the route to be there");
            else await Task.Delay(within, TestContext.Current.CancellationToken);
            Assert.Equal(isThere ? 200 : 404, (await caller.GetAsync("/v1/more/TRK-1001")).Status);
        }
    }

    [Fact]
    public async Task A_workspace_that_can_not_be_read_is_told_like_a_broken_one()
    {
        await using var world = await World.StartAsync();
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        var entry = world.Workspace.Read("policies.yaml");

        world.Workspace.Delete("policies.yaml");
        var plan = await Until.Found(async () => await admin.GetAsync("/plan") is { } told && told.Json["lastAttempt"]!["trouble"] is not null ? told : null, "the trouble");

        Assert.Contains("there is no policies.yaml", (string?)plan.Json["lastAttempt"]!["trouble"]);
        Assert.Contains("refused", (await admin.GetAsync("/readyz")).Text("workspace"));
        Assert.Contains("gateway_workspace_refused{otel_scope_name=\"Gateway\"} 1", (await admin.GetAsync("/metrics")).Body);
        Assert.Equal(200, (await world.Caller.GetAsync("/v1/tracking/TRK-1001")).Status);

        world.Workspace.Write("policies.yaml", entry);
        await Until.Found(async () => await admin.GetAsync("/readyz") is { } ready && ready.Text("workspace") == "ok" ? ready : null, "the recovery");
        // A scrape is answered from memory for a moment.
        await Until.Found(async () => (await admin.GetAsync("/metrics")).Body.Contains("gateway_workspace_refused{otel_scope_name=\"Gateway\"} 0", StringComparison.Ordinal) ? "" : null, "the gauge");
    }

    [Fact]
    public async Task Counts_of_limits_survive_a_reload()
    {
        await using var world = await World.StartAsync();
        for (var i = 0; i < 20; i++) await world.Caller.GetAsync("/v1/items/DESK0005");

        world.Workspace.Write("routes/more.yaml", More("/v1/more"));
        await Until.Found(async () => await world.Caller.GetAsync("/v1/more/TRK-1001") is { Status: 200 } found ? found : null, "the new route");
        var after = await world.Caller.GetAsync("/v1/items/DESK0005");

        Assert.InRange(int.Parse(after.Header("RateLimit").Split("r=")[1].Split(';')[0]), 0, 25);
    }

    private static string More(string path) => $$"""
        apis:
          more:
            owner: logistics
            routes:
              more.read:
                match: GET {{path}}/{id}
                policies: [partner-callers]
                target: { forward: carrier, path: "/v1/tracking", query: { set: { carrier_code: demo_carrier, tracking_number: TRK-1001 } } }
        """;
}

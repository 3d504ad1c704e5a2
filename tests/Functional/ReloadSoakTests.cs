using System.Runtime.CompilerServices;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Pipeline;
using Gateway.Tests.Functional.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>What a gateway keeps of the Plans that it no longer runs: nothing.</summary>
public sealed class ReloadSoakTests
{
    /// <summary>As many as the longest timeout of the shipped routes and half a minute; the gateway closes a Plan then.</summary>
    private static readonly TimeSpan Retired = TimeSpan.FromSeconds(65);

    /// <summary>Plans that YARP may still be taking over (see PublicEndpoints), and one in passing.</summary>
    private const int AtMostAlive = 9;

    private const long Megabyte = 1 << 20;

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public async Task After_a_thousand_reloads_under_traffic_the_memory_is_back()
    {
        // The simulators live in a process of their own: what is measured here is the gateway.
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, "policies: { partner-quota: { rateLimit: { limit: 1000000, window: 1s, tiers: { gold: 1000000 } } } }");
        var load = new LoadOptions { Environment = "test", Variables = TestWorkspace.Secrets };
        await using var gateway = await GatewayHost.StartAsync(new GatewayOptions
        {
            Workspace = workspace.Root,
            DataDirectory = workspace.Data,
            KeyDirectory = workspace.Keys,
            Urls = "http://127.0.0.1:0",
            AdminUrls = "http://127.0.0.1:0",
            LogLevel = LogLevel.None,
            Reload = ReloadMode.Off,
            Load = load,
        }, TestContext.Current.CancellationToken);
        var plans = gateway.Services.GetRequiredService<CurrentPlan>();
        // Code is compiled, pools and caches are filled: what comes then is what a reload costs for good.
        await ReloadAsync(gateway, plans, workspace, load, 100);
        await Task.Delay(Retired, TestContext.Current.CancellationToken);
        var before = Measure();

        var (seen, answers) = await ReloadAsync(gateway, plans, workspace, load, 1000);
        var during = Measure();
        await Task.Delay(Retired, TestContext.Current.CancellationToken);
        var after = Measure();
        var alive = seen.Count(p => p.TryGetTarget(out _));

        TestContext.Current.SendDiagnosticMessage(
            "1,000 reloads, {0} requests; managed {1:0.0} MB before, {2:0.0} MB right after, {3:0.0} MB in the end; resident {4:0} MB, {5:0} MB, {6:0} MB; {7} of {8} Plans alive",
            answers.Count, before.Managed / (double)Megabyte, during.Managed / (double)Megabyte, after.Managed / (double)Megabyte,
            before.Resident / Megabyte, during.Resident / Megabyte, after.Resident / Megabyte, alive, seen.Count);
        Assert.Equal([200], answers.Distinct());
        Assert.Equal(900, seen.Count);
        Assert.InRange(alive, 0, AtMostAlive);
        Assert.InRange(after.Managed, 0, before.Managed + (4 * Megabyte));
        Assert.InRange(after.Resident, 0, before.Resident + (before.Resident / 4));
    }

    /// <summary>Reloads one after another while requests run; every tenth workspace is broken and must be refused.</summary>
    private static async Task<(List<WeakReference<Plan>> Seen, List<int> Answers)> ReloadAsync(GatewayHost gateway, CurrentPlan plans, TestWorkspace workspace, LoadOptions load, int times)
    {
        using var stop = new CancellationTokenSource();
        var answers = new List<int>();
        var traffic = Task.Run(async () =>
        {
            using var caller = new Caller(gateway.Url);
            while (!stop.IsCancellationRequested)
            {
                foreach (var path in (string[])["/v1/tracking/TRK-1001", "/v1/inventory?item=DESK0005&location=WH"]) answers.Add((await caller.GetAsync(path)).Status);
                await Task.Delay(5, CancellationToken.None);
            }
        });
        var seen = new List<WeakReference<Plan>>();
        for (var i = 0; i < times; i++)
        {
            var broken = i % 10 == 9;
            workspace.Write("routes/more.yaml", $$"""
                apis: { more: { owner: logistics, routes: { more.read: { match: "GET /v1/more-{{i}}/{id}", policies: [{{(broken ? "nothing" : "partner-callers")}}, rateLimit: { limit: {{i + 1}}, window: 1m }], target: { forward: carrier } } } } }
                """);
            var report = await plans.LoadAsync(workspace.Root, load);
            Assert.Equal(!broken, report!.Taken);
            if (!broken) seen.Add(Current(plans));
        }
        await stop.CancelAsync();
        await traffic;
        return (seen, answers);
    }

    /// <summary>In a method of its own: no local of the caller's may keep the Plan.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Plan> Current(CurrentPlan plans) => new(plans.Current);

    private static (long Managed, long Resident) Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}

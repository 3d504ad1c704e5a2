using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;
using Gateway.Tests.Servers;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>From the start of the process to its first answer, and what it holds when nobody calls.</summary>
internal sealed class StartScenario : Scenario
{
    private const string FirstAnswer = "seconds to the first answer";
    private const string CpuToThere = "cpu seconds to there";
    private const string Idle = "resident MB, idle";

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CalmWhenQuick = TimeSpan.FromSeconds(2);

    private const string Whole = "all roles";
    private const string Edge = "edge, with PostgreSQL";

    private static readonly (string Name, int Routes, int Consumers)[] Sizes =
        [(Whole, 10, 10), (Edge, 10, 10), ("all roles, 2,000 routes, 10,000 consumers", 2_000, 10_000)];

    public override string Name => "start";

    public override string Summary => "Process start to the first request that was forwarded and answered with 200, and resident memory five seconds later; the store's file and the key ring are there already.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var database = PostgresqlServer.Missing is null ? stage.Keep(await PostgresqlServer.StartAsync(waitsForDisk: true)) : null;
        if (database is null) report.Notes.Add($"Without the edge: {PostgresqlServer.Missing}.");
        var sizes = Sizes.Where(s => database is not null || s.Name != Edge).ToArray();
        foreach (var (name, routes, consumers) in sizes) Workspaces.Write(stage.Folder(name), routes, consumers, origin.Url);
        if (database is not null)
        {
            var connection = stage.Write("edge-connection", await database.NewDatabaseAsync());
            stage.Write($"{Edge}/routes/state.yaml", $$"""state: { store: postgresql, postgresql: { connection: "secret://file{{connection}}" } }""");
        }
        for (var round = 0; round <= stage.Settings.Rounds; round++)
        {
            foreach (var (name, routes, _) in stage.Settings.Quick ? sizes[..1] : sizes)
            {
                var url = Ports.Free();
                var path = Workspaces.Paths(routes).First();
                // Round 0 makes the store's file and the key ring, and warms the disk.
                await using var server = await Server.StartAsync(Serve(stage, name, url) with { Url = new Uri(url, path), ApiKey = Workspaces.Key(0) }, stage.Stop);
                var cpu = server.Cpu;
                if (round == 0) continue;
                await Task.Delay(stage.Settings.Quick ? CalmWhenQuick : Calm, TimeProvider.System, stage.Stop);
                report.Rounds.Add(new Round(Name, name, round, FirstAnswer, server.StartedIn.TotalSeconds));
                report.Rounds.Add(new Round(Name, name, round, CpuToThere, cpu.TotalSeconds));
                report.Rounds.Add(new Round(Name, name, round, Idle, server.ResidentBytes / 1e6));
            }
        }
        report.Tell(Whole, FirstAnswer, Bar.Max(2.5));
        report.Tell(Whole, CpuToThere);
        report.Tell(Whole, Idle, Bar.Max(220));
        foreach (var (name, _, _) in stage.Settings.Quick ? [] : sizes.Where(s => s.Name != Whole))
        {
            report.Tell(name, FirstAnswer, name == Edge ? Bar.Max(1.2) : null);
            report.Tell(name, CpuToThere);
            report.Tell(name, Idle, name == Edge ? Bar.Max(140) : null);
        }
    }

    private static ProgramStart Serve(Stage stage, string name, Uri url) => ProgramStart.DotNet(name, stage.Settings.Built("Gateway", "gateway"), url,
        "serve", stage.Folder(name), "--urls", url.AbsoluteUri, "--admin-urls", Ports.Free().AbsoluteUri,
        "--data", stage.Folder($"{name}-data"), "--keys", stage.Folder($"{name}-keys"), "--role", name == Edge ? "edge" : "all");
}

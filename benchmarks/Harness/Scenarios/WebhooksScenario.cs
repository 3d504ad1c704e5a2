using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;
using Gateway.Delivery.Storage;
using Gateway.Tests.Servers;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>
/// Signed deliveries a second to 1, 10 and 100 endpoints, of which (from ten on) one takes connections and never answers, from SQLite and from
/// PostgreSQL; beside the same POSTs from memory, unsigned and forgotten.
/// </summary>
internal sealed class WebhooksScenario : Scenario
{
    private const string Deliveries = "deliveries/s";
    private const string Cpu = "cpu µs/delivery";
    private const string Bare = "posts from memory";
    private const string Sqlite = "sqlite";
    private const string Postgresql = "postgresql";
    private const string Token = "benchmark-operator-token-that-is-long-enough-for-anybody-0001";

    /// <summary>At one endpoint at the same time; there are as many lanes of bare posts.</summary>
    private const int Concurrency = 16;

    private static readonly int[] Endpoints = [1, 10, 100];
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"customerReference":"PO-4711","note":"{{new string('x', 960)}}"}""");

    public override string Name => "webhooks";

    public override string Summary =>
        "Events of 1 kB from the log to signed and stored deliveries, all due at the same moment; of 10 and 100 endpoints, one never answers and what it was to get is not counted.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var receiver = await Receiver.StartAsync(stage);
        var database = PostgresqlServer.Missing is null ? stage.Keep(await PostgresqlServer.StartAsync(waitsForDisk: true)) : null;
        if (database is null) report.Notes.Add($"Without PostgreSQL: {PostgresqlServer.Missing}.");
        var each = stage.Settings.Quick ? 500 : 5_000;
        var senders = new List<Sender>();
        foreach (var count in stage.Settings.Quick ? Endpoints[1..2] : Endpoints)
        {
            senders.Add(new Posts(Of(Bare, count), receiver, count, each));
            senders.Add(await Ours.StartAsync(stage, Of(Sqlite, count), receiver, count, each, null));
            if (database is not null) senders.Add(await Ours.StartAsync(stage, Of(Postgresql, count), receiver, count, each, database));
        }
        var turns = new Turns<Sender>(senders);
        for (var round = 0; round <= stage.Settings.Rounds; round++)
        {
            foreach (var sender in turns.Next())
            {
                var (rate, cpu) = await sender.MeasureAsync(stage.Stop);
                // Round 0 warms up.
                if (round == 0) continue;
                report.Rounds.Add(new Round(Name, sender.Name, round, Deliveries, rate));
                if (cpu is { } microseconds) report.Rounds.Add(new Round(Name, sender.Name, round, Cpu, microseconds));
            }
            Console.Write($"\r  round {round} of {stage.Settings.Rounds}");
        }
        Console.WriteLine();
        foreach (var count in stage.Settings.Quick ? Endpoints[1..2] : Endpoints)
        {
            report.Compare(Of(Sqlite, count), Of(Bare, count), Deliveries, lessIsBetter: false, Bar.Min(0.5));
            report.Tell(Of(Sqlite, count), Deliveries, Bar.Min(2_000));
            report.Tell(Of(Sqlite, count), Cpu);
            if (database is null) continue;
            report.Compare(Of(Postgresql, count), Of(Sqlite, count), Deliveries, lessIsBetter: false, Bar.Min(0.5));
            report.Tell(Of(Postgresql, count), Cpu);
        }
        report.Notes.Add("One of the two bars of SQLite is enough. Both engines wait for the disk; what a round sends is made due again by the operators' replay, which is counted with it.");
    }

    private static string Of(string sender, int endpoints) => string.Create(CultureInfo.InvariantCulture, $"{sender}, {endpoints} {(endpoints == 1 ? "endpoint" : "endpoints")}");

    /// <summary>Who sends a round's deliveries.</summary>
    private abstract class Sender(string name, Receiver receiver, long expected)
    {
        public string Name => name;

        protected Receiver Receiver => receiver;

        protected long Expected => expected;

        /// <summary>Sends all, and waits until they have arrived. Deliveries a second, and what each took of the sender's process where it has one.</summary>
        public abstract Task<(double Rate, double? Microseconds)> MeasureAsync(CancellationToken stop);

        protected async Task<TimeSpan> ArriveAsync(Func<Task> send, CancellationToken stop)
        {
            var all = await receiver.CountAsync(stop) + expected;
            var began = Stopwatch.GetTimestamp();
            await send();
            while (await receiver.CountAsync(stop) < all)
            {
                if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2)) throw new InvalidOperationException($"{name}: not all of {expected} deliveries arrived within two minutes");
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, stop);
            }
            return Stopwatch.GetElapsedTime(began);
        }
    }

    /// <summary>The same bodies to the same endpoints, over as many connections.</summary>
    private sealed class Posts(string name, Receiver receiver, int endpoints, int each) : Sender(name, receiver, Alive(endpoints, each))
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null });

        public override async Task<(double, double?)> MeasureAsync(CancellationToken stop)
        {
            var alive = Math.Max(1, endpoints - 1);
            var lanes = Math.Min(alive * Concurrency, 256);
            var next = -1L;
            var took = await ArriveAsync(() => Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(SendAsync, stop))), stop);
            return (Expected / took.TotalSeconds, null);

            async Task SendAsync()
            {
                while (Interlocked.Increment(ref next) is var n && n < Expected)
                {
                    using var content = new ByteArrayContent(Data);
                    using var answer = await _client.PostAsync(Receiver.Endpoint((int)(n % alive)), content, stop);
                    answer.EnsureSuccessStatusCode();
                }
            }
        }
    }

    /// <summary>A gateway whose log holds the events; each round makes all their deliveries due anew.</summary>
    private sealed class Ours(string name, Receiver receiver, int endpoints, int each, Server server, HttpClient admin) : Sender(name, receiver, Alive(endpoints, each))
    {
        public static async Task<Ours> StartAsync(Stage stage, string name, Receiver receiver, int endpoints, int each, PostgresqlServer? database)
        {
            var (data, keys) = (stage.Folder($"{name}-data"), stage.Folder($"{name}-keys"));
            var connection = database is null ? null : await database.NewDatabaseAsync();
            await FillAsync(data, keys, connection, endpoints, each, stage.Stop);
            var state = connection is null ? "" : $$"""state: { store: postgresql, postgresql: { connection: "secret://file{{stage.Write($"{name}-connection", connection)}}" } }""";
            stage.Write($"{name}-workspace/policies.yaml", Workspace(receiver, endpoints, state));
            var (url, adminUrl) = (Ports.Free(), Ports.Free());
            var before = await receiver.CountAsync(stage.Stop);
            var server = await stage.StartAsync(ProgramStart.DotNet(name, stage.Settings.Built("Gateway", "gateway"), url,
            [
                "serve", stage.Folder($"{name}-workspace"), "--urls", url.AbsoluteUri, "--admin-urls", adminUrl.AbsoluteUri, "--data", data, "--keys", keys,
            ]) with
            {
                Environment = new Dictionary<string, string> { ["BENCHMARK_TOKEN"] = Token, ["BENCHMARK_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[32]) },
            });
            var all = before + Alive(endpoints, each);
            while (await receiver.CountAsync(stage.Stop) < all) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, stage.Stop);
            var admin = new HttpClient { BaseAddress = adminUrl };
            admin.DefaultRequestHeaders.Authorization = new("Bearer", Token);
            return new Ours(name, receiver, endpoints, each, server, admin);
        }

        public override async Task<(double, double?)> MeasureAsync(CancellationToken stop)
        {
            await server.RestAsync(stop);
            var before = server.Cpu;
            var took = await ArriveAsync(ReplayAsync, stop);
            await server.RestAsync(stop);
            return (Expected / took.TotalSeconds, (server.Cpu - before).TotalMicroseconds / Expected);

            async Task ReplayAsync()
            {
                for (var endpoint = 0; endpoint < endpoints; endpoint++)
                {
                    using var answer = await admin.PostAsJsonAsync($"webhooks/p{endpoint}/all/replay", new { since = "1d", delivered = true, reason = "benchmark" }, stop);
                    if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{Name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stop)}");
                }
            }
        }

        private static async Task FillAsync(string data, string keys, string? connection, int endpoints, int each, CancellationToken stop)
        {
            await using var store = Stores.All.Single(engine => engine.Name == (connection is null ? Sqlite : Postgresql)).Create(new StoreOptions
            {
                DataDirectory = data,
                Protection = KeyRing.Open(keys, data),
                Postgresql = connection is null ? null : new PostgresqlOptions { Connection = new Secret("secret://env/BENCHMARK", connection) },
            });
            await store.OpenAsync(stop);
            var now = TimeProvider.System.GetUtcNow();
            await Parallel.ForEachAsync(Enumerable.Range(0, each), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = stop }, async (n, cancellation) =>
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"e-{n}");
                await store.AppendEventAsync(new NewEvent(id, $"p{n % endpoints}", "order.accepted.v1", "/orders", id, id, now, Data), cancellation);
            });
        }

        private static string Workspace(Receiver receiver, int endpoints, string state)
        {
            var text = new StringBuilder($$"""
                governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
                operators:
                  bench: { roles: [operator], tokens: [{ secret: secret://env/BENCHMARK_TOKEN }] }
                {{state}}
                partners:

                """);
            for (var n = 0; n < endpoints; n++)
            {
                var url = endpoints > 1 && n == endpoints - 1 ? receiver.Dead : receiver.Endpoint(n);
                text.Append(CultureInfo.InvariantCulture, $$"""
                      p{{n}}: { name: P{{n}}, webhooks: { all: { url: "{{url}}", events: ["*"], secrets: [secret://env/BENCHMARK_SECRET], concurrency: {{Concurrency}} } } }

                    """);
            }
            return text.ToString();
        }
    }

    private static long Alive(int endpoints, int each) => endpoints == 1 ? each : each - each / endpoints;
}

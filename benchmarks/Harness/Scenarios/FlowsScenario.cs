using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>
/// What the engine costs an order on its way from credit to invoice: the gateway's CPU with the flow less that of taking the order alone, beside the flow's own calls made
/// bare; and the same with 1,000 and 100,000 instances open beside.
/// </summary>
internal sealed class FlowsScenario : Scenario
{
    private const string Rate = "flows/s";
    private const string Cpu = "cpu µs/flow";
    private const string Orders = "orders alone";
    private const string Bare = "its calls, made bare";
    private const string Flow = "order-to-ship";

    public override string Name => "flows";

    public override string Summary =>
        "The shipped order-to-ship on SQLite before all simulators; goods leave as soon as the warehouse has them. Taking the order is taken off; the gateway's process alone is counted.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var quick = stage.Settings.Quick;
        var each = quick ? 40 : 200;
        var alone = await FlowWorld.StartAsync(stage, Orders, flows: false, open: 0);
        var worlds = new Dictionary<string, FlowWorld>();
        foreach (var open in quick ? [1_000] : (int[])[1_000, 100_000]) worlds[Of(open)] = await FlowWorld.StartAsync(stage, Of(open), flows: true, open);
        var bare = await BareCalls.OfAsync(stage, worlds[Of(1_000)]);
        var turns = new Turns<string>([Orders, Bare, .. worlds.Keys]);
        for (var round = 0; round <= stage.Settings.Rounds; round++)
        {
            var cpu = new Dictionary<string, double>();
            foreach (var variant in turns.Next())
            {
                var world = worlds.GetValueOrDefault(variant) ?? (variant == Orders ? alone : null);
                var (took, used) = world is null ? await bare.RunAsync(each) : await MeasureAsync(world, each);
                cpu[variant] = used.TotalMicroseconds / each;
                if (round > 0 && worlds.ContainsKey(variant)) report.Rounds.Add(new Round(Name, variant, round, Rate, each / took.TotalSeconds));
            }
            // Round 0 warms up.
            if (round == 0) continue;
            report.Rounds.Add(new Round(Name, Bare, round, Cpu, cpu[Bare]));
            foreach (var variant in worlds.Keys) report.Rounds.Add(new Round(Name, variant, round, Cpu, cpu[variant] - cpu[Orders]));
            Console.Write($"\r  round {round} of {stage.Settings.Rounds}");
        }
        Console.WriteLine();
        // The engine's own is what is left without the calls: as much as they cost, where the ratio is a half.
        foreach (var variant in worlds.Keys) report.Compare(variant, Bare, Cpu, lessIsBetter: true, Bar.Min(0.5));
        if (!quick)
        {
            report.Compare(Of(100_000), Of(1_000), Rate, lessIsBetter: false, Bar.Min(0.95));
            report.Compare(Of(100_000), Of(1_000), Cpu, lessIsBetter: true, Bar.Min(0.95));
        }
        report.Tell(Of(1_000), Rate);
        report.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"A flow makes {bare.Count} calls. A ratio of 0.5 beside them is an engine that costs as much as the calls do."));
    }

    private static string Of(int open) => string.Create(CultureInfo.InvariantCulture, $"{Flow}, {open:#,##0} open");

    private static async Task<(TimeSpan Took, TimeSpan Cpu)> MeasureAsync(FlowWorld world, int orders)
    {
        await world.RestAsync();
        var (before, began) = (world.Cpu, Stopwatch.GetTimestamp());
        await world.RunAsync(orders);
        var took = Stopwatch.GetElapsedTime(began);
        await world.RestAsync();
        return (took, world.Cpu - before);
    }

    /// <summary>The calls that one flow has made, made again by this process with nothing but an HTTP client, to an nginx whose answers are as long on average.</summary>
    private sealed class BareCalls(IReadOnlyList<TappedCall> calls, Uri target)
    {
        private const int Lanes = 16;

        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null });

        public int Count => calls.Count;

        public static async Task<BareCalls> OfAsync(Stage stage, FlowWorld world)
        {
            await world.RunAsync(1);
            await world.RestAsync();
            // Taking the order is not the flow's; that of the next one is where it ends.
            var before = world.Taps.Select(t => t.Calls.Count).ToList();
            await world.RunAsync(1);
            await world.RestAsync();
            var made = world.Taps.SelectMany((tap, i) => tap.Calls.Skip(before[i])).Where(c => !c.PathAndQuery.Contains("sale.order/create", StringComparison.Ordinal)).ToList();
            var url = Ports.Free();
            var answer = new string('x', (int)made.Average(c => c.AnswerBytes));
            await Nginx.StartAsync(stage, "answers", url, workers: 1, $"location / {{ return 200 '{answer}'; }}");
            return new BareCalls(made, url);
        }

        public async Task<(TimeSpan Took, TimeSpan Cpu)> RunAsync(int flows)
        {
            using var self = Process.GetCurrentProcess();
            var (before, began, next) = (self.TotalProcessorTime, Stopwatch.GetTimestamp(), 0);
            await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
            {
                while (Interlocked.Increment(ref next) <= flows)
                    foreach (var call in calls) await CallAsync(call);
            })));
            self.Refresh();
            return (Stopwatch.GetElapsedTime(began), self.TotalProcessorTime - before);
        }

        private async Task CallAsync(TappedCall call)
        {
            using var request = new HttpRequestMessage(new HttpMethod(call.Method), new Uri(target, call.PathAndQuery));
            request.Headers.TryAddWithoutValidation("Authorization", "bearer demo-odoo-key");
            if (call.Body.Length > 0) request.Content = new ByteArrayContent(call.Body) { Headers = { ContentType = new("application/json") } };
            using var answer = await _client.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
        }
    }
}

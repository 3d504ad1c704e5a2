using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>What a backend that takes connections and never answers costs the callers of the others: one gateway, with callers of that backend beside the load, with callers of one that answers, and with nobody.</summary>
internal sealed class HangScenario : Scenario
{
    private const string Alone = "beside nobody";
    private const string Well = "beside 64 callers of a backend that answers";
    private const string WellAgain = Well + ", again (A/A)";
    private const string Hangs = "beside 64 callers of a backend that hangs";
    private const string HangsWithCircuit = Hangs + ", with a circuit";
    private const string WellOrders = "beside 64 callers whose orders are for an Odoo that answers";
    private const string Orders = "beside 64 callers whose orders are for an Odoo that hangs";

    public override string Name => "hang";

    public override string Summary => "Requests/s of one forwarded route while 64 callers, each ten times a second at most, use another backend of the same gateway, which answers or hangs, and while nobody does.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var origin = await Origin.StartAsync(stage);
        var tokens = stage.Keep(await Tokens.StartAsync());
        var odoo = await WritePeers.StartOdooAsync(stage);
        var dead = stage.Keep(new DeadBackend());
        stage.Write("ours-workspace/routes/beside.yaml", $$"""
            backends:
              well: { adapter: http, url: "{{origin.Url.AbsoluteUri}}", timeout: 2s }
              dead: { adapter: http, url: "{{dead.Url.AbsoluteUri}}", timeout: 2s }
              odoo: { adapter: odoo, url: "{{dead.Url.AbsoluteUri}}", database: none, api: json2, timeout: 2s, changeTimeout: 2s, credential: { key: secret://env/BENCHMARK_KEY } }
              well-odoo: { adapter: odoo, url: "{{odoo.Url.AbsoluteUri}}", database: none, api: json2, credential: { key: secret://env/BENCHMARK_KEY } }
              guarded: { adapter: http, url: "{{dead.Url.AbsoluteUri}}", timeout: 2s, resilience: { attempt: 500ms, retries: 0, circuit: { minimumCalls: 8, break: 5s } } }
            apis:
              beside:
                owner: benchmarks
                routes:
                  beside.well: { match: GET /v1/well, public: Measured without policies., policies: [], target: { forward: well } }
                  beside.dead: { match: GET /v1/dead, public: Measured without policies., policies: [], target: { forward: dead } }
                  beside.order: { match: POST /v1/orders, policies: [key, idempotency: { key: [client_order_ref] }], target: { call: odoo/order.create, creates: order } }
                  beside.well-order: { match: POST /v1/well/orders, policies: [key, idempotency: { key: [client_order_ref] }], target: { call: well-odoo/order.create, creates: order } }
                  beside.guarded: { match: GET /v1/guarded, public: Measured without policies., policies: [], target: { forward: guarded } }

            """);
        var ours = await Ours.ServeForwardAsync(stage, "ours", origin.Url, tokens, "key, limit");
        var load = new Wrk(new Uri(ours.Url, "/v1/parcels/4711")) { Headers = [$"X-Api-Key: {Ours.ApiKey}"] };
        await load.RunAsync(stage.Settings.WarmUp, stage.Stop);
        var turns = new Turns<(string Name, string? Path)>([(Alone, null), (Well, "/v1/well"), (WellAgain, "/v1/well"), (Hangs, "/v1/dead"), (HangsWithCircuit, "/v1/guarded"), (WellOrders, "/v1/well/orders"), (Orders, "/v1/orders")]);
        for (var round = 1; round <= stage.Settings.Rounds; round++)
        {
            foreach (var (name, path) in turns.Next())
            {
                await using var beside = path is null ? null : new CallersBeside(new Uri(ours.Url, path), stage.Stop);
                // Until what hangs hangs.
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stage.Stop);
                var seen = await load.RunAsync(stage.Settings.Round, stage.Stop);
                report.Rounds.Add(new Round(Name, name, round, Metric.Rate, seen.PerSecond) { Void = seen.Unexpected > 0 });
            }
            Console.Write($"\r  round {round} of {stage.Settings.Rounds}");
        }
        Console.WriteLine();
        report.Compare(WellAgain, Well, Metric.Rate, lessIsBetter: false);
        report.Compare(Hangs, Well, Metric.Rate, lessIsBetter: false, Bar.Min(0.95));
        // Who waits costs nothing to speak of, so a backend that hangs is also held against none at all; its quick refusals behind a circuit are answers, and cost as such.
        report.Compare(Hangs, Alone, Metric.Rate, lessIsBetter: false, Bar.Min(0.95));
        report.Compare(HangsWithCircuit, Well, Metric.Rate, lessIsBetter: false, Bar.Min(0.95));
        // The dear road: what is about to be done is stored, and stands at the gate.
        report.Compare(Orders, WellOrders, Metric.Rate, lessIsBetter: false, Bar.Min(0.95));
    }

    /// <summary>Takes every connection, reads what is sent, and never answers.</summary>
    private sealed class DeadBackend : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly Task _accepting;

        public DeadBackend()
        {
            _listener.Start(512);
            _accepting = AcceptAsync();
        }

        public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Stop();
            await _accepting;
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true) _ = HoldAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException)
            {
                // The scenario is over.
            }
        }

        private async Task HoldAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var buffer = new byte[4096];
                    while (await client.GetStream().ReadAsync(buffer, _end.Token) > 0)
                    {
                        // Nothing is ever said.
                    }
                }
                catch (Exception gone) when (gone is OperationCanceledException or IOException)
                {
                    // The gateway gave up.
                }
            }
        }
    }

    /// <summary>Callers who ask again when they have their answer, whatever it is, and not within a tenth of a second. Orders are each a new one.</summary>
    private sealed class CallersBeside : IAsyncDisposable
    {
        private const int Count = 64;
        private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

        private readonly HttpClient _client = new(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        private readonly CancellationTokenSource _end;
        private readonly Task[] _callers;

        public CallersBeside(Uri url, CancellationToken stop)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _callers = [.. Enumerable.Range(0, Count).Select(_ => CallAsync(url))];
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_callers);
            _client.Dispose();
            _end.Dispose();
        }

        private static HttpRequestMessage RequestOf(Uri url)
        {
            if (!url.AbsolutePath.EndsWith("/orders", StringComparison.Ordinal)) return new HttpRequestMessage(HttpMethod.Get, url);
            var number = Guid.NewGuid().ToString("n");
            return new HttpRequestMessage(HttpMethod.Post, url)
            {
                Headers = { { "X-Api-Key", Ours.ApiKey }, { "Idempotency-Key", $"\"{number}\"" } },
                Content = new StringContent($$"""{"client_order_ref":"{{number}}","buyer":"A","currency":"EUR","lines":[{"default_code":"D","product_uom_qty":1,"unit_code":"C62"}]}""", Encoding.UTF8, "application/json"),
            };
        }

        private async Task CallAsync(Uri url)
        {
            try
            {
                while (true)
                {
                    var pause = Task.Delay(Pace, TimeProvider.System, _end.Token);
                    using var request = RequestOf(url);
                    using (await _client.SendAsync(request, _end.Token)) await pause;
                }
            }
            catch (Exception over) when (over is OperationCanceledException or HttpRequestException)
            {
                // The slice is over.
            }
        }
    }
}

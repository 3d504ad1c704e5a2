using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Benchmarks.Running;
using Gateway.Delivery.Storage;
using Gateway.Simulators;

namespace Gateway.Benchmarks.Peers;

/// <summary>The shipped workspace on SQLite before the simulators, and people who ship what is in the warehouse at once. Orders come from one partner, who is told of none.</summary>
internal sealed partial class FlowWorld : IAsyncDisposable
{
    private const string Key = "benchmark-key-of-acme-shop";
    private static readonly HttpClient Client = new();

    private readonly SimulatorSet _backends;
    private readonly Stage _stage;
    private readonly string _name;
    private readonly bool _flows;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _people;
    private Server _gateway = null!;
    // Of all its lives: the warehouse knows one.
    private readonly Uri _url = Ports.Free();
    private readonly Uri _admin = Ports.Free();
    private int _orders;

    private FlowWorld(Stage stage, string name, bool flows, SimulatorSet backends, IReadOnlyList<Wiretap> taps)
    {
        (_stage, _name, _flows, _backends, Taps) = (stage, name, flows, backends, taps);
        _people = flows ? ShipAsync() : Task.CompletedTask;
    }

    /// <summary>Before Odoo, the warehouse and the carrier.</summary>
    public IReadOnlyList<Wiretap> Taps { get; }

    /// <summary>CPU time of the gateway's process so far.</summary>
    public TimeSpan Cpu => _gateway.Cpu;

    /// <param name="flows">False: orders are taken, and nothing is done about them.</param>
    /// <param name="open">So many instances are open beside those that are measured.</param>
    public static async Task<FlowWorld> StartAsync(Stage stage, string name, bool flows, int open)
    {
        var backends = stage.Keep(await SimulatorSet.StartAsync());
        backends.Odoo.SetStock("DESK0005", "WH", 1_000_000_000);
        backends.Wms.SetStock("DESK0005", "WH", 1_000_000_000);
        var taps = new List<Wiretap>();
        foreach (var url in (Uri[])[backends.Odoo.Url, backends.Wms.Url, backends.Tms.Url]) taps.Add(stage.Keep(await Wiretap.StartAsync(url)));
        var world = new FlowWorld(stage, name, flows, backends, taps);
        world.WriteWorkspace();
        backends.Wms.SendHooksTo(new HookTarget(new Uri(world._url, "hooks/wms"), "whsec_" + Convert.ToBase64String(new byte[32])));
        await world.ServeAsync();
        if (open > 0)
        {
            // What is open is of the revision that runs: nobody knows it better than the store.
            await world.RunAsync(1);
            await world._gateway.DisposeAsync();
            await world.FillAsync(open);
            await world.ServeAsync();
        }
        return stage.Keep(world);
    }

    /// <summary>Orders, eight at a time; with flows until the last of them has ended.</summary>
    public async Task RunAsync(int orders)
    {
        var ended = await EndedAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, orders), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = _stage.Stop }, async (_, stop) => await OrderAsync(stop));
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (_flows && await EndedAsync() < ended + orders)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(3)) throw new InvalidOperationException($"{_name}: not all of {orders} flows ended within three minutes");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _stage.Stop);
        }
    }

    public Task RestAsync() => _gateway.RestAsync(_stage.Stop);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _people;
        _over.Dispose();
    }

    private async Task OrderAsync(CancellationToken stop)
    {
        var reference = string.Create(CultureInfo.InvariantCulture, $"F-{Interlocked.Increment(ref _orders)}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_gateway.Url, "v1/orders"));
        request.Headers.Add("X-Api-Key", Key);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", $"\"{_name}-{reference}\"");
        request.Content = new StringContent($$$"""
            {"customerReference":"{{{reference}}}","documentCurrencyCode":"EUR","buyerParty":{"id":"ACME-DE"},
             "delivery":{"deliveryAddress":{"name":"Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"}},
             "orderLines":[{"id":"1","quantity":4,"unitCode":"C62","item":{"sellersItemIdentification":"DESK0005"},"price":{"priceAmount":"12.50","baseQuantity":1}}]}
            """, Encoding.UTF8, "application/json");
        using var answer = await Client.SendAsync(request, stop);
        if ((int)answer.StatusCode is not (200 or 201)) throw new InvalidOperationException($"{_name}, {reference}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stop)}");
    }

    private async Task<long> EndedAsync() =>
        Ended().Matches(await Client.GetStringAsync(new Uri(_admin, "metrics"), _stage.Stop)).Sum(line => long.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));

    private async Task ShipAsync()
    {
        var shipped = new HashSet<int>();
        while (!_over.IsCancellationRequested)
        {
            foreach (var order in _backends.Wms.Orders.Where(o => o.Status is "Processing" && shipped.Add(o.Id))) _backends.Wms.Ship(order.Id);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync()
    {
        _gateway = await _stage.StartAsync(ProgramStart.DotNet(_name, _stage.Settings.Built("Gateway", "gateway"), _url,
        [
            "serve", _stage.Folder($"{_name}-workspace"), "--environment", "bench", "--urls", _url.AbsoluteUri, "--admin-urls", _admin.AbsoluteUri,
            "--data", _stage.Folder($"{_name}-data"), "--keys", _stage.Folder($"{_name}-keys"),
        ]) with
        {
            Environment = new Dictionary<string, string>
            {
                ["ODOO_KEY"] = "demo-odoo-key",
                ["TMS_KEY"] = "demo-tms-key",
                ["WMS_KEY"] = "demo-wms-key",
                ["WMS_WEBHOOK_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[32]),
                ["ACME_SHOP_KEY"] = Key,
                ["ACME_FULFILMENT_KEY"] = Key + "-2",
                ["GLOBEX_EDI_KEY"] = Key + "-3",
                ["GLOBEX_FULFILMENT_KEY"] = Key + "-4",
                ["ACME_WEBHOOK_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[32]),
                ["OPERATOR_TOKEN"] = "benchmark-operator-token-that-is-long-enough-for-anybody-0001",
            },
        });
    }

    private async Task FillAsync(int open)
    {
        var data = _stage.Folder($"{_name}-data");
        await using var store = Stores.All.Single(engine => engine.Name == "sqlite").Create(new StoreOptions { DataDirectory = data, Protection = KeyRing.Open(_stage.Folder($"{_name}-keys"), data) });
        await store.OpenAsync(_stage.Stop);
        var known = (await store.FlowsAsync(new FlowFilter(), 1, _stage.Stop)).Single();
        var now = TimeProvider.System.GetUtcNow();
        await Parallel.ForEachAsync(Enumerable.Range(0, open), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = _stage.Stop }, async (n, cancellation) =>
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"open-{n}");
            var instance = new FlowInstance("flo_" + key, known.Tenant, known.Flow, key, known.Revision)
            {
                Shard = n % FlowInstance.Shards,
                Stage = "left",
                StageSince = now,
                WakeAt = now.AddDays(1),
                CreatedAt = now,
                Body = "{}"u8.ToArray(),
            };
            await store.SaveFlowAsync(new FlowMove(instance) { Refs = [new FlowRef(FlowRef.Key, key), new FlowRef("release", key), new FlowRef("salesOrder", key)] }, cancellation);
        });
    }

    private void WriteWorkspace()
    {
        foreach (var room in (string[])["partners", "routes", "transforms", "flows", "events"])
            foreach (var file in Directory.EnumerateFiles(Path.Combine(_stage.Settings.Repository, room), "*", SearchOption.AllDirectories))
                _stage.Write(Path.Combine($"{_name}-workspace", Path.GetRelativePath(_stage.Settings.Repository, file)), File.ReadAllText(file));
        _stage.Write($"{_name}-workspace/policies.yaml", File.ReadAllText(Path.Combine(_stage.Settings.Repository, "policies.yaml")));
        _stage.Write($"{_name}-workspace/policies.bench.yaml", $$"""
            governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
            policies:
              partner-quota: { rateLimit: { limit: 1000000, tiers: { gold: 1000000 } } }
              orders-a-month: { quota: { limit: 100000000, per: month, tiers: { gold: 100000000 } } }
            backends:
              odoo: { url: "{{Taps[0].Url}}", database: demo }
              wms: { url: "{{Taps[1].Url}}" }
              tms: { url: "{{Taps[2].Url}}" }
            partners:
              acme: { webhooks: { orders: { url: "{{_backends.Partner.Url}}webhooks", events: [return.announced.v1] } }{{(_flows ? "" : ", flows: []")}} }

            """);
    }

    [GeneratedRegex(@"^gateway_flows_ended_total\S* (\d+)", RegexOptions.Multiline)]
    private static partial Regex Ended();
}

using System.Text.Json.Nodes;
using Gateway.Pipeline;
using Gateway.Pipeline.Accepted;
using Gateway.Tests.Conformance.Admin;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>A gateway whose routes accept orders for a backend that does what a test says.</summary>
internal sealed class AcceptedWorld : IAsyncDisposable
{
    /// <summary>One route that accepts all, one that accepts what can't be sent, one that keeps the order of a buyer, and one that reads.</summary>
    private static readonly CaseWorkspaceFile Routes = new()
    {
        Path = "routes/orders.yaml",
        Content = """
            apis:
              orders:
                owner: us
                routes:
                  orders.accept:
                    match: POST /orders
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { accept: odoo/order.create, creates: order, emits: order.accepted.v1, accepted: { urgency: wanted } }
                  orders.call:
                    match: POST /called
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { call: odoo/order.create, creates: order, emits: order.accepted.v1, whenDown: accept }
                  orders.lane:
                    match: POST /lane
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { call: odoo/order.create, creates: order, whenDown: accept, accepted: { inOrderOf: [buyer] } }
                  orders.mapped:
                    match: POST /mapped
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }, transform: { request: made/order }]
                    target: { accept: odoo/order.create, creates: order, emits: order.accepted.v1 }
                  orders.read:
                    match: GET /orders/{id}
                    policies: [callers]
                    target: { call: odoo/order.read, object: "order/{id}" }
            """,
    };

    /// <summary>A mapping that writes a member which no operation takes.</summary>
    private static readonly CaseWorkspaceFile Mapping = new() { Path = "transforms/made/order.jsonata", Content = """{ "buyer": buyer, "client_order_ref": client_order_ref, "note_of_nobody": "urgent" }""" };

    private readonly KindWorld _world;
    private readonly HttpClient _admin;

    private AcceptedWorld(KindWorld world, LedgerAdapter ledger, MovedClock clock)
    {
        (_world, Ledger, Clock) = (world, ledger, clock);
        _admin = new HttpClient { BaseAddress = world.AdminUrl };
    }

    public LedgerAdapter Ledger { get; }

    public MovedClock Clock { get; }

    /// <summary>The line before the backend, beside the one that works.</summary>
    public BackendLine Line(TimeProvider clock) => new(
        new LineName("odoo", null), _world.Gateway.Services.GetRequiredService<Sending>(), _world.Gateway.Services.GetRequiredService<CurrentPlan>(), Store, clock, NullLogger.Instance);

    public IStore Store => _world.Gateway.Services.GetRequiredService<IStore>();

    public static OperationResult Down { get; } = new(OperationStatus.NotSent) { Reason = "down", BackendIsAway = true };

    public static OperationResult No { get; } = new(OperationStatus.Refused) { Detail = "This buyer is blocked.", Reason = "blocked" };

    /// <param name="limits">What the backend takes, in YAML's flow form.</param>
    public static async Task<AcceptedWorld> StartAsync(Func<OperationCall, OperationResult>? act = null, Func<IStore, IStore>? aroundStore = null, bool reload = false, string? limits = null)
    {
        var (ledger, clock) = (new LedgerAdapter(readsBack: true) { Act = act ?? (static _ => Down) }, new MovedClock());
        var world = await KindWorld.StartAsync(
            [limits is null ? Routes : Paced(limits), Mapping, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = Desk.Operators }],
            clock: clock, adapters: ledger.With, aroundStore: aroundStore, reload: reload);
        return new AcceptedWorld(world, ledger, clock);
    }

    /// <summary>The same routes, before a backend that takes so much.</summary>
    private static CaseWorkspaceFile Paced(string limits) => new()
    {
        Path = Routes.Path,
        Content = $$"""
            backends:
              paced: { adapter: odoo, url: "http://127.0.0.1:1/", database: demo, credential: { key: secret://demo/demo-odoo-key }, {{limits}} }

            """ + Routes.Content.Replace("odoo/order", "paced/order", StringComparison.Ordinal),
    };

    /// <summary>Changes a file of the workspace, and waits until the gateway runs on it.</summary>
    public Task ChangeAsync(string path, Func<string, string> change) => _world.ChangeAsync(path, change, TestContext.Current.CancellationToken, Desk.TokenOf("olaf"));

    public Task<Answered> SendAsync(string key, string body, string path = "/orders", string caller = "acme-shop") => _world.SendAsync(key, body, path, caller);

    public Task<Answered> ReadAsync(string path, string caller = "acme-shop") => _world.SendAsync(
        new CaseRequest { Method = "GET", Path = path, Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-" + caller } }, TestContext.Current.CancellationToken);

    public Task<Told> AskAsync(string method, string path, string? body = null) => Desk.AskAsync(_admin, method, path, Desk.TokenOf("olaf"), body);

    public async Task<JsonArray> IntentsAsync(string state) => JsonNode.Parse((await AskAsync("GET", "/intents?state=" + state)).Body)!.AsArray();

    public async Task<string> AuditOfAsync(Told told) => (await AskAsync("GET", "/audit?correlationId=" + told.Header("X-Correlation-Id"))).Body;

    public async Task<string> EventsAsync() => string.Join(',', (await Store.ReadEventsAsync(0, 100, TestContext.Current.CancellationToken)).Select(e => e.Event.Type));

    /// <summary>Lets time pass, in steps, until something is so.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (await holds()) return;
            Clock.Advance(TimeSpan.FromSeconds(3));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"not within 10 s: {what}");
    }

    public Task UntilForwardedAsync(string location) => UntilAsync(async () =>
        await Store.FindObjectAsync("acme", "order", location.Split('/')[^1], TestContext.Current.CancellationToken) is { Reference.Length: > 0 }, "the order is forwarded");

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _world.DisposeAsync();
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Feeds;

/// <summary>A gateway that watches a simulated Odoo for two partners, and people who work in that.</summary>
internal sealed class FeedWorld : IAsyncDisposable
{
    public const string Secret = "hint-secret-of-the-odoo-0001";

    /// <summary>Customers of the seed: one of Acme's, one of Globex's, one of nobody's.</summary>
    public const int Acme = 46, Globex = 48, Nobody = 50;

    private static readonly CaseWorkspaceFile Routes = new()
    {
        Path = "routes/orders.yaml",
        Content = """
            apis:
              orders:
                owner: us
                routes:
                  orders.create:
                    match: POST /orders
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { call: odoo/order.create, creates: order, emits: order.accepted.v1 }
                  orders.cancel:
                    match: POST /orders/{id}/cancellation
                    timeout: 5s
                    policies: [callers, idempotency: {}]
                    target: { call: odoo/order.cancel, object: "order/{id}", emits: order.cancelled.v1 }
                  orders.read:
                    match: GET /orders/{id}
                    policies: [callers, transform: { response: odoo/order.from }]
                    target: { call: odoo/order.read, object: "order/{id}" }
            """,
    };

    private readonly KindWorld _world;
    private readonly HttpClient _http;
    private readonly HttpClient _admin;

    private FeedWorld(KindWorld world, AwayStore store)
    {
        (_world, Away) = (world, store);
        _http = new HttpClient { BaseAddress = world.Url };
        _admin = new HttpClient { BaseAddress = world.AdminUrl };
    }

    public OdooSimulator Odoo => _world.Odoo;

    /// <summary>The gateway's store, some of whose calls a test lets fail.</summary>
    public AwayStore Away { get; }

    public IStore Store => Away.Store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="changes">What is declared beside the pace.</param>
    /// <param name="of">The kinds that are watched.</param>
    /// <param name="odoo">What is declared of the backend beside that.</param>
    /// <param name="database">What nodes share.</param>
    /// <param name="more">A file of the workspace.</param>
    public static async Task<FeedWorld> StartAsync(string changes = "every: 100ms", string of = "orders: odoo/order.from", string odoo = "", (string Connection, string Keys)? database = null, (string Path, string Content)? more = null)
    {
        AwayStore? away = null;
        var world = await KindWorld.StartAsync(
            [
                Routes,
                .. more is var (path, content) ? [new CaseWorkspaceFile { Path = path, Content = content }] : Array.Empty<CaseWorkspaceFile>(),
                new CaseWorkspaceFile
                {
                    Path = "policies.demo.yaml",
                    Content = $$"""
                        backends:
                          odoo: { {{odoo}} changes: { of: { {{of}} }, {{changes}} } }
                        partners:
                          globex: { buyers: [GLOBEX-DE], companies: [main] }
                        {{(database is var (connection, _) ? $"state: {{ store: postgresql, postgresql: {{ connection: 'secret://demo/{connection}', connections: 6 }} }}" : "")}}
                        """,
                },
            ],
            aroundStore: inner => (away = AwayStore.Around(inner)).Store, keys: database?.Keys);
        var fresh = new FeedWorld(world, away!);
        for (var tries = 0; (await fresh.Store.FindFeedAsync("odoo/orders", Cancellation))?.LookedAt is null; tries++)
        {
            if (tries == 400) throw new TimeoutException(await fresh.ReadyAsync());
            await Task.Delay(25, Cancellation);
        }
        return fresh;
    }

    /// <summary>Somebody enters orders in Odoo, all in one transaction.</summary>
    public async Task<IReadOnlyList<int>> EnterAsync(int customer, string reference, int count = 1, DateTimeOffset? began = null)
    {
        var orders = Enumerable.Range(1, count).Select(n => (JsonNode)new JsonObject
        {
            ["partner_id"] = customer,
            ["client_order_ref"] = count == 1 ? reference : $"{reference}-{n}",
            ["order_line"] = new JsonArray(new JsonArray(0, 0, new JsonObject { ["product_id"] = 15, ["product_uom_qty"] = 3, ["price_unit"] = 12.5 })),
        });
        return [.. (await Odoo.DoAsync("sale.order", "create", new JsonObject { ["vals_list"] = new JsonArray([.. orders]) }, began))!.AsArray().Select(id => (int)id!)];
    }

    public Task WriteAsync(int order, string values, DateTimeOffset? began = null) =>
        Odoo.DoAsync("sale.order", "write", new JsonObject { ["ids"] = new JsonArray(order), ["vals"] = JsonNode.Parse(values) }, began);

    public Task ActAsync(string model, string method, params int[] ids) => Odoo.DoAsync(model, method, new JsonObject { ["ids"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]) });

    /// <summary>Events of the log when there are so many, without those that came later.</summary>
    public async Task<IReadOnlyList<NewEvent>> EventsAsync(int count, int seconds = 20)
    {
        for (var tries = 0; ; tries++)
        {
            var events = await Store.ReadEventsAsync(0, 10_000, Cancellation);
            if (events.Count >= count) return [.. events.Select(e => e.Event)];
            if (tries == seconds * 20) throw new TimeoutException($"{events.Count} events of {count}: {string.Join(", ", events.Select(e => e.Event.Type))}; {await ReadyAsync()}");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>All events there are when the feed has looked so often from now on.</summary>
    public async Task<IReadOnlyList<NewEvent>> LaterAsync(int looks = 2, string feed = "odoo/orders")
    {
        await LooksAsync(looks, feed);
        return [.. (await Store.ReadEventsAsync(0, 10_000, Cancellation)).Select(e => e.Event)];
    }

    /// <summary>Waits until the feed has looked so often, from beginning to end.</summary>
    public async Task LooksAsync(int looks, string feed = "odoo/orders")
    {
        // One may be under way.
        DateTimeOffset? seen = (await Store.FindFeedAsync(feed, Cancellation))?.LookedAt;
        for (var (done, tries) = (seen is null ? 1 : 0, 0); done < looks + 1; tries++)
        {
            if (tries == 600) throw new TimeoutException("the feed does not look: " + await ReadyAsync());
            await Task.Delay(50, Cancellation);
            // A database tells times as distances, so the same moment differs a little from answer to answer.
            if ((await Store.FindFeedAsync(feed, Cancellation))?.LookedAt is not { } now || now - seen < TimeSpan.FromMilliseconds(80)) continue;
            (seen, done) = (now, done + 1);
        }
    }

    public Task<Answered> OrderAsync(string reference) => _world.SendAsync("k-" + reference, Orders.Body(reference));

    public Task<Answered> SendAsync(string method, string path, string caller = "acme-shop", string? body = null, string? key = null) => _world.SendAsync(
        new CaseRequest { Method = method, Path = path, Body = body, Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-" + caller, ["Idempotency-Key"] = key ?? "k" } }, Cancellation);

    public async Task<HttpResponseMessage> HintAsync(string body, string path = "hooks/odoo/" + Secret, string? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        if (header is not null) request.Headers.Add("X-Hook-Secret", header);
        return await _http.SendAsync(request, Cancellation);
    }

    public Uri HintUrl => new(_world.Url, "hooks/odoo/" + Secret);

    public Task<string> ReadyAsync() => _admin.GetStringAsync("/readyz", Cancellation);

    public Task<string> MetricsAsync() => _admin.GetStringAsync("/metrics", Cancellation);

    public string Stored() => _world.Stored();

    public T Part<T>() where T : notnull => _world.Gateway.Services.GetRequiredService<T>();

    public static JsonNode DataOf(NewEvent happened) => JsonNode.Parse(happened.Data.Span)!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _admin.Dispose();
        await _world.DisposeAsync();
    }
}

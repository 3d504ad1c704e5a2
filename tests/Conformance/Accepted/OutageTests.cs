using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>
/// Odoo is away for forty minutes, by the gateway's clock, while orders come without pause: each is answered 2xx and is there once in the end, nothing is
/// parked, and while the circuit is open Odoo is not asked once.
/// </summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(40);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Engines => [.. global::Gateway.Delivery.Storage.Stores.All.Select(engine => engine.Name)];

    [Fact]
    public Task An_order_every_two_seconds() => AwayAsync("sqlite", perSecond: 0.5);

    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Engines))]
    public Task Twenty_orders_a_second(string engine) => AwayAsync(engine, perSecond: 20);

    private static async Task AwayAsync(string engine, double perSecond)
    {
        var clock = new MovedClock();
        await using var world = await KindWorld.StartAsync([Routes, new CaseWorkspaceFile { Path = "routes/state.yaml", Content = await StateAsync(engine) }], clock: clock);
        Assert.Equal(201, (await SendAsync(world, 0)).Status);
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));

        var (sent, openFor) = (1, TimeSpan.Zero);
        for (var passed = TimeSpan.Zero; passed < Away; passed += Step)
        {
            var (left, asked) = (await OpenForAsync(world), world.Odoo.Requests);
            var due = (int)(passed.TotalSeconds * perSecond) + 1;
            await Parallel.ForEachAsync(Enumerable.Range(sent, Math.Max(0, due - sent)), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (i, _) =>
            {
                var answer = await SendAsync(world, i);
                Assert.True(answer.Status == 202, $"PO-{i}: {answer.Status} {answer.Body}");
            });
            sent = Math.Max(sent, due);
            // Real time has passed, too: only where the circuit is open before and behind it, it was all the while.
            if (left > Step && await OpenForAsync(world) is var still && still > TimeSpan.Zero && still <= left)
            {
                Assert.Equal(asked, world.Odoo.Requests);
                openFor += Step;
            }
            clock.Advance(Step);
        }
        // Beside what tries every quarter of a minute whether it is back.
        Assert.True(openFor > Away * 0.6, $"the circuit was seen open for {openFor}");

        world.Odoo.Chaos.Heal();
        await AssertAllOnceAsync(world, clock, sent);
    }

    private static async Task AssertAllOnceAsync(KindWorld world, MovedClock clock, int sent)
    {
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        // At fifty a second; the machine has other work.
        for (var tries = 0; tries < 600 + (sent / 25) && (await store.LinesAsync(Cancellation)).Sum(l => l.Waiting) > 0; tries++)
        {
            await Task.Delay(500, Cancellation);
            clock.Advance(Step);
        }
        Assert.DoesNotContain(await store.LinesAsync(Cancellation), line => line.Waiting + line.Parked > 0);
        for (var tries = 0; tries < 200 && world.Odoo.Orders.Count < sent; tries++) await Task.Delay(50, Cancellation);
        Assert.Equal(Enumerable.Range(0, sent).Select(i => $"PO-{i}").Order(StringComparer.Ordinal), world.Odoo.Orders.Select(o => o.ClientOrderRef).Order(StringComparer.Ordinal));
        var types = new Dictionary<string, int>();
        for (var after = 0L; await store.ReadEventsAsync(after, 500, Cancellation) is { Count: > 0 } page; after = page[^1].Position)
        {
            foreach (var one in page) types[one.Event.Type] = types.GetValueOrDefault(one.Event.Type) + 1;
        }
        Assert.Equal([KeyValuePair.Create("order.accepted.v1", sent), KeyValuePair.Create("order.received.v1", sent - 1)], types.OrderBy(t => t.Key, StringComparer.Ordinal));
    }

    private static Task<Answered> SendAsync(KindWorld world, int number) => world.SendAsync($"k-{number}", Orders.Body($"PO-{number}"), "/orders");

    /// <summary>How long the circuit lets nothing through yet.</summary>
    private static async Task<TimeSpan> OpenForAsync(KindWorld world)
    {
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        var odoo = (await admin.GetFromJsonAsync<JsonArray>("/backends", Cancellation))!.Single(b => (string?)b!["name"] == "odoo")!;
        var circuit = odoo["circuits"]!.AsArray().MaxBy(c => (double?)c!["openForSeconds"] ?? 0)!;
        return (string?)circuit["state"] == "open" && (double?)circuit["openForSeconds"] is { } left ? TimeSpan.FromSeconds(left) : TimeSpan.Zero;
    }

    private static async Task<string> StateAsync(string engine)
    {
        if (engine == "sqlite") return "";
        Assert.SkipWhen(PostgresqlServer.Missing is not null, PostgresqlServer.Missing ?? "");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await DatabaseServer.NewDatabaseAsync(), Cancellation);
        return $$"""state: { store: {{engine}}, postgresql: { connection: "secret://file{{file}}" } }""";
    }

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
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { call: odoo/order.create, creates: order, emits: order.accepted.v1, whenDown: accept }
                  orders.read:
                    match: GET /orders/{id}
                    policies: [callers]
                    target: { call: odoo/order.read, object: "order/{id}" }
            """,
    };
}

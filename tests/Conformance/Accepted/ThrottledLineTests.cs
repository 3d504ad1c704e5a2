using Gateway.Simulators;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>An Odoo that counts, and has 429 for who asks too often: what waits before it is sent at the pace that the backend declares.</summary>
public sealed class ThrottledLineTests
{
    private const int Count = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An order takes about twelve calls, which come one upon the other: so the next second may begin with those of the next.</summary>
    [Theory]
    [InlineData("limits: { perSecond: 12 },", false)]
    [InlineData("", true)]
    public async Task A_line_meets_no_429_where_the_backend_declares_how_much_it_takes(string limits, bool meets)
    {
        await using var world = await KindWorld.StartAsync([Route, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = $"backends: {{ odoo: {{ {limits} resilience: {{ circuit: {{ minimumCalls: 1000 }} }} }} }}" }]);
        // What is found out once, and no order asks for, is found out.
        Assert.Equal(202, (await SendAsync(world, 0)).Status);
        await UntilAsync(world, 1);
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 429, RetryAfter = 1, PerSecond = 30 });

        var answers = await Task.WhenAll(Enumerable.Range(1, Count).Select(number => SendAsync(world, number)));
        await UntilAsync(world, 1 + Count);

        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        Assert.Equal(meets, world.Odoo.Chaos.Hits > 0);
        Assert.Equal(Enumerable.Range(0, 1 + Count).Select(i => $"PO-{i}"), world.Odoo.Orders.Select(order => order.ClientOrderRef).Order(StringComparer.Ordinal));
    }

    private static Task<Answered> SendAsync(KindWorld world, int number) => world.SendAsync($"k-{number}", Orders.Body($"PO-{number}"), "/orders");

    private static async Task UntilAsync(KindWorld world, int orders)
    {
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        for (var tries = 0; tries < 2400 && (world.Odoo.Orders.Count < orders || (await store.LinesAsync(Cancellation)).Sum(line => line.Waiting) > 0); tries++) await Task.Delay(25, Cancellation);
    }

    private static readonly CaseWorkspaceFile Route = new()
    {
        Path = "routes/orders.yaml",
        Content = """
            apis:
              orders:
                owner: us
                routes:
                  orders.accept:
                    match: POST /orders
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { accept: odoo/order.create, creates: order }
                  orders.read:
                    match: GET /orders/{id}
                    policies: [callers]
                    target: { call: odoo/order.read, object: "order/{id}" }
            """,
    };
}

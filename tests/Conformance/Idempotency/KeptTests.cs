using Gateway.Simulators;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>Which answers are kept under a key: successes, and what the backend refuses. What the gateway itself says no to leaves the key free.</summary>
public sealed class KeptTests
{
    private static readonly string Good = Orders.Body("PO-1");

    [Fact]
    public async Task A_success_and_a_refusal_of_the_backend_are_kept()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);
        var made = await world.SendAsync("k-1", Good);
        var refused = await world.SendAsync("k-2", Orders.Body("PO-2", buyer: "NOBODY"));
        var lookups = world.Odoo.CallsOf("ir.model.data", "search_read");

        var again = (await world.SendAsync("k-1", Good), await world.SendAsync("k-2", Orders.Body("PO-2", buyer: "NOBODY")));

        Assert.Equal(((201, "", true), (422, "business-refused", true)), (again.Item1.Kind(), again.Item2.Kind()));
        Assert.Equal((made.Body, made.Header("Location"), refused.Body), (again.Item1.Body, again.Item1.Header("Location"), again.Item2.Body));
        Assert.Equal(lookups, world.Odoo.CallsOf("ir.model.data", "search_read"));
    }

    [Fact]
    public async Task What_the_gateway_refuses_is_not_kept()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);

        Assert.Equal((401, "unauthenticated", false), (await world.SendAsync("k-1", Good, "/guarded", caller: "nobody")).Kind());
        Assert.Equal((403, "insufficient-scope", false), (await world.SendAsync("k-1", Good, "/guarded", caller: "acme-edi")).Kind());
        Assert.Equal((413, "body-too-large", false), (await world.SendAsync("k-1", Orders.Body(new string('x', 2000)), "/guarded")).Kind());
        // The limit is one a minute, and what was too large has taken it.
        Assert.Equal((429, "quota-exceeded", false), (await world.SendAsync("k-1", Good, "/guarded")).Kind());
        Assert.Equal((422, "contract-broken", false), (await world.SendAsync("k-1", """{"client_order_ref":"PO-1"}""")).Kind());
        Assert.Equal((400, "malformed-body", false), (await world.SendAsync("k-1", "{")).Kind());

        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Good)).Kind());
    }

    [Fact]
    public async Task A_limit_that_is_used_up_does_not_use_up_the_key()
    {
        var clock = new MovedClock();
        await using var world = await KindWorld.StartAsync([Orders.Routes], clock: clock);
        Assert.Equal(201, (await world.SendAsync("k-0", Orders.Body("PO-0"), "/guarded")).Status);
        Assert.Equal((429, "quota-exceeded", false), (await world.SendAsync("k-1", Good, "/guarded")).Kind());

        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Good, "/guarded")).Kind());
    }

    [Fact]
    public async Task What_never_reached_the_backend_is_not_kept()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));
        Assert.Equal((503, "backend-unavailable", false), (await world.SendAsync("k-1", Good)).Kind());
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.None));

        // The looks at the start met the outage too, so the circuit may be open for a while.
        var sent = await world.SendAsync("k-1", Good);
        for (var tries = 0; tries < 150 && sent.Status == 503; tries++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            sent = await world.SendAsync("k-1", Good);
        }
        Assert.Equal((201, "", false), sent.Kind());
        Assert.Single(world.Odoo.Orders);
    }

    [Fact]
    public async Task What_is_kept_is_kept_for_as_long_as_declared_and_no_longer()
    {
        var clock = new MovedClock();
        await using var world = await KindWorld.StartAsync([Orders.Routes], clock: clock);
        await world.SendAsync("k-1", Good, "/by-key/north");

        clock.Advance(TimeSpan.FromHours(23.9));
        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Good, "/by-key/north")).Kind());
        clock.Advance(TimeSpan.FromHours(0.2));
        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Good, "/by-key/north")).Kind());
        Assert.Equal(2, world.Odoo.Orders.Count);
    }

    [Fact]
    public async Task Neither_keys_answers_nor_orders_lie_in_the_store_in_clear()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);
        await world.SendAsync("k-1", Good);

        Assert.DoesNotContain("DESK0005", world.Stored(), StringComparison.Ordinal);
        Assert.DoesNotContain("client_order_ref", world.Stored(), StringComparison.Ordinal);
    }
}

using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>The same request many times at once, over real sockets: the backend is called once.</summary>
public sealed class ParallelTests
{
    private const int Many = 64;

    [Fact]
    public async Task Of_64_identical_requests_one_calls_the_backend()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);

        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => world.SendAsync("k-1", Orders.Body("PO-1"))));

        Assert.Single(answers, a => a.Kind() == (201, "", false));
        Assert.All(answers, a => Assert.Contains(a.Kind(), new[] { (201, "", false), (201, "", true), (409, "still-running", false) }));
        Assert.All(answers.Where(a => a.Status == 409), a => Assert.InRange(a.RetryAfter(), 1, 5));
        await AssertOneAsync(world, "k-1");
    }

    [Fact]
    public async Task Of_64_requests_of_two_consumers_with_keys_of_their_own_for_one_reference_one_calls_the_backend()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);

        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => world.SendAsync($"k-{i}", Orders.Body("PO-1"), caller: i % 2 == 0 ? "acme-shop" : "acme-edi")));

        var made = Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers, a => Assert.Contains(a.Kind(), new[] { (201, "", false), (200, "", false), (409, "still-running", false) }));
        Assert.All(answers.Where(a => a.Status == 200), a => Assert.Equal(made.Header("Location"), a.Header("Location")));
        await AssertOneAsync(world, "k-1");
    }

    [Fact]
    public async Task Of_64_requests_with_one_key_and_other_contents_one_is_taken_and_the_others_are_told_that_the_key_is_used()
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);

        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => world.SendAsync("k-1", Orders.Body($"PO-{i}"))));

        Assert.Single(answers, a => a.Kind() == (201, "", false));
        Assert.Equal(Many - 1, answers.Count(a => a.Kind() == (422, "idempotency-key-reused", false)));
        Assert.Single(world.Odoo.Orders);
    }

    private static async Task AssertOneAsync(KindWorld world, string key)
    {
        Assert.Single(world.Odoo.Orders);
        Assert.Equal(1, world.Odoo.CallsOf("sale.order", "load"));
        var again = await world.UntilAnsweredAsync(key, Orders.Body("PO-1"));
        Assert.InRange(again.Status, 200, 201);
        Assert.Equal(1, world.Odoo.CallsOf("sale.order", "load"));
    }
}

using System.Globalization;
using Gateway.Policies.Cache;
using Gateway.Simulators;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Conformance.Cache;

/// <summary>What tells kept answers apart, and what ends them: what the backend sees, and what callers get, over real sockets.</summary>
public sealed class CacheAnswerTests : CacheBench
{
    [Theory]
    [InlineData("/stock/1", "/stock/2")]
    [InlineData("/stock/1", "/stock/1?a=1")]
    [InlineData("/stock/1?a=1", "/stock/1?a=2")]
    [InlineData("/stock/1?a=1&b=2", "/stock/1?b=2&a=1")]
    public async Task What_is_asked_otherwise_is_another_answer(string one, string other)
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);

        var bodies = new[] { await GetAsync(world, one), await GetAsync(world, other), await GetAsync(world, one), await GetAsync(world, other) }.Select(a => a.Body).ToArray();

        Assert.Equal((2, bodies[0], bodies[1]), (backend.Asked, bodies[2], bodies[3]));
        Assert.NotEqual(bodies[0], bodies[1]);
    }

    [Fact]
    public async Task No_partner_gets_what_another_was_answered_and_a_condition_is_judged_for_every_caller()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        await GetAsync(world, "/stock/1");

        Assert.Equal((200, 2), ((await GetAsync(world, "/stock/1", Other)).Status, backend.Asked));

        Assert.Equal(200, (await GetAsync(world, "/guarded/1")).Status);
        var refused = await GetAsync(world, "/guarded/1", Edi);
        Assert.Equal((404, 3, ""), (refused.Status, backend.Asked, refused.Header("ETag")));
        Assert.Equal(200, (await GetAsync(world, "/guarded/1")).Status);
    }

    [Fact]
    public async Task An_answer_that_one_caller_may_not_see_is_kept_for_who_may()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);

        Assert.Equal(404, (await GetAsync(world, "/guarded/1", Edi)).Status);

        Assert.Equal((200, 1), ((await GetAsync(world, "/guarded/1")).Status, backend.Asked));
    }

    [Fact]
    public async Task Headers_that_the_backend_varies_by_tell_answers_apart()
    {
        await using var backend = await CachedStock.StartAsync();
        backend.Headers["Vary"] = "Accept-Language";
        await using var world = await StartAsync(backend);

        foreach (var language in (string[])["de", "fr", "de", "fr"]) Assert.Contains($"\"{language}\"", (await GetAsync(world, "/stock/1", headers: ("Accept-Language", language))).Body, StringComparison.Ordinal);
        Assert.Equal(2, backend.Asked);

        backend.Headers["Vary"] = "*";
        await GetAsync(world, "/stock/2");
        await GetAsync(world, "/stock/2");
        Assert.Equal(4, backend.Asked);
    }

    [Fact]
    public async Task What_was_asked_at_another_host_or_with_a_body_is_another_answer()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);

        await GetAsync(world, "/stock/1", headers: ("Host", "evil.example"));
        var own = await GetAsync(world, "/stock/1");
        Assert.Equal(2, backend.Asked);
        await world.SendAsync(new CaseRequest { Path = "/stock/1", Headers = new Dictionary<string, string> { ["X-Api-Key"] = Shop }, Body = "{\"q\":1}" }, Cancellation);
        Assert.Equal(3, backend.Asked);
        Assert.Equal(own.Body, (await GetAsync(world, "/stock/1")).Body);
    }

    [Theory]
    [InlineData("PUT", 200, true)]
    [InlineData("PUT", 404, false)]
    [InlineData("PUT", 503, false)]
    public async Task What_was_changed_through_the_gateway_is_not_given_from_before(string method, int status, bool asks)
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        var before = await GetAsync(world, "/stock/1");
        await GetAsync(world, "/stock/2");
        backend.Status = status;
        await world.SendAsync(new CaseRequest { Method = method, Path = "/stock/1", Headers = new Dictionary<string, string> { ["X-Api-Key"] = Other }, Body = "{}" }, Cancellation);
        backend.Status = 200;
        var asked = backend.Asked;

        Assert.Equal(asks, (await GetAsync(world, "/stock/1")).Body != before.Body);
        await GetAsync(world, "/stock/2");
        Assert.Equal(asked + (asks ? 1 : 0), backend.Asked);
    }

    [Fact]
    public async Task Its_memory_is_bounded_by_what_it_was_asked_too()
    {
        using var changed = new ChangedPaths(Clock);
        using var cache = new AnswerCache(megabytes: 1, changed);
        var request = new DefaultHttpContext().Request;
        var kept = new KeptAnswer { AskedAt = Clock.GetUtcNow(), KeptAt = Clock.GetUtcNow(), Lifetime = new(TimeSpan.FromHours(1), default, default) };

        for (var i = 0; i < 5_000; i++) cache.Keep(string.Create(CultureInfo.InvariantCulture, $"{new string('k', 200)}{i}"), request, [], kept);
        await Task.Delay(100, Cancellation);

        var found = Enumerable.Range(0, 5_000).Count(i => cache.Find(string.Create(CultureInfo.InvariantCulture, $"{new string('k', 200)}{i}"), request) is not null);
        // Half a kilobyte an answer, and as much for its key.
        Assert.InRange(found, 1, 1_200);
    }

    [Fact]
    public async Task What_an_operation_of_a_backend_reads_is_kept_too()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);

        var first = await GetAsync(world, "/items/DESK0005");
        var again = await GetAsync(world, "/items/DESK0005", Edi);

        Assert.Equal((200, "gateway; fwd=miss; ttl=10"), (first.Status, first.Header("Cache-Status")));
        Assert.Equal((200, "gateway; hit; ttl=10", first.Body), (again.Status, again.Header("Cache-Status"), again.Body));
        Assert.Equal("gateway; fwd=miss; ttl=10", (await GetAsync(world, "/items/DESK0005", Other)).Header("Cache-Status"));
        Assert.Equal(404, (await GetAsync(world, "/items/NONE")).Status);
    }

    [Fact]
    public async Task The_last_good_answer_of_an_operation_is_given_with_its_age_while_its_backend_is_down()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        var good = await GetAsync(world, "/items/DESK0005");
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));
        Clock.Advance(TimeSpan.FromSeconds(40));

        var stale = await GetAsync(world, "/items/DESK0005");

        Assert.Equal((200, good.Body, "40", "gateway; fwd=stale; detail=stale-if-error; ttl=-30"), (stale.Status, stale.Body, stale.Header("Age"), stale.Header("Cache-Status")));
        Assert.True((await GetAsync(world, "/items/DESK0005", Other)).Status >= 500, "another partner has none");
        Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await GetAsync(world, "/items/DESK0005")).Status >= 500);
    }
}

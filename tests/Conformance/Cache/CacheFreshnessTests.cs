using Xunit;

namespace Gateway.Tests.Conformance.Cache;

/// <summary>How long an answer is given again (RFC 9111), and how long a stale one stands in (RFC 5861), over real sockets.</summary>
public sealed class CacheFreshnessTests : CacheBench
{
    [Fact]
    public async Task An_answer_is_given_again_to_its_partner_until_it_is_old()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);

        var first = await GetAsync(world, "/stock/1?a=1");
        Clock.Advance(TimeSpan.FromSeconds(4));
        var again = await GetAsync(world, "/stock/1?a=1", Edi);

        Assert.Equal((200, "gateway; fwd=miss; ttl=10", "0", "private, max-age=10"), (first.Status, first.Header("Cache-Status"), first.Header("Age"), first.Header("Cache-Control")));
        Assert.Equal((200, "gateway; hit; ttl=6", "4", "private, max-age=10"), (again.Status, again.Header("Cache-Status"), again.Header("Age"), again.Header("Cache-Control")));
        Assert.Equal((first.Body, first.Header("ETag"), "yes", 1), (again.Body, again.Header("ETag"), again.Header("X-From-Backend"), backend.Asked));
        Assert.NotEqual(first.Header("X-Correlation-Id"), again.Header("X-Correlation-Id"));

        Clock.Advance(TimeSpan.FromSeconds(6));
        var old = await GetAsync(world, "/stock/1?a=1");
        Assert.Equal(("gateway; fwd=miss; ttl=10", 2), (old.Header("Cache-Status"), backend.Asked));
        Assert.NotEqual(first.Body, old.Body);
    }

    [Theory]
    [InlineData("no-store", 0)]
    [InlineData("private", 0)]
    [InlineData("private, max-age=60", 0)]
    [InlineData("no-cache", 0)]
    [InlineData("max-age=0", 0)]
    [InlineData("max-age=3", 3)]
    [InlineData("max-age=3, s-maxage=5", 5)]
    [InlineData("max-age=100", 10)]
    [InlineData("public", 10)]
    [InlineData("max-age=nonsense", 0)]
    public async Task What_the_backend_says_of_its_answer_counts_and_never_makes_it_older_than_declared(string said, int seconds)
    {
        await using var backend = await CachedStock.StartAsync();
        backend.Headers["Cache-Control"] = said;
        await using var world = await StartAsync(backend);
        await GetAsync(world, "/stock/1");

        if (seconds > 0)
        {
            Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await GetAsync(world, "/stock/1");
            Assert.Equal(1, backend.Asked);
            Clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        var last = await GetAsync(world, "/stock/1");
        Assert.Equal(2, backend.Asked);
        if (seconds == 0) Assert.Equal((said, "gateway; fwd=miss"), (last.Header("Cache-Control"), last.Header("Cache-Status")));
    }

    [Fact]
    public async Task An_answer_that_was_old_already_is_fresh_for_the_rest_and_tells_its_whole_age()
    {
        await using var backend = await CachedStock.StartAsync();
        (backend.Headers["Age"], backend.Headers["Cache-Control"]) = ("7", "max-age=9");
        await using var world = await StartAsync(backend);

        Assert.Equal("7", (await GetAsync(world, "/stock/1")).Header("Age"));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("8", 1), ((await GetAsync(world, "/stock/1")).Header("Age"), backend.Asked));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await GetAsync(world, "/stock/1");
        Assert.Equal(2, backend.Asked);
    }

    [Theory]
    [InlineData("Cache-Control", "no-cache", true)]
    [InlineData("Pragma", "no-cache", true)]
    [InlineData("Cache-Control", "no-store", true)]
    [InlineData("Cache-Control", "max-age=1", true)]
    [InlineData("Cache-Control", "max-age=5", false)]
    [InlineData("Cache-Control", "min-fresh=9", true)]
    [InlineData("Cache-Control", "min-fresh=1", false)]
    [InlineData("Cache-Control", "max-stale=100", false)]
    public async Task A_caller_may_want_a_newer_answer(string header, string wish, bool asks)
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        await GetAsync(world, "/stock/1");
        Clock.Advance(TimeSpan.FromSeconds(2));

        await GetAsync(world, "/stock/1", headers: (header, wish));

        Assert.Equal(asks ? 2 : 1, backend.Asked);
    }

    [Fact]
    public async Task Who_has_the_answer_already_is_told_so_and_the_backend_never_sees_the_tag()
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        var tag = (await GetAsync(world, "/stock/1")).Header("ETag");

        foreach (var wanted in (string[])[tag, $"\"x\", {tag}", "W/" + tag, "*"])
        {
            var same = await GetAsync(world, "/stock/1", headers: ("If-None-Match", wanted));
            Assert.Equal((304, "", tag), (same.Status, same.Body, same.Header("ETag")));
        }
        foreach (var wanted in (string[])["\"x\"", "nonsense", tag.Trim('"')])
            Assert.Equal(200, (await GetAsync(world, "/stock/1", headers: ("If-None-Match", wanted))).Status);
        Assert.Equal(200, (await GetAsync(world, "/stock/2", headers: ("If-None-Match", "\"x\""))).Status);
        Assert.Equal("", backend.Conditions);
    }

    [Theory]
    [InlineData(500, 200)]
    [InlineData(503, 200)]
    [InlineData(0, 200)]
    [InlineData(404, 404)]
    public async Task While_the_backend_fails_a_stale_answer_stands_in_with_its_age_and_no_longer_than_declared(int status, int told)
    {
        await using var backend = await CachedStock.StartAsync();
        await using var world = await StartAsync(backend);
        var good = await GetAsync(world, "/stock/1");
        backend.Status = status;
        Clock.Advance(TimeSpan.FromSeconds(40));

        var stale = await GetAsync(world, "/stock/1");

        Assert.Equal(told, stale.Status);
        if (told != 200) return;
        Assert.Equal((good.Body, "40", "gateway; fwd=stale; detail=stale-if-error; ttl=-30", "private, max-age=10"), (stale.Body, stale.Header("Age"), stale.Header("Cache-Status"), stale.Header("Cache-Control")));
        Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await GetAsync(world, "/stock/1")).Status >= 500);
        backend.Status = 200;
        Assert.NotEqual(good.Body, (await GetAsync(world, "/stock/1")).Body);
    }
}

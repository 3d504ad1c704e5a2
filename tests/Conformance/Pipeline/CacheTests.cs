using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>Answers that are given again (RFC 9111, RFC 5861): what the backend sees, and what callers get, over real sockets.</summary>
public sealed class CacheTests
{
    private static readonly string Shop = "key-of-acme-shop", Edi = "key-of-acme-edi", Other = "key-of-globex-shop";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_given_again_to_its_partner_until_it_is_old()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);

        var first = await GetAsync(world, "/stock/1?a=1");
        _clock.Advance(TimeSpan.FromSeconds(4));
        var again = await GetAsync(world, "/stock/1?a=1", Edi);

        Assert.Equal((200, "gateway; fwd=miss; ttl=10", "0", "private, max-age=10"), (first.Status, first.Header("Cache-Status"), first.Header("Age"), first.Header("Cache-Control")));
        Assert.Equal((200, "gateway; hit; ttl=6", "4", "private, max-age=10"), (again.Status, again.Header("Cache-Status"), again.Header("Age"), again.Header("Cache-Control")));
        Assert.Equal((first.Body, first.Header("ETag"), "yes", 1), (again.Body, again.Header("ETag"), again.Header("X-From-Backend"), backend.Asked));
        Assert.NotEqual(first.Header("X-Correlation-Id"), again.Header("X-Correlation-Id"));

        _clock.Advance(TimeSpan.FromSeconds(6));
        var old = await GetAsync(world, "/stock/1?a=1");
        Assert.Equal(("gateway; fwd=miss; ttl=10", 2), (old.Header("Cache-Status"), backend.Asked));
        Assert.NotEqual(first.Body, old.Body);
    }

    [Theory]
    [InlineData("/stock/1", "/stock/2")]
    [InlineData("/stock/1", "/stock/1?a=1")]
    [InlineData("/stock/1?a=1", "/stock/1?a=2")]
    [InlineData("/stock/1?a=1&b=2", "/stock/1?b=2&a=1")]
    public async Task What_is_asked_otherwise_is_another_answer(string one, string other)
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);

        var bodies = new[] { await GetAsync(world, one), await GetAsync(world, other), await GetAsync(world, one), await GetAsync(world, other) }.Select(a => a.Body).ToArray();

        Assert.Equal((2, bodies[0], bodies[1]), (backend.Asked, bodies[2], bodies[3]));
        Assert.NotEqual(bodies[0], bodies[1]);
    }

    [Fact]
    public async Task No_partner_gets_what_another_was_answered_and_a_condition_is_judged_for_every_caller()
    {
        await using var backend = await Stock.StartAsync();
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
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);

        Assert.Equal(404, (await GetAsync(world, "/guarded/1", Edi)).Status);

        Assert.Equal((200, 1), ((await GetAsync(world, "/guarded/1")).Status, backend.Asked));
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
        await using var backend = await Stock.StartAsync();
        backend.Headers["Cache-Control"] = said;
        await using var world = await StartAsync(backend);
        await GetAsync(world, "/stock/1");

        if (seconds > 0)
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await GetAsync(world, "/stock/1");
            Assert.Equal(1, backend.Asked);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        var last = await GetAsync(world, "/stock/1");
        Assert.Equal(2, backend.Asked);
        if (seconds == 0) Assert.Equal((said, "gateway; fwd=miss"), (last.Header("Cache-Control"), last.Header("Cache-Status")));
    }

    [Fact]
    public async Task An_answer_that_was_old_already_is_fresh_for_the_rest_and_tells_its_whole_age()
    {
        await using var backend = await Stock.StartAsync();
        (backend.Headers["Age"], backend.Headers["Cache-Control"]) = ("7", "max-age=9");
        await using var world = await StartAsync(backend);

        Assert.Equal("7", (await GetAsync(world, "/stock/1")).Header("Age"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("8", 1), ((await GetAsync(world, "/stock/1")).Header("Age"), backend.Asked));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await GetAsync(world, "/stock/1");
        Assert.Equal(2, backend.Asked);
    }

    [Fact]
    public async Task Headers_that_the_backend_varies_by_tell_answers_apart()
    {
        await using var backend = await Stock.StartAsync();
        backend.Headers["Vary"] = "Accept-Language";
        await using var world = await StartAsync(backend);

        foreach (var language in (string[])["de", "fr", "de", "fr"]) Assert.Contains($"\"{language}\"", (await GetAsync(world, "/stock/1", headers: ("Accept-Language", language))).Body, StringComparison.Ordinal);
        Assert.Equal(2, backend.Asked);

        backend.Headers["Vary"] = "*";
        await GetAsync(world, "/stock/2");
        await GetAsync(world, "/stock/2");
        Assert.Equal(4, backend.Asked);
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
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        await GetAsync(world, "/stock/1");
        _clock.Advance(TimeSpan.FromSeconds(2));

        await GetAsync(world, "/stock/1", headers: (header, wish));

        Assert.Equal(asks ? 2 : 1, backend.Asked);
    }

    [Fact]
    public async Task Who_has_the_answer_already_is_told_so_and_the_backend_never_sees_the_tag()
    {
        await using var backend = await Stock.StartAsync();
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
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        var good = await GetAsync(world, "/stock/1");
        backend.Status = status;
        _clock.Advance(TimeSpan.FromSeconds(40));

        var stale = await GetAsync(world, "/stock/1");

        Assert.Equal(told, stale.Status);
        if (told != 200) return;
        Assert.Equal((good.Body, "40", "gateway; fwd=stale; detail=stale-if-error; ttl=-30", "private, max-age=10"), (stale.Body, stale.Header("Age"), stale.Header("Cache-Status"), stale.Header("Cache-Control")));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await GetAsync(world, "/stock/1")).Status >= 500);
        backend.Status = 200;
        Assert.NotEqual(good.Body, (await GetAsync(world, "/stock/1")).Body);
    }

    [Fact]
    public async Task Of_many_who_ask_at_once_one_asks_the_backend()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        backend.Hold();

        var asking = Enumerable.Range(0, 50).Select(_ => GetAsync(world, "/stock/1")).ToList();
        await backend.UntilAskedAsync(1);
        await Task.Delay(200, Cancellation);
        backend.LetGo();
        var answers = await Task.WhenAll(asking);

        Assert.Equal((1, 1), (backend.Asked, answers.Select(a => (a.Status, a.Body)).Distinct().Count()));
    }

    [Fact]
    public async Task Of_many_who_ask_while_the_backend_is_down_one_finds_out()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        backend.Status = 503;
        backend.Hold();

        var asking = Enumerable.Range(0, 50).Select(_ => GetAsync(world, "/stock/1")).ToList();
        await backend.UntilAskedAsync(1);
        await Task.Delay(200, Cancellation);
        backend.LetGo();
        var answers = await Task.WhenAll(asking);

        Assert.All(answers, a => Assert.Equal((503, "backend-unavailable"), (a.Status, a.Problem)));
        Assert.InRange(backend.Asked, 1, 3);
    }

    [Fact]
    public async Task When_the_one_who_asks_hangs_up_another_does()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        backend.Hold();
        using var gone = new CancellationTokenSource();
        var first = GetAsync(world, "/stock/1", cancellation: gone.Token);
        await backend.UntilAskedAsync(1);
        var second = GetAsync(world, "/stock/1");
        await Task.Delay(200, Cancellation);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await backend.UntilAskedAsync(2);
        backend.LetGo();

        Assert.Equal(200, (await second).Status);
    }

    [Fact]
    public async Task Of_many_who_wait_for_one_who_hangs_up_one_asks()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);
        backend.Hold();
        using var gone = new CancellationTokenSource();
        var first = GetAsync(world, "/stock/1", cancellation: gone.Token);
        await backend.UntilAskedAsync(1);
        var others = Enumerable.Range(0, 30).Select(_ => GetAsync(world, "/stock/1")).ToList();
        await Task.Delay(200, Cancellation);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await backend.UntilAskedAsync(2);
        await Task.Delay(200, Cancellation);
        backend.LetGo();

        Assert.All(await Task.WhenAll(others), a => Assert.Equal(200, a.Status));
        Assert.Equal(2, backend.Asked);
    }

    [Fact]
    public async Task Of_many_who_ask_at_once_in_three_languages_three_ask_the_backend()
    {
        await using var backend = await Stock.StartAsync();
        backend.Headers["Vary"] = "Accept-Language";
        await using var world = await StartAsync(backend);
        backend.Hold();

        var asking = Enumerable.Range(0, 30).Select(i => GetAsync(world, "/stock/1", headers: ("Accept-Language", "de fr it".Split(' ')[i % 3]))).ToList();
        await backend.UntilAskedAsync(1);
        await Task.Delay(200, Cancellation);
        backend.LetGo();
        var answers = await Task.WhenAll(asking);

        Assert.All(answers.Select((a, i) => (a.Body, Language: "de fr it".Split(' ')[i % 3])), a => Assert.Contains($"\"{a.Language}\"", a.Body, StringComparison.Ordinal));
        Assert.Equal(3, backend.Asked);
    }

    [Fact]
    public async Task What_was_asked_at_another_host_or_with_a_body_is_another_answer()
    {
        await using var backend = await Stock.StartAsync();
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
        await using var backend = await Stock.StartAsync();
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
        using var changed = new Gateway.Policies.Cache.ChangedPaths(_clock);
        using var cache = new Gateway.Policies.Cache.AnswerCache(megabytes: 1, changed);
        var request = new DefaultHttpContext().Request;
        var kept = new Gateway.Policies.Cache.KeptAnswer { AskedAt = _clock.GetUtcNow(), KeptAt = _clock.GetUtcNow(), Lifetime = new(TimeSpan.FromHours(1), default, default) };

        for (var i = 0; i < 5_000; i++) cache.Keep(string.Create(CultureInfo.InvariantCulture, $"{new string('k', 200)}{i}"), request, [], kept);
        await Task.Delay(100, Cancellation);

        var found = Enumerable.Range(0, 5_000).Count(i => cache.Find(string.Create(CultureInfo.InvariantCulture, $"{new string('k', 200)}{i}"), request) is not null);
        // Half a kilobyte an answer, and as much for its key.
        Assert.InRange(found, 1, 1_200);
    }

    [Fact]
    public async Task What_an_operation_of_a_backend_reads_is_kept_too()
    {
        await using var backend = await Stock.StartAsync();
        await using var world = await StartAsync(backend);

        var first = await GetAsync(world, "/items/DESK0005");
        var again = await GetAsync(world, "/items/DESK0005", Edi);

        Assert.Equal((200, "gateway; fwd=miss; ttl=10"), (first.Status, first.Header("Cache-Status")));
        Assert.Equal((200, "gateway; hit; ttl=10", first.Body), (again.Status, again.Header("Cache-Status"), again.Body));
        Assert.Equal("gateway; fwd=miss; ttl=10", (await GetAsync(world, "/items/DESK0005", Other)).Header("Cache-Status"));
        Assert.Equal(404, (await GetAsync(world, "/items/NONE")).Status);
    }

    private Task<KindWorld> StartAsync(Stock backend) => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "routes/cases.yaml",
            Content = $$"""
                backends:
                  stock: { adapter: http, url: "{{backend.Url}}" }
                policies:
                  kept: { cache: { for: 10s, staleIfError: 1m } }
                apis:
                  cases:
                    owner: us
                    routes:
                      read: { match: "GET /stock/{id}", policies: [callers, kept], target: { forward: stock } }
                      write: { match: "PUT /stock/{id}", policies: [callers], target: { forward: stock } }
                      guarded:
                        match: GET /guarded/{id}
                        policies: [callers, kept, { authorize: { when: [{ if: '$consumer.name = "acme-shop" and $answer.asked > 0', else: 404, reason: not-theirs }] } }]
                        target: { forward: stock }
                      item: { match: "GET /items/{sku}", policies: [callers, kept], target: { call: odoo/item.read } }
                """,
        },
    ], clock: _clock);

    private static Task<Answered> GetAsync(KindWorld world, string path, string? key = null, (string Name, string Value)? headers = null, CancellationToken? cancellation = null)
    {
        var all = new Dictionary<string, string> { ["X-Api-Key"] = key ?? Shop };
        if (headers is var (name, value)) all[name] = value;
        return world.SendAsync(new CaseRequest { Path = path, Headers = all }, cancellation ?? Cancellation);
    }

    /// <summary>A backend whose answer is another every time.</summary>
    private sealed class Stock : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _asked;
        private TaskCompletionSource _held = new();

        private Stock(WebApplication app) => _app = app;

        public Uri Url => new(_app.Urls.Single());

        public int Asked => _asked;

        /// <summary>0 hangs up.</summary>
        public int Status { get; set; } = 200;

        public Dictionary<string, string> Headers { get; } = [];

        /// <summary>Conditional headers that came.</summary>
        public string Conditions { get; private set; } = "";

        public static async Task<Stock> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var stock = new Stock(builder.Build());
            stock._held.SetResult();
            stock._app.Run(stock.AnswerAsync);
            await stock._app.StartAsync();
            return stock;
        }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void LetGo() => _held.SetResult();

        public async Task UntilAskedAsync(int times)
        {
            for (var tries = 0; Asked < times; tries++)
            {
                Assert.True(tries < 500, $"the backend was asked {Asked} times");
                await Task.Delay(20, Cancellation);
            }
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext http)
        {
            var asked = Interlocked.Increment(ref _asked);
            Conditions += http.Request.Headers.IfNoneMatch.ToString() + http.Request.Headers.IfModifiedSince;
            await _held.Task.WaitAsync(TimeSpan.FromSeconds(30));
            if (Status == 0)
            {
                http.Abort();
                return;
            }
            http.Response.StatusCode = Status;
            foreach (var (name, value) in Headers) http.Response.Headers[name] = value;
            http.Response.Headers["X-From-Backend"] = "yes";
            http.Response.Headers.ETag = "\"of-the-backend\"";
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(new JsonObject { ["asked"] = asked, ["language"] = http.Request.Headers.AcceptLanguage.ToString(), ["path"] = string.Create(CultureInfo.InvariantCulture, $"{http.Request.Path}") }.ToJsonString());
        }
    }
}

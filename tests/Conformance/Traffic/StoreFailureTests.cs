using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gateway.Delivery.Redis;
using Gateway.Tests.Conformance.PolicyKinds;
using Gateway.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace Gateway.Tests.Conformance.Traffic;

/// <summary>Two gateways, one Redis that goes away and comes back in mid-traffic, and what each onStoreFailure makes of it. Never a 500.</summary>
public sealed class StoreFailureTests
{
    private const string Key = "key-of-acme-shop";

    [Theory]
    [InlineData("killed")]
    [InlineData("paused")]
    public async Task While_Redis_is_away_each_limit_does_what_it_says_and_goes_back_by_itself(string how)
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis);
        await using var two = await StartAsync(redis);
        await PulseAsync(one, two);
        await using var traffic = new Traffic(one, two);
        await UntilAsync(one, "/deny/1", answer => answer.Left == 999_998);
        Assert.Equal(999_997, (await GetAsync(two, "/deny/1")).Left);

        await (how == "killed" ? redis.KillAsync() : redis.PauseAsync());

        var denied = await UntilAsync(one, "/deny/1", answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("1", "/problems/store-unavailable"), (denied.RetryAfter, denied.Type));
        await UntilAsync(one, "/deny/1", _ => true, state: "away");
        Assert.Equal((HttpStatusCode.OK, (long?)null), (await UntilAsync(one, "/allow/1", answer => answer.Left is null)) is var allowed ? (allowed.Status, allowed.Left) : default);
        // Ten for two nodes are five for each.
        await UntilAsync(one, "/local/1", answer => answer.Left is not null);
        var here = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++) here.Add((await GetAsync(one, "/local/1")).Status);
        Assert.InRange(here.Count(s => s == HttpStatusCode.OK), 0, 4);
        Assert.Equal(HttpStatusCode.TooManyRequests, here[^1]);
        // A limit that denies refuses for all limits of the route.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(one, "/both/1")).Status);

        await (how == "killed" ? redis.StartAgainAsync() : redis.ResumeAsync());

        var back = await UntilAsync(one, "/deny/1", answer => answer.Status == HttpStatusCode.OK);
        Assert.InRange(back.Left!.Value, 0, 999_997);
        await UntilAsync(two, "/deny/1", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("answers", await StateAsync(one));
        Assert.DoesNotContain(HttpStatusCode.InternalServerError, await traffic.EndAsync());
    }

    [Fact]
    public async Task A_flushed_Redis_counts_anew_and_nobody_notices_more()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis);
        await using var two = await StartAsync(redis);
        await using var traffic = new Traffic(one, two);
        for (var i = 0; i < 10; i++) await GetAsync(one, "/local/1");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GetAsync(two, "/local/1")).Status);

        await using var aside = await ConnectionMultiplexer.ConnectAsync(redis.Connection + ",allowAdmin=true");
        await aside.GetServers()[0].FlushAllDatabasesAsync();
        await aside.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal((HttpStatusCode.OK, 9L), (await GetAsync(two, "/local/1")) is var anew ? (anew.Status, anew.Left!.Value) : default);
        Assert.Equal([HttpStatusCode.OK], await traffic.EndAsync());
    }

    /// <summary>A gateway starts, and answers, where there is no Redis yet; when it comes it is used.</summary>
    [Fact]
    public async Task A_Redis_that_comes_later_holds_up_no_start()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var world = await StartAsync(redis);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(world, "/local/1")).Status);
        Assert.Contains((await GetAsync(world, "/deny/1")).Status, (HttpStatusCode[])[HttpStatusCode.ServiceUnavailable]);

        await redis.StartAgainAsync();

        await UntilAsync(world, "/deny/1", answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_at_work_on_one_node_is_at_work_on_the_other_and_ends_with_its_request()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis);
        await using var two = await StartAsync(redis);
        using var client = new HttpClient();

        var many = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => StatusAsync(client, i % 2 == 0 ? one : two, "/at-work/1")));

        Assert.Subset(new HashSet<HttpStatusCode> { HttpStatusCode.OK, HttpStatusCode.TooManyRequests }, many.ToHashSet());
        Assert.Contains(HttpStatusCode.OK, many);
        await UntilAsync(two, "/at-work/1", answer => answer is { Status: HttpStatusCode.OK, Left: 1 });
    }

    private static Task<KindWorld> StartAsync(RedisServer redis) => KindWorld.StartAsync([new CaseWorkspaceFile
    {
        Path = "routes/limits.yaml",
        Content = $$"""
            state:
              redis: { connection: "secret://demo/{{redis.Connection}}", timeout: 500ms }
            apis:
              limits:
                owner: us
                routes:
                  deny: { match: "GET /deny/{id}", policies: [callers, rateLimit: { limit: 1000000, window: 36500d, onStoreFailure: deny }], target: { forward: echo } }
                  allow: { match: "GET /allow/{id}", policies: [callers, rateLimit: { limit: 1000000, window: 36500d, onStoreFailure: allow }], target: { forward: echo } }
                  local: { match: "GET /local/{id}", policies: [callers, rateLimit: { limit: 10, window: 36500d }], target: { forward: echo } }
                  both: { match: "GET /both/{id}", policies: [callers, rateLimit: { limits: { a: { limit: 1000000, window: 1h }, b: { limit: 1000000, window: 1h, onStoreFailure: deny } } }], target: { forward: echo } }
                  at-work: { match: "GET /at-work/{id}", policies: [callers, rateLimit: { limit: 2, algorithm: concurrency }], target: { forward: echo } }
                  traffic: { match: "GET /traffic/{id}", policies: [callers, rateLimit: { limits: { a: { limit: 1000000, window: 1h }, b: { limit: 1000000, window: 1h, algorithm: slidingWindow } } }], target: { forward: echo } }
            """,
    }]);

    private static async Task PulseAsync(params KindWorld[] worlds)
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var world in worlds) await world.Gateway.Services.GetRequiredService<RedisLimits>().PulseAsync();
        }
        Assert.All(worlds, world => Assert.Equal(worlds.Length, world.Gateway.Services.GetRequiredService<RedisLimits>().Nodes));
    }

    private static async Task<string> StateAsync(KindWorld world)
    {
        using var client = new HttpClient();
        using var ready = JsonDocument.Parse(await client.GetStringAsync(new Uri(world.AdminUrl, "/readyz")));
        return ready.RootElement.GetProperty("redis").GetString()!;
    }

    /// <summary>Asks until the answer is as wanted; every answer meanwhile is one that a limit gives.</summary>
    private static async Task<Told> UntilAsync(KindWorld world, string path, Func<Told, bool> wanted, string? state = null)
    {
        Told told = default;
        for (var tries = 0; tries < 300; tries++)
        {
            told = await GetAsync(world, path);
            Assert.Contains(told.Status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable]);
            if (wanted(told) && (state is null || state == await StateAsync(world))) return told;
            await Task.Delay(50);
        }
        throw new TimeoutException($"{path} still answers {told}");
    }

    private static async Task<Told> GetAsync(KindWorld world, string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Url, path)) { Headers = { { "X-Api-Key", Key } } };
        using var answer = await client.SendAsync(request);
        var left = answer.Headers.TryGetValues("RateLimit", out var state) ? long.Parse(state.First().Split("r=")[1].Split(';')[0], System.Globalization.CultureInfo.InvariantCulture) : (long?)null;
        var type = answer.IsSuccessStatusCode ? null : JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("type").GetString();
        return new Told(answer.StatusCode, left, answer.Headers.TryGetValues("Retry-After", out var wait) ? wait.First() : null, type);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, KindWorld world, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Url, path)) { Headers = { { "X-Api-Key", Key } } };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private readonly record struct Told(HttpStatusCode Status, long? Left, string? RetryAfter, string? Type);

    /// <summary>Requests to both gateways the whole time.</summary>
    private sealed class Traffic : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<HttpStatusCode, int> _seen = [];
        private readonly Task[] _lanes;

        public Traffic(params KindWorld[] worlds) => _lanes = [.. worlds.Concat(worlds).Select(world => Task.Run(async () =>
        {
            using var client = new HttpClient();
            while (!_stop.IsCancellationRequested) _seen.AddOrUpdate(await StatusAsync(client, world, "/traffic/1"), 1, (_, n) => n + 1);
        }))];

        public async Task<IEnumerable<HttpStatusCode>> EndAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_lanes);
            return _seen.Keys;
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            _stop.Dispose();
        }
    }
}

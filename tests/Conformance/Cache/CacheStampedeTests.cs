using Xunit;

namespace Gateway.Tests.Conformance.Cache;

/// <summary>Many who ask for the same at once, over real sockets.</summary>
public sealed class CacheStampedeTests : CacheBench
{
    [Fact]
    public async Task Of_many_who_ask_at_once_one_asks_the_backend()
    {
        await using var backend = await CachedStock.StartAsync();
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
        await using var backend = await CachedStock.StartAsync();
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
        await using var backend = await CachedStock.StartAsync();
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
        await using var backend = await CachedStock.StartAsync();
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
        await using var backend = await CachedStock.StartAsync();
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
}

using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Forwarding;

/// <summary>Who of several destinations gets a request, over real sockets.</summary>
public sealed class BalanceTests : IAsyncLifetime
{
    private MoodyBackend _main = null!;
    private MoodyBackend _b = null!;
    private MoodyBackend _c = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_main, _b, _c) = (await MoodyBackend.StartAsync("main"), await MoodyBackend.StartAsync("b"), await MoodyBackend.StartAsync("c"));

    public async ValueTask DisposeAsync()
    {
        foreach (var one in new[] { _main, _b, _c }) await one.DisposeAsync();
    }

    [Fact]
    public async Task Round_robin_goes_round()
    {
        await using var world = await StartAsync("balance: roundRobin");

        var names = await world.NamesAsync(9);

        Assert.Equal(["b", "c", "main"], names.Take(3).Order(StringComparer.Ordinal));
        Assert.Equal(names.Take(3).Concat(names.Take(3)).Concat(names.Take(3)), names);
    }

    /// <summary>Where one holds a request, whoever compares how many are under way goes elsewhere; by turn, a third of them would go there.</summary>
    [Theory]
    [InlineData("leastRequests")]
    [InlineData("powerOfTwo")]
    public async Task One_that_is_at_work_is_spared(string balance)
    {
        await using var world = await StartAsync($"balance: {balance}", third: false);
        var held = await HoldAsync(world);

        var names = await world.NamesAsync(30);

        Assert.All(names, name => Assert.Equal("b", name));
        _main.Release();
        Assert.Equal("main", (await held.Answer).Body);
    }

    [Theory]
    [InlineData("powerOfTwo")]
    [InlineData("random")]
    public async Task By_chance_everybody_gets_some(string balance)
    {
        await using var world = await StartAsync($"balance: {balance}");

        var names = await world.NamesAsync(90);

        Assert.Equal(["b", "c", "main"], names.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("random")]
    [InlineData("powerOfTwo")]
    public async Task Where_it_is_drawn_the_weights_count(string balance)
    {
        await using var world = await StartAsync($"balance: {balance}, weight: 9", third: false);

        await world.NamesAsync(400);

        // Nine of ten, five standard deviations to either side.
        Assert.InRange(_b.Requests.Count, 10, 70);
    }

    /// <summary><c>url</c> is called main, which is behind b.</summary>
    [Fact]
    public async Task The_first_by_name_gets_all_and_the_others_are_its_spares()
    {
        await using var world = await StartAsync("balance: first, resilience: { retries: 1, retryDelay: 1ms, circuit: { minimumCalls: 2 } }");

        Assert.All(await world.NamesAsync(6), name => Assert.Equal("b", name));
        _b.Mood = Mood.Resets;
        Assert.All(await world.NamesAsync(6), name => Assert.Equal("c", name));
        _c.Mood = Mood.Resets;
        Assert.All(await world.NamesAsync(6), name => Assert.Equal("main", name));
    }

    [Fact]
    public async Task Without_a_word_about_resilience_one_that_fails_is_passed_over_and_tried_again_later()
    {
        var clock = new MovedClock();
        await using var world = await StartAsync("balance: roundRobin", third: false, clock: clock);
        _b.Mood = Mood.Resets;

        await world.NamesAsync(40);
        var failed = _b.Requests.Count;
        Assert.All(await world.NamesAsync(10), name => Assert.Equal("main", name));

        // The circuit's defaults: eight calls, of which half fail.
        Assert.InRange(failed, 8, 9);
        Assert.Equal([("b", "open"), ("main", "closed")], (await world.CircuitsAsync()).Select(c => (c.Destination!, c.State)).Order());
        _b.Mood = Mood.Fine;
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Contains("b", await world.NamesAsync(3));
    }

    [Fact]
    public async Task Callers_who_are_not_known_are_shared_whatever_the_affinity()
    {
        await using var world = await StartAsync("affinity: partner", policies: "");

        Assert.Equal(3, (await world.NamesAsync(9)).Distinct().Count());
    }

    [Fact(Timeout = 60_000)]
    public async Task One_that_does_not_say_in_time_whether_it_is_well_is_not_and_nobody_shows_it_a_credential()
    {
        await using var world = await StartAsync("credential: { key: secret://demo/key-of-things }, health: { path: /well, interval: 300ms, timeout: 100ms, failures: 2 }", third: false);
        await world.NamesAsync(2);

        _b.TellsIt = false;
        while ((await world.NamesAsync(4)).Contains("b")) await Task.Delay(20, TestContext.Current.CancellationToken);

        Assert.Equal("Bearer key-of-things", Assert.Single(_b.Requests.Select(r => r.Headers["Authorization"]).Distinct()));
        Assert.All(_b.Checks, check => Assert.False(check.Headers.ContainsKey("Authorization")));
        _b.TellsIt = true;
        _b.Release();
        while (!(await world.NamesAsync(4)).Contains("b")) await Task.Delay(20, Cancellation);
    }

    [Fact]
    public async Task For_a_canary_that_is_not_well_the_others_stand_in()
    {
        await using var world = await SpreadWorld.StartAsync(
            $$"""url: "{{_main.Url}}", canary: { url: "{{_c.Url}}", partners: [acme] }, health: { path: /well, interval: 300ms, timeout: 300ms, failures: 1 }""");
        Assert.All(await world.NamesAsync(3), name => Assert.Equal("c", name));

        _c.IsWell = false;
        await world.UntilAsync(answer => answer.Body == "main");

        Assert.All(await world.NamesAsync(3), name => Assert.Equal("main", name));
        _c.IsWell = true;
        await world.UntilAsync(answer => answer.Body == "c");
    }

    /// <summary>A request that the destination of url has in hand, and does not answer.</summary>
    private async Task<Held> HoldAsync(SpreadWorld world)
    {
        _main.Mood = Mood.Hangs;
        for (var tries = 0; tries < 200; tries++)
        {
            var request = world.GetAsync();
            while (!request.IsCompleted && _main.Requests.IsEmpty) await Task.Delay(5, Cancellation);
            if (!_main.Requests.IsEmpty) return new Held(request);
        }
        throw new InvalidOperationException("it got no request");
    }

    private sealed record Held(Task<Answered> Answer);

    private Task<SpreadWorld> StartAsync(string more, bool third = true, TimeProvider? clock = null, string policies = "callers") => SpreadWorld.StartAsync(
        $$"""url: "{{_main.Url}}", destinations: { b: { url: "{{_b.Url}}" }{{(third ? $$""", c: { url: "{{_c.Url}}" }""" : "")}} }, {{more}}""", clock: clock, policies: policies);
}

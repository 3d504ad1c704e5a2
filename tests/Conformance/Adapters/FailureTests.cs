using Gateway.Simulators;
using Gateway.Tests.Conformance.Adapters.Samples;
using Gateway.Tests.Conformance.Hostile;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What every operation of every adapter says when its backend fails: what is certain, and no more than that.</summary>
public sealed class FailureTests
{
    /// <summary>How a backend can fail a request that changes something, and whether it has done the work.</summary>
    public static readonly (string Name, ChaosRule Rule, bool Works)[] Cuts =
    [
        ("500 before", new ChaosRule(ChaosMode.Error), false),
        ("500 after", new ChaosRule(ChaosMode.ErrorAfterWork), true),
        ("503 after", new ChaosRule(ChaosMode.ErrorAfterWork) { Status = 503, RetryAfter = 7 }, true),
        ("404 after", new ChaosRule(ChaosMode.ErrorAfterWork) { Status = 404 }, true),
        ("dropped before", new ChaosRule(ChaosMode.DropBefore), false),
        ("dropped after", new ChaosRule(ChaosMode.DropAfterWork), true),
    ];

    public static TheoryData<string, string, string> CutChanges =>
        [.. SampleTests.Changes.SelectMany(row => Cuts.Where(cut => cut.Rule.Status != 404 || !AdapterSamples.Of(row.Data.Item1).BelievesStatus), (row, cut) => new TheoryDataRow<string, string, string>(row.Data.Item1, row.Data.Item2, cut.Name))];

    [Theory]
    [MemberData(nameof(CutChanges))]
    public async Task A_change_that_was_cut_off_is_unknown_and_found_by_asking(string adapter, string operation, string cut)
    {
        var (_, rule, works) = Cuts.Single(c => c.Name == cut);
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        world.Hit(operation, rule);

        var result = await world.CallAsync(operation, call);
        world.Chaos.Heal();

        // An adapter that asks at once what became of it may know already.
        Assert.True(result.MayHaveHappened || (works && result.Status == OperationStatus.Done), $"{result.Status}: {result.Reason}");
        if (result.Status != OperationStatus.Done) Failures.IsTold(result, world);
        Assert.Equal(works ? 1 : 0, world.Times(operation, call));
        if (!SampleTests.Descriptor(adapter, operation).ReadsBack) return;
        Assert.Equal(works ? OperationStatus.Done : OperationStatus.NotFound, (await world.ReadBackAsync(operation, call)).Status);
        if (!SampleTests.Descriptor(adapter, operation).Idempotent) return;
        Assert.Equal(OperationStatus.Done, (await world.CallAsync(operation, call with { GoesFirst = true })).Status);
        Assert.Equal(1, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task A_change_that_takes_too_long_may_have_been_made(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        await TimesOutAsync(world, operation, call, () => world.Hit(operation, new ChaosRule(ChaosMode.HoldAfter)));

        Assert.Equal(1, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Reads), MemberType = typeof(SampleTests))]
    public async Task A_read_that_takes_too_long_is_said_so(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        await TimesOutAsync(world, operation, call, () => world.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore)));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task Who_is_cancelled_stops_waiting(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        world.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));
        using var patience = new CancellationTokenSource();

        var running = world.CallAsync(operation, call, patience.Token).AsTask();
        await HeldAsync(world, running);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task Behind_its_end_a_change_is_not_sent(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation) with { Until = TimeProvider.System.GetUtcNow().AddSeconds(-1) };

        var result = await world.CallAsync(operation, call);

        Assert.NotEqual(OperationStatus.Done, result.Status);
        Assert.Equal(0, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Reads), MemberType = typeof(SampleTests))]
    public async Task A_read_is_asked_again_where_the_backend_stumbles(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        world.Chaos.Set(new ChaosRule(ChaosMode.DropBefore) { Count = 1 });

        Assert.Equal(OperationStatus.Done, (await world.CallAsync(operation, call)).Status);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task A_backend_that_always_fails_is_neither_a_refusal_nor_a_finding(string adapter, string operation)
    {
        var result = await FailedAsync(adapter, operation, new ChaosRule(ChaosMode.Error));

        Assert.True(result.Status == OperationStatus.NotSent || result.MayHaveHappened, $"{result.Status}: {result.Reason}");
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task A_backend_that_is_asked_too_often_is_left_alone(string adapter, string operation)
    {
        var result = await FailedAsync(adapter, operation, new ChaosRule(ChaosMode.Error) { Status = 429, RetryAfter = 7 });

        Assert.Equal((OperationStatus.NotSent, true, true, TimeSpan.FromSeconds(7)), (result.Status, result.BackendIsBusy, result.BackendIsAway, result.RetryAfter));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task Who_can_not_sign_in_has_sent_nothing(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        await using var stranger = world.Open(world.Url, "a-key-that-nobody-knows", SampleWorld.Generous);
        var call = await world.PrepareAsync(operation);

        var result = await stranger.Operations[operation].CallAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal((OperationStatus.NotSent, true), (result.Status, result.BackendIsAway));
        Failures.IsTold(result, world);
        Assert.DoesNotContain("a-key-that-nobody-knows", result.Detail + result.Reason, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, int> Chatter => [.. SampleTests.Operations.SelectMany(
        row => Enumerable.Range(0, AdapterSamples.Of(row.Data.Item1).Chatter.Count), (row, i) => new TheoryDataRow<string, string, int>(row.Data.Item1, row.Data.Item2, i))];

    [Theory]
    [MemberData(nameof(Chatter))]
    public async Task What_a_backend_blurts_out_reaches_no_caller(string adapter, string operation, int chatter)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        await using var raw = RawBackend.Start();
        await using var backend = world.Open(raw.Url, world.Key, SampleWorld.Generous);
        var (status, json) = AdapterSamples.Of(adapter).Chatter[chatter];
        var leak = $"could not connect to http://localhost:{world.Url.Port}/db at 127.0.0.1:{world.Url.Port} with {world.Key}: System.Net.SocketException in /usr/lib/python3/psycopg2.py";
        var body = json.Replace("{leak}", leak, StringComparison.Ordinal);
        raw.Answer = $"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";

        var result = await backend.Operations[operation].CallAsync(call, TestContext.Current.CancellationToken);

        Assert.NotEqual(OperationStatus.Done, result.Status);
        Failures.TellNothing(result, world);
    }

    /// <summary>How a call fails while all of its requests are hit; told as a failure is to be told.</summary>
    private static async Task<OperationResult> FailedAsync(string adapter, string operation, ChaosRule rule)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        world.Chaos.Set(rule);

        var result = await world.CallAsync(operation, call);

        Failures.IsTold(result, world);
        return result;
    }

    /// <summary>The backend, which has said before what it is, holds a request of the call until the time for it is over.</summary>
    private static async Task TimesOutAsync(SampleWorld world, string operation, OperationCall call, Action hold)
    {
        var clock = new FakeTimeProvider();
        await using var hasty = world.Open(world.Url, world.Key, SampleWorld.Generous, clock);
        Assert.Null(await hasty.ExamineAsync(TestContext.Current.CancellationToken));
        hold();

        var running = hasty.Operations[operation].CallAsync(call, TestContext.Current.CancellationToken).AsTask();
        await HeldAsync(world, running);
        clock.Advance(SampleWorld.Generous);
        var result = await running;
        world.Chaos.Heal();

        Assert.Equal(OperationStatus.TimedOut, result.Status);
        Failures.IsTold(result, world);
    }

    private static async Task HeldAsync(SampleWorld world, Task running)
    {
        while (world.Chaos.Held == 0 && !running.IsCompleted) await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}

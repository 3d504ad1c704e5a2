using Gateway.Adapters.Resilience;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Adapters.Resilience;

public sealed class AttemptsTests
{
    private static readonly ResilienceOptions Quick = new() { RetryDelay = TimeSpan.FromSeconds(1), Circuit = new CircuitOptions { MinimumCalls = 2, Break = TimeSpan.FromSeconds(10) } };

    private readonly FakeTimeProvider _clock = new();
    private readonly List<CircuitPosition> _moves = [];

    private sealed record Reply(string Text) : IReply<Reply>
    {
        public static readonly Reply Fine = new("fine");
        public static readonly Reply Passing = new("passing") { Transient = true };
        public static readonly Reply Fault = new("fault") { BackendFault = true };

        public bool Transient { get; init; }

        public bool BackendFault { get; init; }

        public TimeSpan? RetryAfter { get; init; }

        public static Reply NotSent(string reason, TimeSpan? retryAfter) => new(reason) { RetryAfter = retryAfter };

        public static Reply CutOff(string reason) => new("cut off: " + reason) { BackendFault = true };
    }

    [Fact]
    public async Task What_passes_is_tried_again_until_it_is_done()
    {
        var attempts = Open(Quick);
        using var deadline = In(60);
        var sent = 0;

        var reply = await Advancing(attempts.AgainAsync(() => ValueTask.FromResult(++sent < 3 ? Reply.Passing : Reply.Fine), deadline));

        Assert.Equal((Reply.Fine, 3), (reply, sent));
    }

    [Fact]
    public async Task What_does_not_pass_is_sent_once()
    {
        var attempts = Open(Quick);
        using var deadline = In(60);
        var sent = 0;

        var reply = await attempts.AgainAsync(() => ValueTask.FromResult(++sent > 0 ? Reply.Fault : Reply.Fine), deadline);

        Assert.Equal((Reply.Fault, 1), (reply, sent));
    }

    [Fact]
    public async Task Nobody_waits_for_an_attempt_that_would_have_no_time_left()
    {
        var attempts = Open(Quick);
        using var deadline = In(0.9);
        var sent = 0;

        // Without the clock moving: a second attempt would wait for a second or more.
        var reply = await attempts.AgainAsync(() => ValueTask.FromResult(++sent > 0 ? Reply.Passing : Reply.Fine), deadline);

        Assert.Equal((Reply.Passing, 1), (reply, sent));
    }

    [Fact]
    public async Task An_attempt_ends_before_the_whole_and_leaves_time_for_another()
    {
        var attempts = Open(Quick with { Attempt = TimeSpan.FromSeconds(3) });
        using var deadline = In(20);
        var ended = new List<TimeSpan>();

        var reply = await Advancing(attempts.AgainAsync(() => attempts.OnceAsync(async attempt =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, attempt).ContinueWith(_ => { }, TaskScheduler.Default);
            ended.Add(deadline.Left);
            return ended.Count < 2 ? Reply.Passing : Reply.Fine;
        }, deadline), deadline));

        Assert.Equal(Reply.Fine, reply);
        Assert.InRange(ended[0], TimeSpan.FromSeconds(16), TimeSpan.FromSeconds(17.1));
        Assert.True(ended[1] > TimeSpan.Zero, "the second attempt had its own time");
    }

    [Fact]
    public async Task The_callers_deadline_counts_where_it_is_sooner()
    {
        using var deadline = new Deadline(new OperationCall(default, new Partner("acme", "Acme")) { Deadline = _clock.GetUtcNow() + TimeSpan.FromSeconds(2) }, TimeSpan.FromSeconds(60), _clock, CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(deadline.Token.IsCancellationRequested);
        Assert.Equal("no time left before the call", (await Open(Quick).OnceAsync(_ => throw new InvalidOperationException("nothing may be sent"), deadline)).Text);
    }

    [Fact]
    public async Task A_call_that_began_and_throws_when_its_time_is_over_was_cut_off_and_may_have_arrived()
    {
        var attempts = Open(Quick with { Attempt = TimeSpan.FromSeconds(2), Circuit = new CircuitOptions { MinimumCalls = 2 } });
        using var deadline = In(600);

        for (var n = 0; n < 2; n++)
        {
            var called = attempts.OnceAsync(async attempt => { await Task.Delay(Timeout.InfiniteTimeSpan, _clock, attempt); return Reply.Fine; }, deadline).AsTask();
            _clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal("cut off: no answer in time", (await called).Text);
        }

        Assert.Equal(CircuitPosition.Open, attempts.Circuits[0].Position);
    }

    [Fact]
    public async Task The_circuit_opens_turns_away_tries_once_and_closes()
    {
        var attempts = Open(Quick);
        using var deadline = In(600);
        Assert.Null(attempts.Circuits[0].Since);
        for (var n = 0; n < 2; n++) await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fault), deadline);
        Assert.Equal(_clock.GetUtcNow(), attempts.Circuits[0].Since);

        var away = await attempts.OnceAsync(_ => throw new InvalidOperationException("nothing may be sent"), deadline);
        Assert.Equal(("circuit open", CircuitPosition.Open), (away.Text, attempts.Circuits[0].Position));
        Assert.InRange(away.RetryAfter!.Value, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(11));
        var trial = new TaskCompletionSource<Reply>();
        var trying = attempts.OnceAsync(_ => new ValueTask<Reply>(trial.Task), deadline).AsTask();
        Assert.Equal("circuit open", (await attempts.OnceAsync(_ => throw new InvalidOperationException("one tries"), deadline)).Text);
        trial.SetResult(Reply.Fine);

        Assert.Equal(Reply.Fine, await trying);
        Assert.Equal([CircuitPosition.Open, CircuitPosition.HalfOpen, CircuitPosition.Closed], _moves);
        Assert.Equal((CircuitPosition.Closed, _clock.GetUtcNow()), (attempts.Circuits[0].Position, attempts.Circuits[0].Since));
    }

    [Fact]
    public async Task A_caller_that_leaves_the_trial_does_not_close_the_circuit()
    {
        var attempts = Open(Quick);
        using var deadline = In(600);
        for (var n = 0; n < 2; n++) await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fault), deadline);
        _clock.Advance(TimeSpan.FromSeconds(11));
        using var caller = new CancellationTokenSource();
        using var trial = new Deadline(new OperationCall(default, new Partner("acme", "Acme")), TimeSpan.FromSeconds(60), _clock, caller.Token);

        var left = attempts.OnceAsync(async attempt => { await Task.Delay(Timeout.InfiniteTimeSpan, _clock, attempt); return Reply.Fine; }, trial).AsTask();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(CircuitPosition.Open, attempts.Circuits[0].Position);
    }

    [Fact]
    public async Task Callers_that_leave_say_nothing_of_the_backend()
    {
        var attempts = Open(Quick with { Circuit = new CircuitOptions { MinimumCalls = 4, FailureRatio = 0.9 } });
        using var caller = new CancellationTokenSource();
        using var leaving = new Deadline(new OperationCall(default, new Partner("acme", "Acme")), TimeSpan.FromSeconds(60), _clock, caller.Token);
        var left = Enumerable.Range(0, 20).Select(_ => attempts.OnceAsync(async attempt => { await Task.Delay(Timeout.InfiniteTimeSpan, _clock, attempt); return Reply.Fine; }, leaving).AsTask()).ToList();
        await caller.CancelAsync();
        foreach (var one in left) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal(CircuitPosition.Closed, attempts.Circuits[0].Position);

        using var deadline = In(600);
        for (var n = 0; n < 4; n++) await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fault), deadline);

        Assert.Equal(CircuitPosition.Open, attempts.Circuits[0].Position);
    }

    [Fact]
    public async Task A_backend_that_answers_questions_and_hangs_on_changes_is_asked_on_and_changed_no_more()
    {
        var attempts = Open(Quick with { Circuit = new CircuitOptions { MinimumCalls = 4 } });
        using var deadline = In(600);
        for (var n = 0; n < 4; n++)
        {
            for (var reads = 0; reads < 10; reads++) await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fine), deadline);
            await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fault), deadline, Effect.Changes);
        }

        Assert.Equal("circuit open", (await attempts.OnceAsync(_ => throw new InvalidOperationException("nothing may be sent"), deadline, Effect.Changes)).Text);
        Assert.Equal(Reply.Fine, await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fine), deadline));
        Assert.Equal([("", CircuitPosition.Closed), ("changes", CircuitPosition.Open)], attempts.Circuits.Select(c => (c.Destination, c.Position)));

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(Reply.Fine, await attempts.OnceAsync(_ => ValueTask.FromResult(Reply.Fine), deadline, Effect.Changes));
        Assert.Equal(CircuitPosition.Closed, Assert.Single(attempts.Circuits).Position);
    }

    private Attempts<Reply> Open(ResilienceOptions options) => new("some", options, _clock, _moves.Add);

    private Deadline In(double seconds) => new(new OperationCall(default, new Partner("acme", "Acme")), TimeSpan.FromSeconds(seconds), _clock, CancellationToken.None);

    private async Task<Reply> Advancing(ValueTask<Reply> work)
    {
        var task = work.AsTask();
        while (!task.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        return await task;
    }
}

using Gateway.Pipeline.Backends;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>Who passes the gate of a backend when, and whose turn it is.</summary>
public sealed class BackendGateTests
{
    private readonly FakeTimeProvider _clock = new();

    /// <summary>Calls of which nothing was heard yet.</summary>
    private readonly List<Task<TimeSpan?>> _calls = [];

    [Fact]
    public async Task A_burst_passes_at_once_and_the_rest_at_its_pace()
    {
        using var gate = Gate(new BackendLimits { PerSecond = 2, Burst = 3, Wait = TimeSpan.FromMinutes(1) });
        var calls = Enumerable.Range(0, 6).Select(_ => Enter(gate, "acme")).ToList();

        Assert.Equal(3, await ServedAsync(calls));
        await PassAsync(gate, 499);
        Assert.Equal(3, await ServedAsync(calls));
        await PassAsync(gate, 1);
        Assert.Equal(4, await ServedAsync(calls));
        await PassAsync(gate, 1000);
        Assert.Equal(6, await ServedAsync(calls));
    }

    [Fact]
    public async Task An_operation_of_many_calls_takes_as_much_and_the_next_waits_for_all_of_it()
    {
        using var gate = Gate(new BackendLimits { PerSecond = 1, Burst = 2, Wait = TimeSpan.FromMinutes(1) });
        var large = Enter(gate, "acme", calls: 5);
        var next = Enter(gate, "acme");

        Assert.Null(await large);
        await PassAsync(gate, 3999);
        Assert.False(next.IsCompleted);
        await PassAsync(gate, 1);
        Assert.Null(await next);
    }

    [Fact]
    public async Task So_many_run_at_the_same_time_and_who_ends_lets_the_next_in()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 2 });
        var calls = Enumerable.Range(0, 4).Select(_ => Enter(gate, "acme")).ToList();

        Assert.Equal(2, await ServedAsync(calls));
        await LeaveAsync(gate);
        Assert.Equal(3, await ServedAsync(calls));
        await LeaveAsync(gate);
        await LeaveAsync(gate);
        Assert.Equal(4, await ServedAsync(calls));
        Assert.Equal(1, gate.Running);
        await LeaveAsync(gate);
        Assert.Equal(0, gate.Running);
    }

    [Fact]
    public async Task A_partner_with_a_thousand_waiting_does_not_hold_up_another_partners_first()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Queue = 2000, Wait = TimeSpan.FromMinutes(5) });
        Assert.Null(await Enter(gate, "-"));
        var greedy = Enumerable.Range(0, 1000).Select(_ => Enter(gate, "greedy")).ToList();
        var modest = Enter(gate, "modest");

        await LeaveAsync(gate);
        await LeaveAsync(gate);

        Assert.Null(await modest);
        Assert.InRange(await ServedAsync(greedy), 1, 2);
    }

    [Fact]
    public async Task Partners_take_turns_and_each_partners_calls_keep_their_order()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromMinutes(5) });
        Assert.Null(await Enter(gate, "-"));
        var waiting = new[] { "a1", "a2", "a3", "b1", "c1", "c2" }.Select(name => (Name: name, Call: Enter(gate, name[..1]))).ToList();

        var order = new List<string>();
        while (waiting.Count > 0)
        {
            await LeaveAsync(gate);
            var served = Assert.Single(waiting, w => w.Call.IsCompleted);
            order.Add(served.Name);
            waiting.Remove(served);
        }

        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3"], order);
    }

    [Fact]
    public async Task Whoever_waits_is_passed_by_every_other_partner_once_at_most_for_each_of_its_own_before_it()
    {
        var random = new Random(4711);
        for (var round = 0; round < 50; round++)
        {
            _calls.Clear();
            using var gate = Gate(new BackendLimits { Concurrent = 1, Queue = 100_000, Wait = TimeSpan.FromMinutes(5) });
            Assert.Null(await Enter(gate, "-"));
            var waiting = new List<(string Partner, int Before, int Arrived, Task<TimeSpan?> Call)>();
            var served = new List<string>();
            for (var step = 0; step < 300; step++)
            {
                if (waiting.Count == 0 || random.Next(3) > 0)
                {
                    // One partner in four comes most of the time.
                    var partner = random.Next(4) > 0 ? "p0" : $"p{random.Next(1, 6)}";
                    waiting.Add((partner, waiting.Count(w => w.Partner == partner), served.Count, Enter(gate, partner)));
                    continue;
                }
                await LeaveAsync(gate);
                var next = Assert.Single(waiting, w => w.Call.IsCompleted);
                waiting.Remove(next);
                var others = served.Skip(next.Arrived).Where(p => p != next.Partner).GroupBy(p => p);
                Assert.All(others, other => Assert.InRange(other.Count(), 0, next.Before + 1));
                Assert.Equal(next.Before, served.Skip(next.Arrived).Count(p => p == next.Partner));
                served.Add(next.Partner);
            }
        }
    }

    [Fact]
    public async Task What_settles_earlier_work_goes_first_even_where_the_line_is_full()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Queue = 1 });
        Assert.Null(await Enter(gate, "acme"));
        var waiting = Enter(gate, "acme");
        var recovery = Noted(gate.EnterAsync("globex", 1, goesFirst: true, TestContext.Current.CancellationToken));

        await LeaveAsync(gate);

        Assert.Null(await recovery);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_full_line_takes_in_who_has_fewer_waiting_in_the_place_of_the_last_of_who_has_the_most()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Queue = 3, Wait = TimeSpan.FromSeconds(7) });
        Assert.Null(await Enter(gate, "-"));
        var greedy = Enumerable.Range(0, 3).Select(_ => Enter(gate, "greedy")).ToList();

        Assert.NotNull(await Enter(gate, "greedy"));
        var modest = Enter(gate, "modest");

        Assert.Equal(TimeSpan.FromSeconds(7), await greedy[2]);
        Assert.Equal((2, 1), (gate.Waiting["greedy"], gate.Waiting["modest"]));
        // Two and one are as fair as it gets.
        Assert.NotNull(await Enter(gate, "modest"));
        await LeaveAsync(gate);
        await LeaveAsync(gate);
        Assert.Null(await greedy[0]);
        Assert.Null(await modest);
    }

    [Fact]
    public async Task Who_can_not_be_served_in_time_is_told_when_to_come_again()
    {
        using var gate = Gate(new BackendLimits { PerSecond = 0.1, Wait = TimeSpan.FromSeconds(5) });
        Assert.Null(await Enter(gate, "acme"));
        var waiting = Enter(gate, "acme");

        await PassAsync(gate, 4999);
        Assert.False(waiting.IsCompleted);
        await PassAsync(gate, 1);

        Assert.Equal(TimeSpan.FromSeconds(5), await waiting);
        Assert.Empty(gate.Waiting);
        await PassAsync(gate, 5000);
        Assert.Null(await Enter(gate, "acme"));
    }

    [Fact]
    public async Task Who_hangs_up_leaves_the_line_and_the_next_takes_the_place()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1 });
        using var gone = new CancellationTokenSource();
        Assert.Null(await Enter(gate, "acme"));
        var first = Noted(gate.EnterAsync("acme", 1, goesFirst: false, gone.Token));
        var second = Enter(gate, "acme");

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await LeaveAsync(gate);

        Assert.Null(await second);
        Assert.Equal(1, gate.Running);
        Assert.Empty(gate.Waiting);
    }

    [Fact]
    public async Task While_the_backend_asks_to_be_left_alone_nothing_passes()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 4, Wait = TimeSpan.FromSeconds(5) });

        gate.Close(TimeSpan.FromSeconds(3));
        var waiting = Enter(gate, "acme");
        var recovery = Noted(gate.EnterAsync("acme", 1, goesFirst: true, TestContext.Current.CancellationToken));
        await PassAsync(gate, 2999);
        Assert.False(waiting.IsCompleted || recovery.IsCompleted);
        await PassAsync(gate, 1);

        Assert.Null(await waiting);
        Assert.Null(await recovery);
        Assert.Null(gate.Closed);
    }

    [Fact]
    public async Task Who_would_wait_in_vain_for_a_closed_gate_is_told_at_once()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromSeconds(5) });
        Assert.Null(await Enter(gate, "acme"));
        var waiting = Enter(gate, "acme");

        gate.Close(TimeSpan.FromSeconds(30));

        Assert.Equal(TimeSpan.FromSeconds(30), await waiting);
        await PassAsync(gate, 1000);
        Assert.Equal(TimeSpan.FromSeconds(29), await Enter(gate, "acme"));
        // A shorter wish does not open it.
        gate.Close(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(29), gate.Closed);
    }

    [Fact]
    public void However_long_a_backend_wants_to_be_left_alone_it_is_tried_after_minutes()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1 });

        gate.Close(TimeSpan.FromDays(365));

        Assert.Equal(TimeSpan.FromMinutes(5), gate.Closed);
    }

    [Fact]
    public async Task An_operation_that_is_told_to_wait_closes_the_gate_and_one_that_only_fails_does_not()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1 });
        var operation = new Told();
        await using var backend = new GatedBackend(new BackendOf(operation), Gates.Of(gate), TimeProvider.System);
        var gated = backend.Operations[operation.Descriptor.Name];
        var call = new OperationCall(default, new Partner("acme", "Acme"));

        operation.Answer = new OperationResult(OperationStatus.NotSent) { RetryAfter = TimeSpan.FromSeconds(30) };
        await gated.CallAsync(call, TestContext.Current.CancellationToken);
        Assert.Null(gate.Closed);

        operation.Answer = operation.Answer with { BackendIsBusy = true };
        await gated.CallAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(30), gate.Closed);
        Assert.Equal((OperationStatus.NotSent, GatedForward.Reason, true), (await gated.CallAsync(call, TestContext.Current.CancellationToken)) is var told ? (told.Status, told.Reason, told.BackendIsAway) : default);
        Assert.Equal(2, operation.Calls);
    }

    [Fact]
    public async Task Accepted_work_of_all_partners_has_one_turn_together_and_more_patience_than_the_limits()
    {
        using var gate = Gate(new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromSeconds(1) });
        Assert.Null(await Enter(gate, "acme"));
        var accepted = new[] { 1, 2 }.Select(_ => Noted(gate.EnterAsync(BackendGate.Accepted, 1, goesFirst: false, default, TimeSpan.FromMinutes(10)))).ToList();
        await PassAsync(gate, 60_000);
        var waiting = Enter(gate, "globex");

        Assert.Equal([(BackendGate.Accepted, 2), ("globex", 1)], gate.Waiting.Select(w => (w.Key, w.Value)).Order());
        await LeaveAsync(gate);
        Assert.Equal(1, await ServedAsync(accepted));
        await LeaveAsync(gate);

        // The first of what was accepted, and then whoever waits for an answer.
        Assert.Null(await waiting);
        await LeaveAsync(gate);
        Assert.Equal(2, await ServedAsync(accepted));
    }

    [Fact]
    public async Task Who_waited_for_its_turn_before_waits_no_more_and_whose_gate_is_taken_away_comes_again()
    {
        var gate = Gate(new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromMinutes(1) });
        var operation = new Told();
        await using var backend = new GatedBackend(new BackendOf(operation), Gates.Of(gate), TimeProvider.System);
        Assert.Null(await Enter(gate, "acme"));
        var accepted = gate.EnterAsync(BackendGate.Accepted, 1, goesFirst: false, TestContext.Current.CancellationToken, TimeSpan.FromMinutes(10)).AsTask();
        var partners = Enter(gate, "acme");

        await backend.Operations["order.create"].CallAsync(new OperationCall(default, new Partner("acme", "Acme")) { HasTurn = true }, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (operation.Calls, gate.Running));
        gate.Dispose();

        Assert.Equal(TimeSpan.Zero, await accepted);
        Assert.False(partners.IsCompleted);
        await LeaveAsync(gate);
        Assert.Null(await partners);
    }

    private BackendGate Gate(BackendLimits limits) => new("odoo", limits, _clock);

    private Task<TimeSpan?> Enter(BackendGate gate, string partner, int calls = 1) => Noted(gate.EnterAsync(partner, calls, goesFirst: false, default));

    private Task<TimeSpan?> Noted(ValueTask<TimeSpan?> call)
    {
        var task = call.AsTask();
        _calls.Add(task);
        return task;
    }

    private Task PassAsync(BackendGate gate, int milliseconds)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return ToldAsync(gate);
    }

    private Task LeaveAsync(BackendGate gate)
    {
        gate.Leave();
        return ToldAsync(gate);
    }

    /// <summary>Waits until everybody has heard what the gate has decided: it tells them on other threads.</summary>
    private async Task ToldAsync(BackendGate gate)
    {
        for (var tries = 0; _calls.RemoveAll(c => c.IsCompleted) >= 0 && _calls.Count != gate.Waiting.Values.Sum(); tries++)
        {
            Assert.True(tries < 3000, $"{_calls.Count} calls wait, and {gate.Waiting.Values.Sum()} of them at the gate");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>How many were let in; those that were told to come again fail the test.</summary>
    private static async Task<int> ServedAsync(IEnumerable<Task<TimeSpan?>> calls)
    {
        var done = calls.Where(c => c.IsCompleted).ToList();
        foreach (var call in done) Assert.Null(await call);
        return done.Count;
    }

    /// <summary>An operation that answers what it is told.</summary>
    private sealed class Told : BackendOperation
    {
        public OperationResult Answer { get; set; } = new(OperationStatus.Done);

        public int Calls { get; private set; }

        public override string Backend => "odoo";

        public override OperationDescriptor Descriptor { get; } = new("order.create", "Makes an order.", Effect.Changes, Idempotent: false, ReadsBack: true);

        public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
        {
            Calls++;
            return new(Answer);
        }

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => CallAsync(call, cancellation);
    }

    private sealed class BackendOf(BackendOperation operation) : Backend("odoo")
    {
        public override IReadOnlyDictionary<string, BackendOperation> Operations { get; } = new Dictionary<string, BackendOperation> { [operation.Descriptor.Name] = operation };
    }
}

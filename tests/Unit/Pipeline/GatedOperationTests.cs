using System.Text.Json;
using Gateway.Pipeline.Backends;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>Whoever waits at a gate has time for the call behind it, or is told at once that nothing was sent.</summary>
public sealed class GatedOperationTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(Effect.Reads)]
    [InlineData(Effect.Changes)]
    public async Task Half_of_the_time_there_is_goes_for_waiting_at_most(Effect effect)
    {
        using var gate = new BackendGate("some", new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromSeconds(5) }, _clock);
        var operation = new GatedOperation(new Answering(effect), Gates.Of(gate), _clock);
        Assert.Null(await gate.EnterAsync("acme", 1, goesFirst: false, TestContext.Current.CancellationToken));

        var waiting = operation.CallAsync(Call(TimeSpan.FromSeconds(4)), TestContext.Current.CancellationToken).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        var result = await waiting;
        Assert.Equal((OperationStatus.NotSent, true), (result.Status, result.BackendIsAway));
    }

    [Fact]
    public async Task Who_has_time_waits_as_the_limits_say()
    {
        using var gate = new BackendGate("some", new BackendLimits { Concurrent = 1, Wait = TimeSpan.FromSeconds(5) }, _clock);
        var operation = new GatedOperation(new Answering(Effect.Reads), Gates.Of(gate), _clock);
        Assert.Null(await gate.EnterAsync("acme", 1, goesFirst: false, TestContext.Current.CancellationToken));

        var waiting = operation.CallAsync(Call(TimeSpan.FromSeconds(60)), TestContext.Current.CancellationToken).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        gate.Leave();

        Assert.Equal(OperationStatus.Done, (await waiting).Status);
    }

    private OperationCall Call(TimeSpan left) => new(JsonElement.Parse("{}"), new Partner("acme", "Acme")) { Deadline = _clock.GetUtcNow() + left };

    private sealed class Answering(Effect effect) : BackendOperation
    {
        public override string Backend => "some";

        public override OperationDescriptor Descriptor { get; } = new("thing.do", "Does a thing.", effect, Idempotent: true, ReadsBack: false);

        public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) => new(new OperationResult(OperationStatus.Done));

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => new(new OperationResult(OperationStatus.NotFound));
    }
}

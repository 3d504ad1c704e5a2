using Gateway.Adapters.Resilience;
using Gateway.Pipeline.Backends;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

public sealed class OneWriterTests
{
    private static readonly Partner Acme = new("acme", "Acme");

    private readonly Held _held = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_of_one_record_are_carried_out_one_behind_the_other()
    {
        var writer = new OneWriter(_held, new RecordTurns());

        var calls = Enumerable.Range(0, 3).Select(_ => writer.CallAsync(About("42"), Cancellation).AsTask()).ToList();
        for (var done = 1; done <= 3; done++)
        {
            await _held.BegunAsync(done);
            Assert.Equal(1, _held.Running);
            _held.EndOne();
        }

        Assert.All(await Task.WhenAll(calls), r => Assert.Equal(OperationStatus.Done, r.Status));
    }

    [Fact]
    public async Task Changes_of_two_records_do_not_wait_for_each_other()
    {
        var writer = new OneWriter(_held, new RecordTurns());

        var calls = new[] { writer.CallAsync(About("42"), Cancellation).AsTask(), writer.CallAsync(About("43"), Cancellation).AsTask() };
        await _held.BegunAsync(2);

        Assert.Equal(2, _held.Running);
        _held.EndOne();
        _held.EndOne();
        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task Who_gives_up_in_the_line_has_sent_nothing_and_holds_nobody_up()
    {
        var writer = new OneWriter(_held, new RecordTurns());
        using var impatient = new CancellationTokenSource();

        var first = writer.CallAsync(About("42"), Cancellation).AsTask();
        await _held.BegunAsync(1);
        var second = writer.CallAsync(About("42"), impatient.Token).AsTask();
        await impatient.CancelAsync();

        Assert.Equal(OperationStatus.NotSent, (await second).Status);
        var third = writer.CallAsync(About("42"), Cancellation).AsTask();
        _held.EndOne();
        await _held.BegunAsync(2);
        _held.EndOne();
        Assert.Equal((OperationStatus.Done, OperationStatus.Done), ((await first).Status, (await third).Status));
    }

    [Fact]
    public async Task A_read_back_does_not_wait_for_the_call_that_it_is_to_explain()
    {
        var writer = new OneWriter(_held, new RecordTurns());
        var call = writer.CallAsync(About("42"), Cancellation).AsTask();
        await _held.BegunAsync(1);

        Assert.Equal(OperationStatus.NotFound, (await writer.ReadBackAsync(About("42"), Cancellation)).Status);
        _held.EndOne();
        await call;
    }

    private static OperationCall About(string reference) => new(default, Acme) { Reference = reference };

    /// <summary>An operation that goes on until it is told to end.</summary>
    private sealed class Held : BackendOperation
    {
        private readonly SemaphoreSlim _end = new(0);
        private int _begun;
        private int _running;

        public int Running => _running;

        public override string Backend => "some";

        public override OperationDescriptor Descriptor { get; } = new("thing.change", "Changes a thing.", Effect.Changes, Idempotent: true, ReadsBack: true);

        public override async ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _running);
            Interlocked.Increment(ref _begun);
            await _end.WaitAsync(cancellation);
            Interlocked.Decrement(ref _running);
            return new OperationResult(OperationStatus.Done);
        }

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) =>
            ValueTask.FromResult(new OperationResult(OperationStatus.NotFound));

        public void EndOne() => _end.Release();

        public async Task BegunAsync(int count)
        {
            while (Volatile.Read(ref _begun) < count) await Task.Delay(2, Cancellation);
        }
    }
}

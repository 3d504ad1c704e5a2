namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>The system's clock, moved ahead as far as a test wants; timers go by the system's.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Moved;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Moved.TotalSeconds * TimestampFrequency);

    private TimeSpan Moved => TimeSpan.FromTicks(Volatile.Read(ref _ticks));
}

namespace Gateway.Delivery.Redis;

/// <summary>
/// Keeps requests from waiting for what does not answer. After some failures in a row nobody asks for a while; then one does, and only when it is
/// answered do all ask again. No locks.
/// </summary>
internal sealed class Circuit(TimeProvider clock)
{
    private const int Failures = 3;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private int _failed;

    /// <summary>When the first of the failures in a row was, by the clock's timestamps.</summary>
    private long _failedSince;

    /// <summary>Until when nobody asks, by the clock's timestamps; 0 while it is closed.</summary>
    private long _until;

    public bool IsClosed => Volatile.Read(ref _until) == 0;

    /// <summary>Whether to ask. While it is open that is true for one in each rest.</summary>
    public bool Enter()
    {
        var until = Volatile.Read(ref _until);
        if (until == 0) return true;
        var now = clock.GetTimestamp();
        return now >= until && Interlocked.CompareExchange(ref _until, After(now), until) == until;
    }

    /// <returns>True when it was open until now.</returns>
    public bool Succeed()
    {
        if (Volatile.Read(ref _failed) == 0) return false;
        Volatile.Write(ref _failed, 0);
        return Interlocked.Exchange(ref _until, 0) != 0;
    }

    /// <param name="least">
    /// How long failures in a row must go on: all that were asked at the same time fail at the same time, and that is one failure.
    /// </param>
    /// <returns>True when it was closed until now.</returns>
    public bool Fail(TimeSpan least)
    {
        var now = clock.GetTimestamp();
        var failed = Interlocked.Increment(ref _failed);
        if (failed == 1) Volatile.Write(ref _failedSince, now);
        if (failed < Failures || clock.GetElapsedTime(Volatile.Read(ref _failedSince), now) < least) return false;
        return Interlocked.Exchange(ref _until, After(now)) == 0;
    }

    /// <summary>Never 0, which says that it is closed.</summary>
    private long After(long now) => Math.Max(1, now + (long)(Rest.TotalSeconds * clock.TimestampFrequency));
}

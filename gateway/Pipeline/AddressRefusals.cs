using System.Diagnostics.Metrics;

namespace Gateway.Pipeline;

/// <summary>
/// What the net by address refuses, for the operator: each is counted by <c>gateway.address_limit.refused</c>, and the log tells the first at once
/// and then, once a minute, how many there were.
/// </summary>
internal sealed partial class AddressRefusals(TimeProvider clock, ILogger<AddressRefusals> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly Meter Meter = new(Telemetry.MeterName);

    private static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("gateway.address_limit.refused", "{request}", "Requests that were refused before anything else, because their address sent too many.");

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long _untold;

    public void Note()
    {
        Refused.Add(1);
        lock (_lock)
        {
            _untold++;
            if (_timer is null) Tell();
        }
    }

    public void Dispose()
    {
        lock (_lock) _timer?.Dispose();
    }

    /// <summary>Under the lock. After a minute in which there was nothing to tell, the next one is told at once again.</summary>
    private void Tell()
    {
        _timer?.Dispose();
        _timer = null;
        if (_untold == 0) return;
        Told(_untold);
        _untold = 0;
        _timer = clock.CreateTimer(_ => Wake(), null, Pause, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        lock (_lock) Tell();
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused {Count} requests since this was last told, whose addresses sent more than governance.addressLimit")]
    private partial void Told(long count);
}

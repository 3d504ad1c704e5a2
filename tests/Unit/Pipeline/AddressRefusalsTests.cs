using System.Diagnostics.Metrics;
using Gateway.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>What an operator sees of the net by address.</summary>
public sealed class AddressRefusalsTests : ILogger<AddressRefusals>
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void The_first_is_told_at_once_and_then_how_many_there_were_once_a_minute()
    {
        using var refusals = new AddressRefusals(_clock, this);

        for (var i = 0; i < 500; i++) refusals.Note();
        Assert.Equal(["1"], Counts());
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["1", "499"], Counts());
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(["1", "499"], Counts());

        refusals.Note();
        refusals.Note();
        Assert.Equal(["1", "499", "1"], Counts());
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["1", "499", "1", "1"], Counts());
    }

    [Fact]
    public void Each_is_counted()
    {
        using var refusals = new AddressRefusals(_clock, this);
        var counted = 0L;
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "gateway.address_limit.refused") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();

        for (var i = 0; i < 7; i++) refusals.Note();

        Assert.InRange(counted, 7, long.MaxValue);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Add(formatter(state, exception));

    private IEnumerable<string> Counts() => _lines.Select(line => line.Split(' ')[1]);
}

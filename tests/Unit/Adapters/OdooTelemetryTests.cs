using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Adapters;
using Gateway.Simulators;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

public sealed class OdooTelemetryTests
{
    [Fact]
    public async Task Every_call_is_a_span_and_every_operation_a_duration()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AdapterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Enqueue(span.OperationName),
        };
        ActivitySource.AddActivityListener(listener);
        var durations = new ConcurrentQueue<string>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "gateway.adapter.duration")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => durations.Enqueue(string.Join(' ', tags.ToArray().Select(tag => tag.Value))));
        meters.Start();
        await using var bench = await OdooBench.StartAsync();

        await bench.CreateAsync(OdooBench.Order());

        Assert.Contains("odoo sale.order.load", spans);
        Assert.Contains("odoo order.create Done", durations);
    }

    [Fact]
    public async Task An_order_kept_otherwise_than_asked_is_an_error_in_the_log()
    {
        var logs = new Recorder();
        await using var bench = await OdooBench.StartAsync(logs: logs);
        await bench.CreateAsync(OdooBench.Order());
        var asked = OdooBench.Order();
        asked["lines"]![0]!["product_uom_qty"] = 4;

        await bench.ReadBackAsync(asked);

        var (_, message) = Assert.Single(logs.Lines, line => line.Level == LogLevel.Error);
        Assert.Contains("so_1", message, StringComparison.Ordinal);
        Assert.Contains("orderLines/0: quantity 4 became 3", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_and_the_circuit_are_logged_without_the_key()
    {
        var logs = new Recorder();
        await using var bench = await OdooBench.StartAsync(options => options with { Resilience = new ResilienceOptions { Retries = 0, Circuit = new CircuitOptions { MinimumCalls = 2 } } }, logs: logs);
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 502 });

        for (var n = 0; n < 3; n++)
            await bench.CallAsync("item.read", """{"sku":"A"}""");

        Assert.Contains(logs.Lines, line => line.Message.Contains("502", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Message == "Circuit of backend odoo is Open");
        Assert.DoesNotContain(logs.Lines, line => line.Message.Contains("demo-odoo-key", StringComparison.Ordinal));
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Message)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}

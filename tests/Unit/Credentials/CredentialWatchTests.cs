using System.Diagnostics.Metrics;
using Gateway.Configuration;
using Gateway.Pipeline;
using Gateway.Tests.Peers;
using Gateway.Tests.Unit.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Credentials;

/// <summary>Credentials that end, told to the operator in time.</summary>
public sealed class CredentialWatchTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Lines _log = new();
    private readonly Telemetry _telemetry = new();

    public void Dispose()
    {
        _folder.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public async Task It_is_warned_of_from_two_weeks_before_once_a_day_and_loudly_when_it_has_ended()
    {
        await using var plans = await PlansAsync("tms: { adapter: http, url: http://tms.internal, credential: { key: secret://env/K, expires: 2026-12-20 } }");
        using var watch = Watch(plans);

        watch.Look();
        Assert.Empty(_log.Taken());
        Assert.Equal(CredentialState.Good, Assert.Single(watch.Now).State);

        _clock.SetUtcNow(new DateTimeOffset(2026, 12, 6, 0, 0, 0, TimeSpan.Zero));
        watch.Look();
        Assert.Equal(["Warning The credential of backend tms (a key in Authorization) ends on 2026-12-20 00:00:00Z, in 14 days: replace it"], _log.Taken());

        for (var hours = 1; hours < 24; hours++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            watch.Look();
        }
        Assert.Empty(_log.Taken());
        _clock.Advance(TimeSpan.FromHours(1));
        watch.Look();
        Assert.EndsWith("in 13 days: replace it", Assert.Single(_log.Taken()), StringComparison.Ordinal);

        _clock.SetUtcNow(new DateTimeOffset(2026, 12, 20, 0, 0, 0, TimeSpan.Zero));
        watch.Look();
        Assert.StartsWith("Error The credential of backend tms (a key in Authorization) ended on 2026-12-20", Assert.Single(_log.Taken()), StringComparison.Ordinal);
        Assert.Equal(CredentialState.Ended, Assert.Single(watch.Now).State);
    }

    [Fact]
    public async Task A_certificate_says_itself_when_it_ends_and_the_earlier_of_two_days_counts()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("gateway", new DateTimeOffset(2026, 12, 10, 0, 0, 0, TimeSpan.Zero));
        var file = _folder.Write("client.pem", certificate.ExportCertificatePem() + "\n" + System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem());
        await using var plans = await PlansAsync(
            $"a: {{ adapter: http, url: http://a, credential: {{ certificate: {{ file: secret://file{file} }} }} }}",
            $"b: {{ adapter: http, url: http://b, credential: {{ key: secret://env/K, expires: 2026-12-09, certificate: {{ file: secret://file{file} }} }} }}",
            $"c: {{ adapter: http, url: http://c, credential: {{ key: secret://env/K, expires: 2026-12-11, certificate: {{ file: secret://file{file} }} }} }}",
            "d: { adapter: http, url: http://d, credential: { key: secret://env/K } }");
        using var watch = Watch(plans);

        Assert.Equal([("a", 10), ("b", 9), ("c", 10)], watch.Now.Select(c => (c.Backend, c.Expires!.Value.Day)));
    }

    [Fact]
    public async Task The_time_left_is_a_number_for_each_backend()
    {
        await using var plans = await PlansAsync("tms: { adapter: http, url: http://tms.internal, credential: { key: secret://env/K, expires: 2026-12-02 } }");
        using var watch = Watch(plans);
        var seen = new List<(double Seconds, object? Backend)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, on) =>
        {
            if (instrument.Name == "gateway.credential.expires_in") on.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => seen.Add((value, tags[0].Value)));
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Contains((12 * 3600d, (object?)"tms"), seen);
    }

    private CredentialWatch Watch(CurrentPlan plans) => new(plans, _clock, new Logger<CredentialWatch>(new LoggerFactory([_log])));

    private async Task<CurrentPlan> PlansAsync(params string[] backends)
    {
        _folder.Write("policies.yaml", $"backends:\n{string.Concat(backends.Select(b => $"  {b}\n"))}");
        var compiler = new PlanCompiler(new ExactlyOnce(new WorkAtHand(), _clock, NullLogger<ExactlyOnce>.Instance), _clock, new KeptState(), Outside.World, NullLoggerFactory.Instance);
        var plans = new CurrentPlan(compiler, _clock, _telemetry, NullLogger<CurrentPlan>.Instance);
        var report = await plans.TakeAsync(_folder.Load(resolveSecrets: true, variables: ("K", "a-key")));
        Assert.True(report.Taken, string.Join('\n', report.Diagnostics));
        return plans;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Taken()
        {
            string[] taken = [.. _lines];
            _lines.Clear();
            return taken;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Add($"{logLevel} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}

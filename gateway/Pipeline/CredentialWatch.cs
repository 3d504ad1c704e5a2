using System.Diagnostics.Metrics;

namespace Gateway.Pipeline;

/// <summary>How long a credential still holds.</summary>
public enum CredentialState
{
    /// <summary>For longer than two weeks.</summary>
    Good,

    /// <summary>Somebody must replace it.</summary>
    EndsSoon,

    /// <summary>Its day has come.</summary>
    Ended,

    /// <summary>Its secret was replaced by one that can't be used; the one before is shown.</summary>
    Troubled,
}

/// <summary>A credential of a backend, or of a partner's endpoint (<c>acme/notices</c>), and when it ends.</summary>
/// <param name="Credential">For people: <c>a key in API-Key</c>.</param>
public sealed record WatchedCredential(string Backend, string Credential, DateTimeOffset? Expires, CredentialState State)
{
    public string? Trouble { get; init; }
}

/// <summary>Tells the operator of backends' credentials that end: in the log, once a day from two weeks before, and as numbers.</summary>
public sealed partial class CredentialWatch : BackgroundService
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(14), Rhythm = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    private readonly CurrentPlan _plans;
    private readonly TimeProvider _clock;
    private readonly ILogger<CredentialWatch> _log;
    private readonly Meter _meter = new(Telemetry.MeterName);
    private readonly Dictionary<string, (WatchedCredential What, DateTimeOffset At)> _told = [];

    public CredentialWatch(CurrentPlan plans, TimeProvider clock, ILogger<CredentialWatch> log)
    {
        (_plans, _clock, _log) = (plans, clock, log);
        _meter.CreateObservableGauge("gateway.credential.expires_in", Left, "s", "Time until a backend's credential ends; below zero when it has ended.");
    }

    /// <summary>Those that end, or that can't be used as they are.</summary>
    public IReadOnlyList<WatchedCredential> Now => [.. _plans.Current.Backends.Values.SelectMany(b => b.Credentials).Select(c => Of(c.Name, c.Credential)).Where(c => c.Expires is not null || c.Trouble is not null)];

    /// <summary>Warns of what must be replaced, if that was not done within the last day.</summary>
    public void Look()
    {
        var now = _clock.GetUtcNow();
        foreach (var credential in Now.Where(c => c.State != CredentialState.Good))
        {
            if (_told.TryGetValue(credential.Backend, out var told) && told.What == credential && now - told.At < Day) continue;
            _told[credential.Backend] = (credential, now);
            if (credential.Trouble is { } trouble) Unusable(credential.Backend, trouble);
            else if (credential.State == CredentialState.Ended) Ended(credential.Backend, credential.Credential, credential.Expires!.Value);
            else EndsSoon(credential.Backend, credential.Credential, credential.Expires!.Value, (int)(credential.Expires.Value - now).TotalDays);
        }
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(Rhythm, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private WatchedCredential Of(string backend, Credential credential)
    {
        var (expires, trouble) = (credential.Expires, credential.Trouble);
        var left = expires - _clock.GetUtcNow();
        var state = left <= TimeSpan.Zero ? CredentialState.Ended : trouble is not null ? CredentialState.Troubled : left <= Ahead ? CredentialState.EndsSoon : CredentialState.Good;
        return new WatchedCredential(backend, credential.Text, expires, state) { Trouble = trouble };
    }

    private IEnumerable<Measurement<double>> Left() => Now.Where(c => c.Expires is not null)
        .Select(c => new Measurement<double>((c.Expires!.Value - _clock.GetUtcNow()).TotalSeconds, new KeyValuePair<string, object?>("backend", c.Backend)));

    [LoggerMessage(1, LogLevel.Warning, "The credential of backend {Backend} ({Credential}) ends on {Expires:u}, in {Days} days: replace it")]
    private partial void EndsSoon(string backend, string credential, DateTimeOffset expires, int days);

    [LoggerMessage(2, LogLevel.Error, "The credential of backend {Backend} ({Credential}) ended on {Expires:u}: replace it, and say in expires: until when the new one holds")]
    private partial void Ended(string backend, string credential, DateTimeOffset expires);

    [LoggerMessage(3, LogLevel.Error, "The credential of backend {Backend} was replaced: {Trouble}")]
    private partial void Unusable(string backend, string trouble);
}

using System.Diagnostics.Metrics;
using Gateway.Pipeline;

namespace Gateway.Tls;

/// <summary>
/// Follows the files of certificates and authorities, beside requests: what was replaced is taken over, what can't be used is told, and what is
/// about to end is told two weeks ahead, once a day.
/// </summary>
internal sealed partial class MaterialWatch : BackgroundService
{
    /// <summary>Reading some small files so often costs nothing, and sees what no file system tells: links that lead elsewhere, network mounts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Ahead = TimeSpan.FromDays(14);

    private static readonly TimeSpan Again = TimeSpan.FromDays(1);

    private readonly Meter _meter = new(Telemetry.MeterName);
    private readonly CurrentPlan _plans;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private Dictionary<Followed, Told> _told = [];

    public MaterialWatch(CurrentPlan plans, TimeProvider clock, ILogger<MaterialWatch> log)
    {
        (_plans, _clock, _log) = (plans, clock, log);
        _meter.CreateObservableGauge("gateway.certificate.expires_in", () => Each(f => f.Expires is { } expires ? (expires - clock.GetUtcNow()).TotalSeconds : null), "s", "Time until a certificate of a port, or a root of an authority, ends.");
        _meter.CreateObservableGauge("gateway.certificate.trouble", () => Each(f => f.TroubleAt(clock.GetUtcNow()) is null ? 0 : 1), null, "1 while the files as they stand can't be used, or something has run out.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, _clock);
        try
        {
            do LookAtAll();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void LookAtAll()
    {
        var (now, told) = (_clock.GetUtcNow(), new Dictionary<Followed, Told>());
        foreach (var followed in _plans.Current.Followed)
        {
            if (followed.Look(now)) Taken(followed.Name, followed.Expires);
            told[followed] = Tell(followed, _told.GetValueOrDefault(followed), now);
        }
        _told = told;
    }

    private Told Tell(Followed followed, Told before, DateTimeOffset now)
    {
        var trouble = followed.TroubleAt(now);
        if (trouble is not null && trouble != before.Trouble) Broken(followed.Name, trouble);
        if (trouble is null && before.Trouble is not null) Well(followed.Name);
        var warned = before.Warned is { } at && now - at < Again;
        if (warned || followed.Expires is not { } expires || expires - now > Ahead) return before with { Trouble = trouble };
        Ends(followed.Name, expires);
        return new Told(trouble, now);
    }

    private IEnumerable<Measurement<double>> Each(Func<Followed, double?> measure) =>
        from followed in _plans.Current.Followed
        let value = measure(followed)
        where value is not null
        select new Measurement<double>(value.Value, new KeyValuePair<string, object?>("gateway.certificate", followed.Name));

    /// <summary>What was said of one already.</summary>
    private readonly record struct Told(string? Trouble, DateTimeOffset? Warned);

    [LoggerMessage(1, LogLevel.Information, "{Certificate} was replaced and is used from now on; it ends on {Expires:u}")]
    private partial void Taken(string certificate, DateTimeOffset? expires);

    [LoggerMessage(2, LogLevel.Error, "{Certificate}: {Trouble}; what ran before runs on")]
    private partial void Broken(string certificate, string trouble);

    [LoggerMessage(3, LogLevel.Information, "{Certificate} is well again")]
    private partial void Well(string certificate);

    [LoggerMessage(4, LogLevel.Warning, "{Certificate} ends on {Expires:u}: replace it")]
    private partial void Ends(string certificate, DateTimeOffset expires);
}

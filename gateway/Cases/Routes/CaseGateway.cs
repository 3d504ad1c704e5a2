using Gateway.Configuration;
using Gateway.Delivery;
using Gateway.Delivery.Storage.Sqlite;
using Gateway.Hosting;
using Gateway.Pipeline;
using Gateway.Pipeline.Accepted;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cases.Routes;

/// <summary>
/// The gateway of one case: the road of the public port, from its first middleware on, without a socket before it and with stubs behind it.
/// Store, clock, limits, keys and circuits are the case's own; only what was compiled of contracts and mappings is everybody's.
/// What runs beside requests in a server does not run here: recovery looks when time passes.
/// </summary>
internal sealed class CaseGateway : IAsyncDisposable
{
    private static readonly IDataProtectionProvider Protection = new EphemeralDataProtectionProvider(NullLoggerFactory.Instance);

    private readonly WebApplication _app;
    private readonly IStore _store;
    private long _read;

    private CaseGateway(WebApplication app, IStore store) => (_app, _store) = (app, store);

    public Plan Plan => _app.Services.GetRequiredService<CurrentPlan>().Current;

    public static async Task<CaseGateway> StartAsync(LoadedWorkspace workspace, CaseClock clock, CaseWorld world, CaseLog log)
    {
        var store = SqliteStore.InMemory(Protection, clock);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gateway" });
        builder.WebHost.UseTestServer();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log);
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<IStore>(store);
        builder.Services.AddSingleton<Outside>(world);
        builder.Services.AddSubscriptions(services => services.GetRequiredService<CurrentPlan>().Current);
        builder.Services.AddPipeline();
        var gateway = new CaseGateway(builder.Build(), store);
        try
        {
            await store.OpenAsync(CancellationToken.None);
            var report = await gateway._app.Services.GetRequiredService<CurrentPlan>().TakeAsync(workspace);
            if (!report.Taken) throw new WorkspaceRefusedException(report.Diagnostics);
            gateway._app.UsePublicRoad();
            await gateway._app.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request; completes when its answer has begun.</summary>
    public Task<HttpContext> SendAsync(Action<HttpContext> request) => _app.GetTestServer().SendAsync(request);

    /// <summary>Work that was cut off is looked at, and work that was accepted is forwarded, as it is in a server twice a second.</summary>
    public async Task RecoverAsync()
    {
        await _app.Services.GetRequiredService<Recovery>().LookAsync(CancellationToken.None);
        await _app.Services.GetRequiredService<Forwarding>().LookAsync(CancellationToken.None);
    }

    /// <summary>The events since the last call.</summary>
    public async Task<IReadOnlyList<StoredEvent>> NewEventsAsync()
    {
        var events = await _store.ReadEventsAsync(_read, 1000, CancellationToken.None);
        if (events.Count > 0) _read = events[^1].Position;
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }
}

/// <summary>What the gateway of one case logs as a warning or worse, for who reads why the case failed.</summary>
internal sealed class CaseLog : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Gateway.", StringComparison.Ordinal) ? this : NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (_lines) _lines.Add(exception is null ? formatter(state, null) : $"{formatter(state, null)} {exception.GetType().Name}: {exception.Message}");
    }

    public void Dispose()
    {
    }
}

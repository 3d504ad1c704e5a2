using System.Runtime.CompilerServices;

namespace Gateway.Pipeline;

/// <summary>
/// Asks every backend at the start, after a reload and every half minute what it is, so that what it lacks is in the log and under /readyz before a
/// request meets it. One that is away is asked again; nothing waits for it.
/// </summary>
internal sealed partial class BackendExamination(CurrentPlan plans, TimeProvider clock, ILogger<BackendExamination> log) : BackgroundService
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(30);

    /// <summary>What was said of a backend, so that it is said once.</summary>
    private readonly ConditionalWeakTable<Backend, string> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(plans.Current.Backends.Values.Select(backend => ExamineAsync(backend, stoppingToken)));
            await Task.Delay(Rhythm, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ExamineAsync(Backend backend, CancellationToken stopping)
    {
        try
        {
            var trouble = await backend.ExamineAsync(stopping);
            var said = trouble ?? (backend.Findings is { } found ? $"{found.What}: {string.Join("; ", found.Lacks)}" : "");
            if (said.Length == 0 || _told.TryGetValue(backend, out var before) && before == said) return;
            _told.AddOrUpdate(backend, said);
            if (trouble is not null) NotExamined(backend.Name, trouble);
            else if (backend.Findings!.Lacks is { Count: > 0 } lacks) Lacking(backend.Name, backend.Findings.What, string.Join("; ", lacks));
            else Found(backend.Name, backend.Findings.What);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException)
        {
            // The gateway stops, or a reload has closed the backend meanwhile.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Backend {Backend} is {What}")]
    private partial void Found(string backend, string what);

    [LoggerMessage(2, LogLevel.Error, "Backend {Backend} is {What}, and operations can't be done with it: {Lacks}")]
    private partial void Lacking(string backend, string what, string lacks);

    [LoggerMessage(3, LogLevel.Warning, "Backend {Backend} could not be asked what it is, and is asked again: {Trouble}")]
    private partial void NotExamined(string backend, string trouble);
}

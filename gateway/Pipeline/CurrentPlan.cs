using Gateway.Configuration;

namespace Gateway.Pipeline;

/// <summary>What the last attempt to take over the workspace came to.</summary>
/// <param name="Revision">Of the workspace that was taken; null for one that was not.</param>
public sealed record ReloadReport(DateTimeOffset At, bool Taken, string? Revision, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Why the workspace could not even be judged: its files can't be read. Null otherwise.</summary>
    public string? Trouble { get; init; }
}

/// <summary>
/// The Plan that new requests run on. A new one is built beside it and swapped in whole; a workspace with errors changes nothing, and is
/// loud about it.
/// </summary>
public sealed partial class CurrentPlan(PlanCompiler compiler, TimeProvider clock, Telemetry telemetry, ILogger<CurrentPlan> log) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private Plan? _current;
    private string _seen = "";
    private StateOptions? _state;

    /// <exception cref="InvalidOperationException">There is no Plan yet.</exception>
    public Plan Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("no workspace has been loaded yet");

    /// <summary>Since when its revision runs: taking the same files again, for a secret that changed, begins nothing anew.</summary>
    public DateTimeOffset Since { get; private set; }

    public ReloadReport? LastAttempt { get; private set; }

    /// <summary>What makes this gateway take over a changed workspace; set as it starts.</summary>
    public ReloadMode Mode { get; set; }

    /// <summary>Told about each Plan before it becomes the current one.</summary>
    public event Action<Plan>? Taking;

    /// <summary>Takes over the workspace as it stands; does nothing when its files are those of the last attempt.</summary>
    public async ValueTask<ReloadReport?> LoadAsync(string root, LoadOptions options, bool evenUnchanged = false)
    {
        await _one.WaitAsync();
        try
        {
            var began = clock.GetTimestamp();
            var files = Read(root);
            if (files.Hash == _seen && !evenUnchanged) return null;
            _seen = files.Hash;
            return await TakeAsync(WorkspaceLoader.Load(files, options), began);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Takes over a workspace that was loaded already.</summary>
    public async ValueTask<ReloadReport> TakeAsync(LoadedWorkspace workspace)
    {
        await _one.WaitAsync();
        try
        {
            return await TakeAsync(workspace, clock.GetTimestamp());
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The files; when they can't be read, that is an attempt too, told once as long as it stays the same.</summary>
    private WorkspaceFiles Read(string root)
    {
        try
        {
            return WorkspaceFiles.Read(root);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            if (LastAttempt?.Trouble != unreadable.Message) telemetry.Reloaded(taken: false);
            LastAttempt = new ReloadReport(clock.GetUtcNow(), Taken: false, null, []) { Trouble = unreadable.Message };
            // What is there when it can be read again is looked at, even if it is what was there before.
            _seen = "";
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_current is not null) await _current.DisposeAsync();
    }

    private async ValueTask<ReloadReport> TakeAsync(LoadedWorkspace workspace, long began)
    {
        var (plan, diagnostics) = await compiler.CompileAsync(workspace);
        var took = clock.GetElapsedTime(began);
        LastAttempt = new ReloadReport(clock.GetUtcNow(), plan is not null, plan?.Revision, diagnostics);
        // Who starts a gateway is told by the report, and says it.
        foreach (var found in plan is null && _current is null ? [] : diagnostics) Found(found.Severity == Severity.Error ? LogLevel.Error : LogLevel.Warning, found);
        telemetry.Reloaded(plan is not null);
        if (plan is not null) Take(plan, took);
        else if (_current is not null) Refused(_current.Revision);
        return LastAttempt;
    }

    private void Take(Plan plan, TimeSpan took)
    {
        Taking?.Invoke(plan);
        var before = Interlocked.Exchange(ref _current, plan);
        if (before?.Revision != plan.Revision) Since = clock.GetUtcNow();
        Taken(plan.Revision, plan.Routes.Count, (long)took.TotalMilliseconds);
        if (!(_state ??= plan.State).IsAs(plan.State)) StateNotTaken();
        if (before is not null) _ = RetireAsync(before, plan.Leaves);
    }

    /// <summary>Requests in flight finish on the Plan they started on: it is closed when none of them can still run.</summary>
    private async Task RetireAsync(Plan plan, IReadOnlyList<IDisposable> leaves)
    {
        var longest = plan.Routes.Select(r => r.Timeout).DefaultIfEmpty(TimeSpan.Zero).Max();
        await Task.Delay(longest + TimeSpan.FromSeconds(30), clock);
        await plan.DisposeAsync();
        foreach (var left in leaves) left.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "Workspace {Revision} runs, {Routes} routes, read and compiled in {Milliseconds} ms")]
    private partial void Taken(string revision, int routes, long milliseconds);

    [LoggerMessage(2, LogLevel.Error, "The changed workspace was refused; {Revision} runs on")]
    private partial void Refused(string revision);

    [LoggerMessage(4, LogLevel.Warning, "What the workspace says of state: has changed since this gateway started; it needs a restart to take that over, and keeps its state where it did")]
    private partial void StateNotTaken();

    [LoggerMessage(EventId = 3, Message = "{Diagnostic}")]
    private partial void Found(LogLevel level, Diagnostic diagnostic);
}

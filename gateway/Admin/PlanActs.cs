using Gateway.Hosting;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators do with the Plan: take the workspace over now, as SIGHUP does, secrets included.</summary>
internal sealed class PlanActs(CurrentPlan plans, GatewayOptions options)
{
    public async Task<Acted> ReloadAsync(OperatorRequest request)
    {
        if (plans.Mode == ReloadMode.Off)
            return Acted.Refused(Failure.WrongState, "This gateway was started with reload off: what was deployed runs until the process ends.", "reload-off");
        var before = new { revision = plans.Current.Revision };
        try
        {
            var report = await plans.LoadAsync(Path.GetFullPath(options.Workspace), options.Load, evenUnchanged: true);
            return report is { Taken: true }
                ? new Acted { Before = before, After = new { revision = report.Revision }, Answer = new { revision = report.Revision, diagnostics = report.Diagnostics.Select(d => d.ToString()) } }
                : Refused(report!.Diagnostics.FirstOrDefault(d => d.Severity == Severity.Error)?.ToString(), before);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Refused("its files can't be read", before);
        }
    }

    private static Acted Refused(string? why, object before) =>
        Acted.Refused(Failure.WrongState, $"The workspace was refused, and nothing has changed: {why}. All findings are under /plan.", "workspace-refused") with { Before = before };
}

using Gateway.Cli.Reports;

namespace Gateway.Cli;

/// <summary>What a verb says that needs a valid workspace and has none: all that is wrong with it, as <c>validate</c> does.</summary>
internal static class InvalidWorkspace
{
    /// <param name="why">The last line, where the verb has more to say than how many errors there are.</param>
    public static int Tell(string verb, string workspace, IEnumerable<Diagnostic> diagnostics, TextWriter output, ReportFormat format = ReportFormat.Text, string? why = null)
    {
        var sorted = Diagnostic.Sort(diagnostics).ToList();
        var errors = sorted.Count(d => d.Severity == Severity.Error);
        new Report(verb)
        {
            Remarks = [.. sorted.Select(Remark.Of)],
            Summary = why ?? $"not valid: {Count.Of(errors, "error")}",
            Facts = new Dictionary<string, object> { ["errors"] = errors },
        }.Write(format, workspace, output);
        return Commands.Findings;
    }
}

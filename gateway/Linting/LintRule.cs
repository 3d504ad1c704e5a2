using Gateway.Configuration;
using Gateway.Configuration.Yaml;

namespace Gateway.Linting;

/// <summary>One rule of governance: what a workspace that runs should have all the same.</summary>
/// <param name="Id">Stable, in words: <c>api-contact</c>.</param>
/// <param name="Level">Of its findings in reports; all of them count alike.</param>
/// <param name="Summary">What it demands, in one sentence.</param>
/// <param name="Check">Finds what breaks it.</param>
internal sealed record LintRule(string Id, Severity Level, string Summary, Func<LintSubject, IEnumerable<LintFinding>> Check)
{
    /// <summary>It looks at what changes, so it needs the workspace before the change.</summary>
    public bool Compares { get; init; }
}

/// <summary>One thing that breaks a rule.</summary>
/// <param name="Names">What it is about, most exact first: the route and its API, the consumer and its partner. A waiver names one of them.</param>
internal sealed record LintFinding(IReadOnlyList<string> Names, Place Place, string Message, string Cure);

/// <summary>What the rules look at: a workspace that compiled.</summary>
/// <param name="Before">The same before a change; null where none was named.</param>
internal sealed record LintSubject(LoadedWorkspace Workspace, Plan Plan, DateTimeOffset Now, LintSubject? Before = null)
{
    public WorkspaceDocument Document => Workspace.Document!;

    public Places Places => Workspace.Places;

    /// <summary>A route as it was written.</summary>
    public RouteDocument Written(PlanRoute route) => Document.Apis[route.Api].Routes[route.Name];

    /// <summary>Where a member of an API, a partner … was written, else where its name was.</summary>
    public Place Place<T>(IReadOnlyDictionary<string, T> owner, string name) => Places.Of(owner, name);
}

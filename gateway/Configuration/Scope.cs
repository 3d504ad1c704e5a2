namespace Gateway.Configuration;

/// <summary>What all policies of one compilation see.</summary>
internal sealed record ScopeContext(
    WorkspaceDocument Document,
    LoadedWorkspace Workspace,
    IReadOnlyCollection<Consumer> Consumers,
    IReadOnlyDictionary<string, CodeTable> Codes,
    TimeProvider Clock,
    Outside Outside,
    Dictionary<string, object> Shared,
    KeptState Kept,
    ICollection<Diagnostic> Diagnostics)
{
    public EventTypes Events { get; init; } = EventTypes.None;
}

/// <inheritdoc cref="PolicyScope"/>
internal sealed class Scope(ScopeContext context, string policy, string route, string method, IReadOnlyList<string> pathParameters, PlanTarget target) : PolicyScope
{
    public override string PolicyName => policy;

    public override string RouteName => route;

    public override string Method => method;

    public override IReadOnlyList<string> PathParameters => pathParameters;

    public override PlanTarget Target => target;

    public override IReadOnlyCollection<Consumer> Consumers => context.Consumers;

    public override IReadOnlyCollection<string> Tiers => [.. context.Document.Tiers.Keys];

    public override IReadOnlyCollection<string> Scopes => [.. context.Document.Scopes.Keys];

    public override IReadOnlyCollection<string> Roles => [.. context.Document.Roles.Keys];

    public override IReadOnlyDictionary<string, IssuerOptions> Issuers => context.Document.Issuers;

    public override IReadOnlyDictionary<string, AuthorityOptions> Authorities => context.Document.Authorities;

    public override FailedAttemptLimits FailedAttempts => context.Document.Governance.FailedAttempts;

    public override ServerLimits Server => context.Document.Governance.Server;

    public override IReadOnlyDictionary<string, CodeTable> Codes => context.Codes;

    public override TimeProvider Clock => context.Clock;

    public override Outside Outside => context.Outside;

    public override Coverage? Coverage => context.Workspace.Coverage;

    public override ReadOnlyMemory<byte>? File(string path) => context.Workspace.Files[path];

    public override IEnumerable<string> Files(string prefix) => context.Workspace.Files.Paths.Where(p => p.StartsWith(prefix, StringComparison.Ordinal));

    public override T Shared<T>(string key, Func<T> create)
    {
        if (!context.Shared.TryGetValue(key, out var value)) context.Shared[key] = value = create();
        return (T)value;
    }

    public override T Compiled<T>(string key, Func<T> create) => context.Workspace.Compiled(key, create);

    public override T Kept<T>(string key, Func<T> create) => context.Kept.Get(key, create);

    public override Place PlaceOf(object options, string member) => context.Workspace.Places.Of(options, member);

    public override void Report(Diagnostic diagnostic) => context.Diagnostics.Add(diagnostic);
}

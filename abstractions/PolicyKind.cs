using System.ComponentModel;

namespace Gateway;

/// <summary>
/// The road of one request, in order. The order is fixed: a policy author cannot put the body before the caller's identity.
/// </summary>
public enum Phase
{
    /// <summary>Size, address.</summary>
    Protect,

    /// <summary>The bytes of the body are read, under the size cap, where a way in judges them. Fixed.</summary>
    ReadBytes,

    /// <summary>Who calls.</summary>
    Authenticate,

    /// <summary>May they.</summary>
    Authorize,

    /// <summary>How often.</summary>
    Limit,

    /// <summary>How much, in a day or a month.</summary>
    Quota,

    /// <summary>The body is read, if that was not done yet, and parsed once, under the size cap. Fixed.</summary>
    ReadBody,

    /// <summary>How often, for what the body says.</summary>
    LimitBody,

    /// <summary>An answer given before is given again.</summary>
    Replay,

    /// <summary>On the way back: outcome, event and answer in one transaction. Fixed.</summary>
    Outcome,

    /// <summary>Are path, query and headers what their contracts say.</summary>
    Parameters,

    /// <summary>Is the body what the contract says.</summary>
    RequestContract,

    /// <summary>May they, for what the body says.</summary>
    AuthorizeBody,

    /// <summary>How much, by what the body says.</summary>
    QuotaBody,

    /// <summary>The business reference of the request is claimed.</summary>
    Claim,

    /// <summary>From canonical to the backend's shape.</summary>
    RequestMapping,

    /// <summary>The intent is stored. Fixed.</summary>
    Intent,

    /// <summary>What the target answered before is given again.</summary>
    Recall,

    /// <summary>The backend is called. Fixed.</summary>
    Target,

    /// <summary>What the target answered is kept.</summary>
    Keep,

    /// <summary>May they know what the backend answered.</summary>
    AuthorizeAnswer,

    /// <summary>From the backend's shape to canonical.</summary>
    ResponseMapping,

    /// <summary>Is the answer what the contract says.</summary>
    ResponseContract,
}

/// <summary>One policy's part in one phase: wraps the rest of the road.</summary>
public sealed record PolicyStep(Phase Phase, Func<ExchangeDelegate, ExchangeDelegate> Wrap)
{
    public PolicyStep(Phase phase, Func<Exchange, ExchangeDelegate, ValueTask> run)
        : this(phase, next => exchange => run(exchange, next))
    {
    }
}

/// <summary>One kind of rule: its YAML key, its options and its steps. PolicyKinds.All lists them.</summary>
public abstract class PolicyKind
{
    /// <summary>The key in YAML: <c>rateLimit</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence, for docs and explain.</summary>
    public abstract string Summary { get; }

    public abstract Type OptionsType { get; }

    /// <summary>True when the policy needs the parsed body.</summary>
    public virtual bool NeedsBody(object options) => false;

    /// <summary>True when the policy needs the bytes of the body before it is known who calls: a signature is over them.</summary>
    public virtual bool NeedsBytes(object options) => false;

    /// <summary>Tells what this use of the policy means for callers.</summary>
    public virtual void Describe(object options, PolicyScope scope, Surface surface)
    {
    }

    /// <summary>What this use of the policy does to a request, phase by phase, in a few words for who reads <c>explain</c>.</summary>
    /// <param name="consumer">Who calls; null where nobody in particular does.</param>
    public abstract IEnumerable<(Phase Phase, string Text)> Explain(object options, Consumer? consumer);

    /// <summary>What it does to the callers of a route that the policy comes, goes or changes there.</summary>
    /// <param name="before">Its options before; null where the route had none of the kind.</param>
    /// <param name="after">Its options after; null where the route has none of the kind any more.</param>
    /// <param name="world">What is around the route before and after.</param>
    public abstract IEnumerable<PolicyEffect> Compare(object? before, object? after, Compared world);

    /// <summary>Compiles one use of the policy; what is wrong is reported to the scope, and then the result is not used.</summary>
    public abstract IEnumerable<PolicyStep> Compile(object options, PolicyScope scope);
}

/// <inheritdoc cref="PolicyKind"/>
public abstract class PolicyKind<TOptions> : PolicyKind where TOptions : class
{
    public sealed override Type OptionsType => typeof(TOptions);

    public sealed override bool NeedsBody(object options) => NeedsBody((TOptions)options);

    public sealed override bool NeedsBytes(object options) => NeedsBytes((TOptions)options);

    public sealed override void Describe(object options, PolicyScope scope, Surface surface) => Describe((TOptions)options, scope, surface);

    public sealed override IEnumerable<(Phase Phase, string Text)> Explain(object options, Consumer? consumer) => Explain((TOptions)options, consumer);

    public sealed override IEnumerable<PolicyEffect> Compare(object? before, object? after, Compared world) =>
        Compare((TOptions?)before, (TOptions?)after, world);

    public sealed override IEnumerable<PolicyStep> Compile(object options, PolicyScope scope) => Compile((TOptions)options, scope);

    protected virtual bool NeedsBody(TOptions options) => false;

    protected virtual bool NeedsBytes(TOptions options) => false;

    protected virtual void Describe(TOptions options, PolicyScope scope, Surface surface)
    {
    }

    protected abstract IEnumerable<(Phase Phase, string Text)> Explain(TOptions options, Consumer? consumer);

    /// <summary>Nothing, for kinds whose effect shows in what the route promises its callers (<see cref="Surface"/>).</summary>
    protected virtual IEnumerable<PolicyEffect> Compare(TOptions? before, TOptions? after, Compared world) => [];

    protected abstract IEnumerable<PolicyStep> Compile(TOptions options, PolicyScope scope);
}

/// <summary>What a policy sees of the workspace while it is compiled, and where it reports what is wrong.</summary>
public abstract class PolicyScope
{
    /// <summary>Name of the policy as declared, or the route's name for one declared in place. Stable over reloads: limits are kept under it.</summary>
    public abstract string PolicyName { get; }

    /// <summary>The route that uses the policy.</summary>
    public abstract string RouteName { get; }

    public abstract string Method { get; }

    /// <summary>Names of the parameters in the route's path.</summary>
    public abstract IReadOnlyList<string> PathParameters { get; }

    public abstract PlanTarget Target { get; }

    /// <summary>All consumers of the workspace.</summary>
    public abstract IReadOnlyCollection<Consumer> Consumers { get; }

    /// <summary>Names of the declared tiers.</summary>
    public abstract IReadOnlyCollection<string> Tiers { get; }

    /// <summary>Names of the declared scopes.</summary>
    public abstract IReadOnlyCollection<string> Scopes { get; }

    /// <summary>Names of the declared roles.</summary>
    public abstract IReadOnlyCollection<string> Roles { get; }

    /// <summary>Declared token issuers by name.</summary>
    public abstract IReadOnlyDictionary<string, IssuerOptions> Issuers { get; }

    /// <summary>Declared authorities of client certificates by name.</summary>
    public abstract IReadOnlyDictionary<string, AuthorityOptions> Authorities { get; }

    /// <summary>From how many failed attempts on nobody is listened to.</summary>
    public abstract FailedAttemptLimits FailedAttempts { get; }

    /// <summary>What the public port takes of anybody.</summary>
    public abstract ServerLimits Server { get; }

    /// <summary>Everybody's code tables by name.</summary>
    public abstract IReadOnlyDictionary<string, CodeTable> Codes { get; }

    public abstract TimeProvider Clock { get; }

    /// <summary>Notes what cases reach; null where no cases are run, or nobody wants to know.</summary>
    public abstract Coverage? Coverage { get; }

    /// <summary>A file of the workspace by its path from the root, as it was when the Plan was read; null when there is none.</summary>
    public abstract ReadOnlyMemory<byte>? File(string path);

    /// <summary>Paths of the workspace's files that start with a prefix, sorted: for "did you mean".</summary>
    public abstract IEnumerable<string> Files(string prefix);

    /// <summary>The way to token issuers.</summary>
    public abstract Outside Outside { get; }

    /// <summary>Something that the whole Plan shares: an issuer's keys. Disposed with the Plan.</summary>
    public abstract T Shared<T>(string key, Func<T> create) where T : class;

    /// <summary>Something immutable that is made of the workspace's documents alone: a contract, a mapping. Made once, for however many Plans are made of them.</summary>
    public abstract T Compiled<T>(string key, Func<T> create) where T : class;

    /// <summary>
    /// Something that outlives a reload as long as it is asked for under the same key: a limiter with its counts.
    /// </summary>
    public abstract T Kept<T>(string key, Func<T> create) where T : class;

    /// <summary>Where a member of the options stands in YAML; the options' own place when the member was not written.</summary>
    public abstract Place PlaceOf(object options, string member);

    public abstract void Report(Diagnostic diagnostic);

    public void Error(string code, Place place, string message, string cure) =>
        Report(new Diagnostic(code, Severity.Error, place, message, cure));
}

/// <summary>A declared token issuer.</summary>
public sealed record IssuerOptions
{
    [Description("The issuer as it stands in tokens (iss); its /.well-known/openid-configuration is read on the first token. For Entra ID https://login.microsoftonline.com/TENANT-ID/v2.0, or https://login.microsoftonline.com/organizations/v2.0 with tenants.")]
    public required Uri Issuer { get; init; }

    [Description("What aud must say.")]
    public required string Audience { get; init; }

    [Description("What aud must say in tokens of operators at the admin port. Default: the same as for callers.")]
    public string? OperatorAudience { get; init; }

    [Description("oidc: any OpenID provider. entra: Microsoft Entra ID, checked by Microsoft.Identity.Web. introspection: it is asked about every token (RFC 7662).")]
    public IssuerKind Kind { get; init; } = IssuerKind.Oidc;

    [Description("Signature algorithms taken: RS, PS and ES with 256, 384 and 512.")]
    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256", "PS256", "ES256"];

    [Description("Types of JWT taken (typ, RFC 9068 section 2.1): at+jwt, JWT, and none for those that do not say it. Write [at+jwt] where the issuer tells its access tokens from its others.")]
    public IReadOnlyList<string> Types { get; init; } = ["at+jwt", "JWT", "none"];

    [Description("Claims that name the caller, most exact first: an application by its id, else the subject. The first whose value is a declared subject says who it is.")]
    public IReadOnlyList<string> CallerClaims { get; init; } = ["azp", "client_id", "appid", "sub"];

    [Description("Ids of the Entra tenants whose tokens are taken, where issuer is of no tenant (organizations, common). Subjects are then ISSUER/TENANT-ID/SUBJECT.")]
    public IReadOnlyList<string> Tenants { get; init; } = [];

    [Description("How it is asked about tokens (RFC 7662). With the kind oidc it is asked about those that are no JWT.")]
    public IntrospectionOptions? Introspection { get; init; }

    /// <summary>What <c>iss</c> may say, without a slash at its end.</summary>
    public IEnumerable<string> Signers => Tenants.Count == 0
        ? [Issuer.OriginalString.TrimEnd('/')]
        : Tenants.Select(tenant => $"{Issuer.GetLeftPart(UriPartial.Authority)}/{tenant}/v2.0");
}

public enum IssuerKind
{
    Oidc,
    Entra,
    Introspection,
}

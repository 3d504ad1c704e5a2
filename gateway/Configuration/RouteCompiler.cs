using Gateway.Adapters.Resilience;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline;
using Gateway.Pipeline.Backends;
using Gateway.Pipeline.Own;
using Gateway.Policies.Cache;
using Gateway.Policies.Quota;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Configuration;

/// <summary>From routes as written to routes as they run.</summary>
internal sealed class RouteCompiler(
    WorkspaceDocument document, Places places, IReadOnlyDictionary<string, Backend> backends, PolicyNames names, ScopeContext context,
    ForwardChecks forwards, Road road, string revision, ICollection<Diagnostic> diagnostics)
{
    /// <summary>What the host maps itself, see Hosting/PublicRoad.cs.</summary>
    public static readonly string[] OwnPages = ["GET problems/{}", "GET openapi.json"];

    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    private readonly Dictionary<string, List<(string Name, Place Place, VersionDocument? Version)>> _matches = [];
    private readonly List<(string Method, RoutePattern Pattern, string Name, Place Place)> _patterns = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly IReadOnlyList<string> _credentials = CallerHeaders.CredentialsOf(document);
    private readonly Problems _problems = new(document.ProblemBase);
    private readonly List<PlanRoute> _routes = [];

    public IReadOnlyList<PlanRoute> Compile()
    {
        _routes.AddRange(document.Apis.SelectMany(api => api.Value.Routes.Select(route =>
            Compile(api.Key, route.Key, route.Value, places.Of(api.Value.Routes, route.Key)))).OfType<PlanRoute>());
        foreach (var draft in _routes.Where(r => r.Life is { IsDraft: true })) CheckShadow(draft);
        var targets = new TargetChecks(document, places, backends, context.Workspace.Files, diagnostics);
        foreach (var route in _routes) targets.Check(route);
        if (diagnostics.Any(d => d.Severity == Severity.Error)) return _routes;
        CheckOpen();
        CheckFollowed();
        return _routes;
    }

    /// <summary>Whoever is told "later" asks for the object: some route must read it.</summary>
    private void CheckFollowed()
    {
        foreach (var (route, kind) in _routes.Select(r => (r, (r.Target as PlanTarget.Call)?.Creates)))
        {
            if (kind is not null && route is { Target: PlanTarget.Call { Accepting: not null }, ReadBy.Value: null })
                diagnostics.Add(new Diagnostic("GW5290", Severity.Warning, route.Place, $"'{route.Name}' accepts a {kind} that its caller follows by reading it, and no route reads one under what this path knows", $"add a route: GET …/{{id}} with target: {{ call: …, object: \"{kind}/{{id}}\" }}"));
        }
    }

    /// <summary>Default deny. Only in a workspace without errors: the policy that authenticates may be the one that could not be read.</summary>
    private void CheckOpen()
    {
        foreach (var route in _routes.Where(r => r.Surface.Credentials.Count == 0 && document.Apis[r.Api].Routes[r.Name].Public is null))
            Error("GW5060", route.Place, $"the route '{route.Name}' lets anybody in, and does not say why", "add an authenticate policy, or public: with the reason");
    }

    /// <summary>Routing chooses by the path, before anybody knows who calls: a draft must not take what others are to get from another route.</summary>
    private void CheckShadow(PlanRoute draft)
    {
        foreach (var other in _routes.Where(r => r.Life is not { IsDraft: true } && r.Method == draft.Method && RoutePath.Shadows(draft.Pattern, r.Pattern)))
            Error("GW2042", draft.Place, $"the draft '{draft.Name}' would take requests of '{other.Name}' from everybody", $"choose a path that {other.Pattern} does not take");
    }

    private PlanRoute? Compile(string api, string name, RouteDocument route, Place place)
    {
        if (!_names.Add(name)) Error("GW2014", place, $"the route '{name}' is defined twice", "names of routes are unique over all APIs: API.VERB");
        var match = Match(route, name, document.Apis[api].Version);
        var target = Target(route.Target, match);
        var used = route.Policies.Select(p => names.Resolve(p, name)).OfType<(string Name, PolicyDocument Policy)>().ToList();
        foreach (var twice in used.GroupBy(u => u.Policy.Kind!.Name).Where(g => g.Count() > 1 && g.Key is not ("rateLimit" or "quota")))
            Error("GW2015", twice.Last().Policy.Place, $"the route '{name}' has two policies of the kind {twice.Key}", "keep one");
        if (match is not { } way || target is null) return null;
        CheckTimeout(route, target);
        var before = diagnostics.Count;
        var parameters = way.Pattern.Parameters.Select(p => p.Name).ToList();
        var surface = Targets.SurfaceOf(target);
        var steps = new List<PolicyStep>();
        foreach (var (policy, use) in used)
        {
            var scope = new Scope(context, policy, name, way.Method, parameters, target);
            steps.AddRange(use.Kind!.Compile(use.Options!, scope).Select(step => Watched(step, $"{name}: {(policy == name ? use.Kind.Name : policy)} ({step.Phase})", use.Place)));
            use.Kind.Describe(use.Options!, scope, surface);
        }
        if (steps.Exists(s => s.Phase is Phase.Authorize or Phase.AuthorizeBody or Phase.AuthorizeAnswer) && steps.TrueForAll(s => s.Phase != Phase.Authenticate))
            Error("GW2051", place, $"the route '{name}' asks what its callers may do, and not who they are", "add a policy of the kind authenticate");
        BusinessKeyChecks.Check(used, new Scope(context, name, name, way.Method, parameters, target), authenticates: steps.Exists(s => s.Phase == Phase.Authenticate));
        if (target is PlanTarget.Call { Accepting.InOrderOf: { Count: > 0 } order })
            BusinessKeyChecks.CheckOrder(used, order, new Scope(context, name, name, way.Method, parameters, target), places.Of(route.Target.Accepted!, nameof(AcceptedDocument.InOrderOf)));
        if (steps.TrueForAll(s => s.Phase != Phase.Authenticate)) CheckCounted(name, place, used.Any(u => u.Policy.Kind is QuotaKind), target);
        if (surface.Protection.MaxBody is not null && places.Has(route, nameof(route.MaxBody)))
            Error("GW5101", places.Of(route, nameof(route.MaxBody)), $"the route '{name}' says twice how large a body may be", "keep maxBody: here, or body: of the protect policy");
        CheckCallers(route, document.Apis[api], name, place, authenticates: steps.Any(s => s.Phase == Phase.Authenticate));
        if (diagnostics.Skip(before).Any(d => d.Severity == Severity.Error)) return null;
        var (mapsRequest, mapsAnswer) = (steps.Any(s => s.Phase == Phase.RequestMapping), steps.Any(s => s.Phase == Phase.ResponseMapping));
        var needsJson = used.Any(u => u.Policy.Kind!.NeedsBody(u.Policy.Options!)) || (target is PlanTarget.Forward && mapsRequest);
        var asksBody = needsJson || (target is PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes } && way.Method is "POST" or "PUT" or "PATCH");
        var readsBody = asksBody || surface.Protection is { Json: not null } or { TakesXml: true };
        if (needsJson && surface.Protection.TakesXml)
            Error("GW5109", place, $"the route '{name}' takes XML, and has a policy that would see no body then", "remove xml: of the protect policy, or what looks into the body: contract, transform, cost, conditions");
        var readsBytes = used.Any(u => u.Policy.Kind!.NeedsBytes(u.Policy.Options!));
        if (readsBytes && surface.Protection.Encodings.Count > 0)
            Error("GW5105", place, $"the route '{name}' takes coded bodies, and who calls is told by the bytes as they were sent", "remove encodings: of the protect policy, or the way in that signs the body");
        if (diagnostics.Skip(before).Any(d => d.Severity == Severity.Error)) return null;
        if (target is PlanTarget.Forward { Backend: var forwarded } && backends[forwarded] is GatedBackend { Gates.One: { } gate }) steps.Add(GatedForward.Step(gate));
        var changed = context.Kept.Get(ChangedPaths.Key, () => new ChangedPaths(context.Clock));
        if (way.Method is not ("GET" or "HEAD" or "OPTIONS")) steps.Add(changed.Step);
        var life = LifeReader.Of(document.Apis[api], route, document);
        if (life is not null)
        {
            steps.AddRange(LifeSteps.Of(life, _routes));
            LifeReader.Describe(life, surface);
        }
        var (run, prepare, respond) = road.Build(target, steps, readsBytes, readsBody);
        if (context.Workspace.Coverage?.Of(CoveredKind.Route, name, place) is { } reached) run = Watched(run, reached);
        return new PlanRoute(name, api, way.Method, way.Pattern.RawText!, target, revision)
        {
            AuditClass = document.Apis[api].DataClass switch
            {
                DataClass.Public => AuditClass.Public,
                DataClass.Internal => AuditClass.Internal,
                DataClass.Personal => AuditClass.Personal,
                _ => AuditClass.Confidential,
            },
            MaxBodyBytes = surface.Protection.MaxBody ?? route.MaxBody,
            Timeout = route.Timeout,
            Priority = route.Priority,
            ReadsBody = readsBody,
            AsksBody = asksBody,
            ReadsBytes = readsBytes,
            ReadsAnswer = target is PlanTarget.Forward && steps.Any(s => s.Phase > Phase.Target),
            MapsRequest = mapsRequest,
            MapsAnswer = mapsAnswer,
            JudgesAnswer = steps.Any(s => s.Phase == Phase.AuthorizeAnswer),
            KeepsAnswer = steps.Any(s => s.Phase == Phase.Keep),
            Life = life,
            Version = document.Apis[api].Version is { } version ? new RouteVersion(version.Header, version.Value, version.Default) : null,
            Surface = surface,
            Share = life is { IsDraft: true } || Sharing.Of(surface, way.Method) is not { } sharing ? null : sharing.Write,
            HidesPath = surface.HidesPath,
            Place = place,
            Uses = [.. used.Select(u => new UsedPolicy(u.Name, u.Policy.Kind!, u.Policy.Options!, u.Policy.Place))],
            Policies = [.. used.Select(u => u.Policy.Kind!.Name + (u.Name == name ? "" : $" ({u.Name})"))],
            Run = run,
            Prepare = prepare,
            Respond = respond,
            ReadBy = new Lazy<ObjectPath?>(() => target is PlanTarget.Call { Creates: { } kind } ? ObjectPath.Of(kind, api, way.Pattern, _routes) : null),
            Problem = _problems.Of,
        };
    }

    /// <summary>The same step, which says when it is reached, if somebody wants to know.</summary>
    private PolicyStep Watched(PolicyStep step, string name, Place place) =>
        context.Workspace.Coverage?.Of(CoveredKind.Policy, name, place) is { } reached ? step with { Wrap = next => Watched(step.Wrap(next), reached) } : step;

    private static ExchangeDelegate Watched(ExchangeDelegate run, Action reached) => exchange =>
    {
        reached();
        return run(exchange);
    };

    private (string Method, RoutePattern Pattern)? Match(RouteDocument route, string name, VersionDocument? version)
    {
        var place = places.Of(route, nameof(route.Match));
        if (route.Match.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var method, ['/', ..] path])
        {
            Error("GW2016", place, $"'{route.Match}' is not a method and a path", "write it like match: GET /v1/orders/{id}");
            return null;
        }
        if (!Methods.Contains(method))
        {
            Error("GW2017", place, $"there is no method '{method}'", Nearest.Cure(method, Methods));
            return null;
        }
        var (pattern, error, cure) = RoutePath.Parse(path);
        if (pattern is null)
        {
            Error("GW2016", place, $"the path is not valid: {error}", cure);
            return null;
        }
        var key = method + " " + RoutePath.Shape(pattern);
        if (OwnPages.Contains(key))
            Error("GW2018", place, "a page of the gateway itself is under this path already", "choose another path");
        else Take(key, name, place, version, route.Match);
        CheckDecided(method, pattern, name, place);
        return (method, pattern);
    }

    /// <summary>Two paths that are not the same, and of which routing can't say which is the more special one.</summary>
    private void CheckDecided(string method, RoutePattern pattern, string name, Place place)
    {
        foreach (var other in _patterns.Where(o => o.Method == method && RoutePath.Undecided(o.Pattern, pattern) && RoutePath.Shape(o.Pattern) != RoutePath.Shape(pattern)))
            Error("GW2018", place, $"requests that {pattern.RawText} takes may be of the route '{other.Name}' as well, {other.Pattern.RawText}", $"make whole segments of the parameters; the other is {other.Place}");
        _patterns.Add((method, pattern, name, place));
    }

    /// <summary>One method and path may belong to several routes where one header tells their versions apart.</summary>
    private void Take(string key, string name, Place place, VersionDocument? version, string match)
    {
        if (!_matches.TryGetValue(key, out var taken)) _matches[key] = taken = [];
        foreach (var other in taken)
        {
            if (version is null || other.Version is null || !version.Header.Equals(other.Version.Header, StringComparison.OrdinalIgnoreCase) || version.Value == other.Version.Value)
                Error("GW2018", place, $"the route '{other.Name}' takes {match} already", $"change one; the other is {other.Place}{(version is null && other.Version is null ? "" : "; versions of one path have one header, and a value each")}");
            else if (version.Default && other.Version.Default)
                Error("GW2043", place, $"requests of {match} without {version.Header} would get version {version.Value}, and version {other.Version.Value} too", $"keep one default: true; the other is {other.Place}");
        }
        taken.Add((name, place, version));
    }

    private PlanTarget? Target(TargetDocument target, (string Method, RoutePattern Pattern)? match)
    {
        var place = places.Of(target);
        if (((string?[])[target.Call, target.Accept, target.Forward]).Count(t => t is not null) != 1)
        {
            Error("GW2019", place, "a target is one of call, accept and forward", "write call: BACKEND/OPERATION, accept: BACKEND/OPERATION or forward: BACKEND");
            return null;
        }
        return target.Forward is null ? Call(target, match?.Pattern, replaces: match?.Method == "PUT") : Forward(target, match?.Pattern);
    }

    /// <summary>The route's time can't end what YARP streams; the backend's can.</summary>
    private void CheckTimeout(RouteDocument route, PlanTarget target)
    {
        if (target is PlanTarget.Forward && places.Has(route, nameof(route.Timeout)))
            Error("GW2027", places.Of(route, nameof(route.Timeout)), "a forwarded route takes its timeout from its backend", "remove timeout: here, or set it on the backend");
    }

    /// <summary>Who may call is told apart by authentication alone.</summary>
    private void CheckCallers(RouteDocument route, ApiDocument api, string name, Place place, bool authenticates)
    {
        if (authenticates && route.Public is not null)
            Error("GW2040", places.Of(route, nameof(route.Public)), $"the route '{name}' is said to be public, and authenticates", "remove public:, or the policy");
        if (!authenticates && (route.Lifecycle ?? api.Lifecycle) == Lifecycle.Draft)
            Error("GW2041", place, $"the draft '{name}' asks nobody who they are, so nobody could be told from its audience", "add an authenticate policy");
    }

    /// <summary>Quotas are a partner's; nobody who is not known has one, and nobody may read another's.</summary>
    private void CheckCounted(string name, Place place, bool hasQuota, PlanTarget target)
    {
        if (hasQuota || target is PlanTarget.Call { Operation: UsageOperation })
            Error("GW5091", place, $"the route '{name}' {(hasQuota ? "counts" : "shows")} what a partner uses, and asks nobody who they are", "add a policy of the kind authenticate");
        else if (target is PlanTarget.Call { Operation: EventsOperation or EventOperation })
            Error("GW5307", place, $"the route '{name}' shows what a partner is told, and asks nobody who they are", "add a policy of the kind authenticate");
        else if (target is PlanTarget.Call { Operation.Backend: OwnBackend.ReservedName })
            Error("GW5362", place, $"the route '{name}' is about a partner's own subscriptions, and asks nobody who they are", "add a policy of the kind authenticate");
    }

    private PlanTarget.Forward? Forward(TargetDocument target, RoutePattern? pattern)
    {
        var place = places.Of(target, nameof(target.Forward));
        if (Backend(target.Forward!, place) is not { } backend) return null;
        if (backend.Forward is null)
        {
            Error("GW2020", place, $"the backend '{backend.Name}' takes no forwarded requests", "call one of its operations: " + string.Join(", ", backend.Operations.Keys));
            return null;
        }
        foreach (var (member, value) in (ReadOnlySpan<(string, string?)>)[("creates", target.Creates), ("object", target.Object), ("emits", target.Emits), ("first", target.First is null ? null : ""), ("whenDown", target.WhenDown == WhenDown.Fail ? null : ""), ("accepted", target.Accepted is null ? null : "")])
        {
            if (value is not null) Error("GW2021", place, $"'{member}' has no meaning on a forwarded route", "remove it, or call an operation");
        }
        if (target.Path is { } path) CheckPath(path, places.Of(target, nameof(target.Path)), pattern);
        return new PlanTarget.Forward(backend.Name, target.Path)
        {
            Address = backend.Forward,
            Credential = backend.Credential,
            Changes = forwards.Changes(target, pattern, backend.Credential.Header),
            Withheld = CallerHeaders.Withheld(_credentials, backend.Forward.PassHeaders),
        };
    }

    private void CheckPath(string text, Place place, RoutePattern? pattern)
    {
        var (path, error, cure) = text.StartsWith('/') ? RoutePath.Parse(text) : (null, "it does not begin with /", "write it like path: /parcels/{id}");
        if (path is null)
        {
            Error("GW2028", place, $"the path at the backend is not valid: {error}", cure);
            return;
        }
        foreach (var parameter in path.Parameters.Where(p => pattern is not null && pattern.GetParameter(p.Name) is null))
            Error("GW2025", place, $"the path has no parameter '{parameter.Name}'", Nearest.Cure(parameter.Name, pattern!.Parameters.Select(p => p.Name)));
    }

    private PlanTarget.Call? Call(TargetDocument target, RoutePattern? pattern, bool replaces)
    {
        var written = target.Call ?? target.Accept!;
        var place = places.Of(target, target.Call is null ? nameof(target.Accept) : nameof(target.Call));
        var (name, operation) = written.Split('/', 2) is [var b, var o] ? (b, o) : (written, "");
        if (Backend(name, place) is not { } backend) return null;
        if (!backend.Operations.TryGetValue(operation, out var found))
        {
            Error("GW2022", place, $"the backend '{name}' has no operation '{operation}'", Nearest.Cure(operation, backend.Operations.Keys));
            return null;
        }
        if (found.Descriptor.Effect == Effect.Reads && (target.Creates ?? target.Emits) is not null)
            Error("GW2023", place, $"{found.FullName} only reads, so it creates and emits nothing", "remove creates: and emits:");
        foreach (var (member, given) in (ReadOnlySpan<(string, bool)>)[(nameof(target.RemovePrefix), target.RemovePrefix is not null), (nameof(target.Headers), target.Headers is not null), (nameof(target.Query), target.Query is not null)])
        {
            if (given) Error("GW5126", places.Of(target, member), $"'{Scalars.Camel(member)}' belongs to a forwarded request", "remove it, or change the input by a transform policy");
        }
        if (found.Descriptor.Effect == Effect.Changes) found = new OneWriter(found, context.Kept.Get($"turns/{name}", () => new RecordTurns()));
        var about = Object(target, pattern);
        return new PlanTarget.Call(found)
        {
            Creates = target.Creates,
            Emits = target.Emits,
            Object = about,
            First = target.First is { } first ? new FirstReader(context, places, diagnostics).Of(target, first, found) : null,
            Catalogue = context.Events,
            Watched = found.Descriptor.Effect == Effect.Changes ? backend.Changes : null,
            Replaces = replaces && about is not null && target.Creates is null && found.Descriptor.Effect == Effect.Changes,
            Accepting = new AcceptReader(places, diagnostics).Of(target, found, place),
        };
    }

    private (string Kind, string Parameter)? Object(TargetDocument target, RoutePattern? pattern)
    {
        if (target.Object is not { } text) return null;
        var place = places.Of(target, nameof(target.Object));
        if (text.Split('/') is not [{ Length: > 0 } kind, ['{', .. var parameter, '}']])
        {
            Error("GW2024", place, $"'{text}' is not a kind and a parameter", "write it like object: order/{id}");
            return null;
        }
        if (pattern is not null && pattern.GetParameter(parameter) is null)
            Error("GW2025", place, $"the path has no parameter '{parameter}'", Nearest.Cure(parameter, pattern.Parameters.Select(p => p.Name)));
        return (kind, parameter);
    }

    private Backend? Backend(string name, Place place)
    {
        if (backends.TryGetValue(name, out var backend)) return backend;
        if (!places.Has(document.Backends, name)) Error("GW2026", place, $"there is no backend '{name}'", Nearest.Cure(name, document.Backends.Keys));
        return null;
    }

    private void Error(string code, Place place, string message, string cure) =>
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

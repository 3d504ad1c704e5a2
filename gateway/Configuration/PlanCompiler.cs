using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Gateway.Adapters;
using Gateway.Configuration.Flows;
using Gateway.Configuration.Yaml;
using Gateway.OpenApi;
using Gateway.Pipeline;
using Gateway.Pipeline.Backends;
using Gateway.Pipeline.Own;
using Gateway.Pipeline.Own.Subscriptions;
using Gateway.Policies.Authenticate;
using Gateway.Policies.Quota;

namespace Gateway.Configuration;

/// <summary>What came of a compilation: a Plan, or the reasons why there is none; both when there are only warnings.</summary>
public sealed record Compilation(Plan? Plan, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>
/// From a loaded workspace to a Plan: names are resolved, contracts and mappings compiled, each route folded into one delegate.
/// Opens no connection: validate runs it in CI.
/// </summary>
/// <param name="adapters">Null for those of the product.</param>
/// <param name="bell">Null where nobody calls: readers of events do not wait then.</param>
/// <param name="desk">Null where nobody calls.</param>
public sealed class PlanCompiler(ExactlyOnce exactlyOnce, TimeProvider clock, KeptState kept, Outside outside, ILoggerFactory logs, AdapterList? adapters = null, EventBell? bell = null, SubscriptionDesk? desk = null)
{
    public async ValueTask<Compilation> CompileAsync(LoadedWorkspace workspace)
    {
        var run = new Run(workspace, new Road(exactlyOnce), clock, kept, outside, logs, (adapters ?? Adapters.Adapters.With)(logs, outside), bell, desk);
        if (run.Compile() is { } plan) return new Compilation(plan, run.Sorted);
        await run.DisposeAsync();
        return new Compilation(null, run.Sorted);
    }

    private sealed class Run(
        LoadedWorkspace workspace, Road road, TimeProvider clock, KeptState kept, Outside outside, ILoggerFactory logs, IReadOnlyList<Adapter> adapters, EventBell? bell, SubscriptionDesk? desk) : IAsyncDisposable
    {
        private readonly List<Diagnostic> _diagnostics = [.. workspace.Diagnostics];
        private readonly Dictionary<string, object> _shared = [];
        private readonly Dictionary<string, Backend> _backends = [];
        private readonly Places _places = workspace.Places;

        public IReadOnlyList<Diagnostic> Sorted => [.. Diagnostic.Sort(_diagnostics)];

        public Plan? Compile()
        {
            if (workspace.Document is not { } document) return null;
            var revision = RevisionOf(workspace);
            var codes = new CodeReader(document, _places, _diagnostics);
            var partners = new PartnerReader(document, workspace, codes, _diagnostics);
            var alerts = new AlertsReader(document, partners.WebhookReach, _places, _diagnostics).Read();
            var credentials = new CredentialChecks(document, _places, _diagnostics);
            var hooks = new HookChecks(document, _places, outside, _diagnostics);
            var endpoints = new EndpointReader(document, _places, credentials, _diagnostics);
            foreach (var (name, options) in document.Backends) Open(document, name, options, credentials, hooks, endpoints);
            endpoints.Check(_backends);
            var forwards = new ForwardChecks(document, _places, _diagnostics);
            foreach (var (name, options) in document.Backends) forwards.Check(name, options);
            hooks.CheckPaths();
            var operators = new OperatorReader(document, _places, _diagnostics).Read();
            var names = new PolicyNames(document, _places, _diagnostics);
            var consumers = partners.Consumers.Select(outside.Known).ToList();
            var proxies = ProxiesReader.Of(document.Governance.Proxies, _places, _diagnostics);
            var addresses = AddressLimitReader.Of(document.Governance.AddressLimit, _places, _diagnostics);
            var ports = new TlsReader(_places, kept, clock, _diagnostics);
            var tls = ports.Read(document.Tls);
            var context = new ScopeContext(document, workspace, consumers, codes.Tables, clock, outside, _shared, kept, _diagnostics);
            context = context with { Events = new EventTypeReader(context, _backends).Read() };
            new ApiChecks(document, _places, _diagnostics).Check();
            new IssuerChecks(document, _places, _diagnostics).Check();
            StateChecks.Check(document, _places, _diagnostics);
            var owners = new OwnerChecks(document, _places, _diagnostics);
            owners.Check();
            Linting.Waivers.Check(document, _places, _diagnostics);
            IReadOnlyList<PlanRoute> routes = [];
            OpenOwn(document, () => routes, context.Events, partners);
            routes = new RouteCompiler(document, _places, _backends, names, context, forwards, road, revision, _diagnostics).Compile();
            var notices = new NoticeReader(context, _backends).Read(routes);
            IReadOnlyList<PlanFeed> feeds = [.. new ChangesReader(document, _places, outside, partners.Partners, _diagnostics).Read(_backends, routes, new Scope(context, "changes", "changes", "GET", [], new PlanTarget.Nowhere())).Select(f => f with { Catalogue = context.Events })];
            var flows = new FlowReader(context, _backends, _places, _diagnostics).Read();
            var events = new EventChecks(document, _places, _diagnostics);
            events.Check(routes, notices, feeds, flows);
            if (_diagnostics.Any(d => d.Severity == Severity.Error)) return null;
            events.ReportUnused(routes, notices, feeds, flows);
            names.ReportUnused();
            owners.ReportUnused(flows);
            ports.CheckReachable(routes, document.Tls, proxies);
            var door = DoorOf(document, operators);
            return new Plan(revision, routes, _backends, [.. partners.Subscriptions, .. alerts], consumers.ToDictionary(c => c.Name))
            {
                Notices = notices,
                Flows = flows,
                EventTypes = context.Events,
                AddressLimits = addresses,
                WebhookReach = partners.WebhookReach,
                SubscriptionRules = partners.SubscriptionRules,
                Partners = partners.Partners.Select(p => p.Name).ToFrozenSet(),
                Feeds = feeds,
                State = document.State,
                Server = document.Governance.Server,
                Proxies = proxies,
                Tls = tls,
                FailedAttempts = document.Governance.FailedAttempts,
                Problem = new Problems(document.ProblemBase).Of,
                Reload = document.Governance.Reload,
                Admin = new AdminAccess(operators, door.JudgeAsync) { Metrics = document.Governance.Metrics },
                AuditRetention = document.Governance.Audit.Retention,
                Leaves = kept.Commit(),
                Followed = [.. kept.All.OfType<Followed>()],
                OpenApi = new Lazy<ReadOnlyMemory<byte>>(() => OpenApiDocument.Of(routes, revision, document, workspace.Files)),
                Owned = [door, .. _shared.Values.OfType<IAsyncDisposable>()],
            };
        }

        /// <summary>Issuers that no operator comes from are not asked.</summary>
        private OperatorDoor DoorOf(WorkspaceDocument document, IReadOnlyList<Operator> operators)
        {
            var named = operators.SelectMany(o => o.Subjects.Concat(o.Groups)).Select(name => name.Split('/')[0]).ToHashSet();
            return new OperatorDoor(operators, document.Issuers.Where(i => named.Contains(i.Key)).ToDictionary(), outside, clock);
        }

        public async ValueTask DisposeAsync()
        {
            kept.Rollback();
            foreach (var shared in _shared.Values.OfType<IAsyncDisposable>()) await shared.DisposeAsync();
            foreach (var backend in _backends.Values) await backend.DisposeAsync();
        }

        private void Open(WorkspaceDocument document, string name, BackendOptions options, CredentialChecks credentials, HookChecks hooks, EndpointReader endpoints)
        {
            var adapter = adapters.First(a => a.Name == options.Adapter);
            credentials.Check(name, options, adapter);
            LimitsChecks.Check(name, options, _places, _diagnostics);
            if (!OdooChecks.Check(name, options, _places, _diagnostics)) return;
            try
            {
                var backend = SpreadOf(name, adapter.Open(name, options, clock));
                hooks.Check(name, options, backend.Hook);
                var partners = backend.TakesEndpoints ? endpoints.AddTo(backend, adapter) : null;
                _backends[name] = LimitsChecks.InRange(options.Held) is { } held ? new GatedBackend(backend, GatesOf(name, held, partners), clock) { HeedsForwarded = options.Limits is not null } : backend;
            }
            catch (Exception refused) when (refused is ArgumentException or ValidationException)
            {
                // What an adapter's libraries demand of values beyond the adapter's own rules.
                _diagnostics.Add(new Diagnostic("GW6003", Severity.Error, _places.Of(document.Backends, name),
                    $"the backend '{name}' can't be set up: {refused.Message.Split(" (Parameter")[0].ReplaceLineEndings(" ").TrimEnd('.', ' ')}", "correct its options"));
            }
        }

        /// <summary>Circuits and turns go on over a reload that leaves its destinations and times as they are.</summary>
        private Backend SpreadOf(string name, Backend backend) => backend.Forward is { Chooses: true } address
            ? new SpreadBackend(backend, kept.Get(Spread.KeyOf(name, address), () => new Spread(name, address, clock, logs.CreateLogger<Spread>())))
            : backend;

        /// <summary>Who waits goes on waiting over a reload that leaves the limits as they are.</summary>
        /// <param name="partners">Those that have an endpoint of their own; null where the backend has one address for all.</param>
        private Gates GatesOf(string name, BackendLimits limits, IReadOnlyList<string>? partners)
        {
            return partners is null ? Gates.Of(Gate("")) : Gates.OfEndpoints(limits, partners, Gate);

            BackendGate Gate(string partner) => kept.Get($"backend/{name}/{partner}/{limits}", () => new BackendGate(name, limits, clock));
        }

        /// <summary>The gateway itself, where a route calls one of its operations. Quotas are kept whether a Plan counts by them or not: what was taken is to be given back.</summary>
        private void OpenOwn(WorkspaceDocument document, Func<IReadOnlyList<PlanRoute>> routes, EventTypes events, PartnerReader partners)
        {
            var quotas = kept.Get(QuotaBook.Key, () => new QuotaBook(clock));
            if (_places.Has(document.Backends, OwnBackend.ReservedName))
                _diagnostics.Add(new Diagnostic("GW5094", Severity.Error, _places.Of(document.Backends, OwnBackend.ReservedName), $"'{OwnBackend.ReservedName}' is the gateway itself, and no backend's name", "choose another name"));
            else if (document.Apis.Values.SelectMany(a => a.Routes.Values).Any(r => r.Target.Call?.StartsWith(OwnBackend.ReservedName + "/", StringComparison.Ordinal) == true))
                _backends[OwnBackend.ReservedName] = new OwnBackend(routes, quotas, events, bell, new SubscriptionJudge(partners.SubscriptionRules, events, partners.Subscriptions), desk);
        }

        /// <summary>16 hex digits over the files and the environment's name.</summary>
        private static string RevisionOf(LoadedWorkspace workspace) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{workspace.Files.Hash}/{workspace.Environment}")))[..16];
    }
}

using System.Globalization;
using Gateway.Configuration.Yaml;
using Gateway.Policies.Contract;

namespace Gateway.Configuration;

/// <summary>Whether the operation that a route leads to can do anything with what the route gives it, and nothing that the route's callers don't expect.</summary>
internal sealed class TargetChecks(WorkspaceDocument document, Places places, IReadOnlyDictionary<string, Backend> backends, WorkspaceFiles files, ICollection<Diagnostic> diagnostics)
{
    /// <summary>What makes objects of a kind, over all routes.</summary>
    private readonly ILookup<string, BackendOperation> _makers = document.Apis.Values.SelectMany(api => api.Routes.Values)
        .Where(route => route.Target.Creates is not null)
        .Select(route => (Kind: route.Target.Creates!, Operation: Find(route.Target.Call ?? route.Target.Accept, backends)))
        .Where(made => made.Operation is not null)
        .ToLookup(made => made.Kind, made => made.Operation!);

    public void Check(PlanRoute route)
    {
        if (route.Target is not PlanTarget.Call call) return;
        var target = document.Apis[route.Api].Routes[route.Name].Target;
        var (operation, place) = (call.Operation, places.Of(target, target.Call is null ? nameof(target.Accept) : nameof(target.Call)));
        if (operation.Descriptor.Effect == Effect.Changes && route.Method is "GET" or "HEAD")
            Error("GW5285", place, $"{operation.FullName} changes something, and a {route.Method} must not: whoever follows a link or fetches ahead would do it", "match POST, PUT, PATCH or DELETE");
        if (call.Creates is not null && operation.Descriptor is { Effect: Effect.Changes, Makes: null })
            Error("GW5286", places.Of(target, nameof(target.Creates)), $"{operation.FullName} makes nothing new, so no {call.Creates} comes of it", "remove creates:, or call the operation that makes one");
        // What is accepted has to say it: that is an error of its own.
        if (call is { Creates: null, Object: null } && target is { Accept: null, WhenDown: WhenDown.Fail } && operation.Descriptor.Makes is { } made && ReaderOf(operation, made) is { } reader)
            diagnostics.Add(new Diagnostic("GW5291", Severity.Warning, place, $"{operation.FullName} makes one {made}, and the route keeps no id of it: no call can be about it, {reader} for one", $"add creates: {made}"));
        if (call.Object is { } about) CheckKind(operation, about.Kind, places.Of(target, nameof(target.Object)));
        else if (target.Object is null && operation.Descriptor.About is { Or.Count: 0 } subject)
            Error("GW5287", place, $"{operation.FullName} is about one {subject.Text}, and the route does not say which", $"add object: \"{KindOf(operation, subject) ?? subject.Kinds[0]}/{{PARAMETER}}\" with a parameter of the path");
        CheckInput(route, call, place);
    }

    /// <summary>A reference says something to who gave it, and about what it was given for: whatever makes objects of the kind makes what the operation is about.</summary>
    private void CheckKind(BackendOperation operation, string kind, Place place)
    {
        if (operation.Descriptor.About is not { } subject)
        {
            if (operation.Descriptor.Effect == Effect.Reads)
                Error("GW5284", place, $"{operation.FullName} reads nothing that was made before: it would be called with the caller's id of the {kind}, which its backend does not know", "remove object:, or call an operation that is about one");
            return;
        }
        // Where nothing makes any of it, earlier revisions may have: that is a warning, and not ours.
        if (_makers[kind].FirstOrDefault(maker => !IsFit(operation, subject, maker)) is not { } stranger) return;
        var cure = stranger.Backend != operation.Backend ? $"call an operation of {stranger.Backend}, or give what each backend makes a kind of its own"
            : KindOf(operation, subject) is { } fit && fit != kind ? $"write {fit}/{{PARAMETER}}"
            : $"give what {stranger.FullName} makes another kind";
        Error("GW5288", place, $"{operation.FullName} is about one {subject.Text} of {operation.Backend}, and {stranger.FullName} makes objects of the kind '{kind}', too", cure);
    }

    /// <summary>What it is called with, where that is the body or the parameters as they are: what a mapping gives is not known before it runs.</summary>
    private void CheckInput(PlanRoute route, PlanTarget.Call call, Place place)
    {
        if (route.MapsRequest || (route.ReadsBody ? OfBody(route) : OfParameters(route)) is not var (given, from, cure)) return;
        var descriptor = call.Operation.Descriptor;
        var needs = descriptor.About is { Or.Count: > 0 } subject && call.Object is null ? descriptor.Needs.Append(subject.Or) : descriptor.Needs;
        foreach (var need in needs.Where(one => !one.Any(given.Contains)))
            Error("GW5289", place, $"{call.Operation.FullName} needs {string.Join(" or ", need)}, and {from} {(given.Count == 0 ? "nothing" : "only " + string.Join(", ", given.Order(StringComparer.Ordinal)))}",
                $"{string.Format(CultureInfo.InvariantCulture, cure, need[0])}, or add a transform policy with request:");
    }

    /// <summary>Members that the body's contract names, where it lets no others in; null where callers may send more.</summary>
    private (HashSet<string> Given, string From, string Cure)? OfBody(PlanRoute route) =>
        route.Surface.Request is { } contract && SchemaMembers.IsClosed(files, CompiledContract.Path(contract)) && MembersOf(contract) is { } members ? (members, $"the contract {contract} of its body names", "name {0} in the contract") : null;

    private (HashSet<string> Given, string From, string Cure)? OfParameters(PlanRoute route)
    {
        var given = RoutePath.Parse(route.Pattern).Pattern!.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        if (route.Surface.Parameters.TryGetValue(ParameterContract.Query, out var query))
        {
            if (MembersOf(query) is not { } members) return null;
            given.UnionWith(members);
        }
        return (given, "the parameters of the route are", "name a parameter of the path {{{0}}}, declare it in the contract of the query");
    }

    private HashSet<string>? MembersOf(string contract)
    {
        var path = CompiledContract.Path(contract);
        return SchemaMembers.MayBeMore(files, path) ? null : SchemaMembers.Of(files, path);
    }

    private string? KindOf(BackendOperation operation, Subject subject) =>
        _makers.Where(made => made.All(maker => IsFit(operation, subject, maker))).Select(made => made.Key).Order(StringComparer.Ordinal).FirstOrDefault();

    private static bool IsFit(BackendOperation operation, Subject subject, BackendOperation maker) =>
        maker.Backend == operation.Backend && maker.Descriptor.Makes is { } made && subject.Kinds.Contains(made);

    /// <summary>An operation that is about what is made; null where nothing is, as of a document that was sent.</summary>
    private string? ReaderOf(BackendOperation operation, string made) =>
        backends[operation.Backend].Operations.Values.FirstOrDefault(other => other.Descriptor.About?.Kinds.Contains(made) == true)?.FullName;

    private static BackendOperation? Find(string? written, IReadOnlyDictionary<string, Backend> backends) =>
        written?.Split('/', 2) is [var name, var operation] ? backends.GetValueOrDefault(name)?.Operations.GetValueOrDefault(operation) : null;

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

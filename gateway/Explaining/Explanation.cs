using Gateway.Pipeline.Backends;
using Microsoft.AspNetCore.Routing.Template;

namespace Gateway.Explaining;

/// <summary>One step of the road of a request.</summary>
/// <param name="Policy">Name of the policy that makes it; empty for what the gateway itself does.</param>
/// <param name="Place">Where that was declared.</param>
internal sealed record ExplainedStep(Phase Phase, string Text, string Policy, Place Place);

/// <summary>The road of one request, as the Plan would run it, and where each of its steps was declared.</summary>
internal static class Explanation
{
    /// <summary>The route that takes a method and a path; null where none does.</summary>
    /// <param name="version">What the header that chooses a version says; null for none.</param>
    public static PlanRoute? Find(Plan plan, string method, string path, string? version = null) =>
        Nearest(plan, method, path).FirstOrDefault(r => r.Version is null || (version is null ? r.Version.IsDefault : r.Version.Value == version));

    /// <summary>Versions of a method and a path, chosen by a header.</summary>
    public static IReadOnlyList<RouteVersion> Versions(Plan plan, string method, string path) => [.. Nearest(plan, method, path).Select(r => r.Version).OfType<RouteVersion>()];

    /// <summary>Routes of the path that routing would choose: several only where a header tells their versions apart.</summary>
    private static IEnumerable<PlanRoute> Nearest(Plan plan, string method, string path) => plan.Routes
        .Where(r => r.Method == method && Matches(r.Pattern, path))
        .GroupBy(r => RoutePrecedence.ComputeInbound(TemplateParser.Parse(r.Pattern)))
        .MinBy(g => g.Key) ?? Enumerable.Empty<PlanRoute>();

    /// <summary>Methods that a path is served with.</summary>
    public static IEnumerable<string> Methods(Plan plan, string path) => plan.Routes.Where(r => Matches(r.Pattern, path)).Select(r => r.Method).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The steps in their order.</summary>
    /// <param name="consumer">Who calls; null for nobody in particular.</param>
    /// <param name="backend">Where a backend was declared.</param>
    public static IReadOnlyList<ExplainedStep> Of(Plan plan, PlanRoute route, Consumer? consumer, Func<string, Place> backend) =>
    [
        .. Fixed(plan, route, backend).Concat(route.Uses.SelectMany(u => u.Kind.Explain(u.Options, consumer).Select(e => new ExplainedStep(e.Phase, e.Text, u.Name == route.Name ? u.Kind.Name : u.Name, u.Declared))))
            // What is stored in the end wraps all that comes after it.
            .OrderBy(s => s.Phase == Phase.Outcome ? Phase.ResponseContract + 1 : s.Phase),
    ];

    private static IEnumerable<ExplainedStep> Fixed(Plan plan, PlanRoute route, Func<string, Place> backend)
    {
        yield return Own(Phase.Protect, $"{plan.AddressLimits.PerSecond} requests a second from one address{string.Concat(plan.AddressLimits.Networks.Select(n => $"; from {n.Network} {n.Text}"))}{(plan.Proxies is { Form: not ForwardedForm.None } proxies ? $", as the proxies in {string.Join(", ", proxies.Networks)} tell it" : "")}, else 429");
        if (route.Life is { } life)
        {
            foreach (var step in Life(life)) yield return Own(step.Phase, step.Text);
        }
        if (route.Surface.Credentials.Count > 0)
            yield return Own(Phase.Authenticate, $"{plan.FailedAttempts.PerAddress} failed attempts of one address, {plan.FailedAttempts.PerConsumer} for one consumer in {plan.FailedAttempts.Window.TotalSeconds:0.###} s, else 429");
        if (route.ReadsBytes) yield return Own(Phase.ReadBytes, $"at most {route.MaxBodyBytes} bytes of the body, for the signature over them; else 413");
        if (route is { Target: PlanTarget.Forward, ReadsBody: false, ReadsBytes: false, Method: not ("GET" or "HEAD") }) yield return Own(Phase.Protect, $"a body of at most {route.MaxBodyBytes} bytes, counted as it streams; else 413");
        if (route.ReadsBody) yield return Own(Phase.ReadBody, $"{(route.Protection.TakesXml ? "JSON or XML" : "JSON")} in UTF-8, at most {route.MaxBodyBytes} bytes, read once; else 400, 413 or 415");
        if (plan.Backends.GetValueOrDefault(BackendOf(route.Target)) is GatedBackend { Name: var name, Gates: { Limits: var limits, One: var one } })
            yield return Own(Phase.Target, $"waits in turn {(one is null ? $"for the partner's endpoint of {name}: from this node each" : $"with other partners for {name}: from this node it")} takes {limits.Text}; after {limits.Wait.TotalSeconds:0.###} s, and behind {limits.Queue} others, 503") with { Place = backend(name) };
        yield return route.Target switch
        {
            PlanTarget.Forward forward => Own(Phase.Target, $"forwarded to {forward.Backend}{(forward.Path is { } path ? $" as {path}" : "")}{(forward.Changes.Text is { Length: > 0 } changes ? $", {changes}" : "")}{Sends(forward.Address)}, {Streams(route)}{SignsIn(forward.Credential)}") with { Place = backend(forward.Backend) },
            PlanTarget.Call { Accepting: { Always: true } } later => Own(Phase.Target, $"202; {later.Operation.FullName} is called later: {later.Operation.Descriptor.Summary.TrimEnd('.')}; at most {route.Timeout.TotalSeconds:0.###} s{SignsIn(plan.Backends[later.Operation.Backend].Credential)}") with { Place = backend(later.Operation.Backend) },
            PlanTarget.Call call => Own(Phase.Target, $"{FirstOf(call.First)}{call.Operation.FullName}: {call.Operation.Descriptor.Summary.TrimEnd('.')}; at most {route.Timeout.TotalSeconds:0.###} s{SignsIn(plan.Backends[call.Operation.Backend].Credential)}") with { Place = backend(call.Operation.Backend) },
            _ => throw new NotSupportedException(route.Target.ToString()),
        };
        if (route.Target is not PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes } change) yield break;
        yield return Own(Phase.Intent, "the intent is stored; who loses the answer finds the work done, once");
        if (change.Accepting is { } accepting)
            yield return Own(Phase.Intent, $"{(accepting.Always ? "what is asked for" : "what can't be sent")} is accepted with 202 and the event {accepting.Received}, and forwarded {OrderOf(accepting)}; else {accepting.Rejected}");
        yield return Own(Phase.Outcome, $"outcome and answer{(change.Emits is { } type ? $" and the event {type}" : "")} are stored in one transaction{(change.Creates is { } kind ? $"; creates: {kind}" : "")}");

        ExplainedStep Own(Phase phase, string text) => new(phase, text, "", route.Place);
    }

    private static string FirstOf(FlowGuard? guard) => guard is null ? "" : guard.Cancels ? $"{guard.Flow} is cancelled first, if it is at work; " : $"refused while {guard.Flow} is at work; ";

    private static IEnumerable<(Phase Phase, string Text)> Life(RouteLife life)
    {
        if (life.Audience is { } audience) yield return (Phase.Authorize, $"a draft for {string.Join(", ", audience.Order(StringComparer.Ordinal).DefaultIfEmpty("nobody"))}; for others it is not there");
        if (life.Lifecycle == Lifecycle.Retired) yield return (Phase.Protect, "retired: 410");
        else if (life.SunsetHeader is { } end) yield return (life.IsDraft ? Phase.Authorize : Phase.Protect, $"from {end} on 410");
        if (life.DeprecationHeader is { } header) yield return (Phase.ResponseContract, $"every answer says Deprecation: {header}");
    }

    private static string BackendOf(PlanTarget target) => target switch
    {
        PlanTarget.Forward forward => forward.Backend,
        PlanTarget.Call call => call.Operation.Backend,
        _ => "",
    };

    private static string OrderOf(Accepting accepting) => string.Concat(
        accepting.UrgencyText is { } urgency ? $"by {urgency}, the smallest first" : "as it came",
        accepting.InOrderOf.Count == 0 ? "" : $", one after another of the same {string.Join(" and ", accepting.InOrderOf)}");

    private static string SignsIn(Credential credential) => credential.Text.Length == 0 ? "" : $"; the gateway shows {credential.Text}";

    private static string Sends(ForwardAddress address) =>
        (address.Destinations.Count > 1 ? $", to one of {address.Destinations.Count} destinations" : "")
        + (address.Canary is { } canary ? $", {canary.Percent:0.##} % of the requests of {(canary.Partners.Count == 0 ? "all" : string.Join(", ", canary.Partners))} to its canary" : "")
        + (address.Resilience is { Retries: > 0 and var retries } ? $", up to {retries} times again where that is safe" : "");

    private static string Streams(PlanRoute route) => (route.ReadsBody, route.ReadsAnswer) switch
    {
        (false, false) => "streamed both ways",
        (true, false) => "the answer is streamed",
        (false, true) => "the body is streamed",
        _ => "body and answer are read whole",
    };

    private static bool Matches(string pattern, string path) => new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(path, []);
}

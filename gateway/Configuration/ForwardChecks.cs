using System.Globalization;
using Gateway.Adapters.Http;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Configuration;

/// <summary>Whether what is said of a backend's times, destinations and canary goes together, and what a route changes on the way there.</summary>
internal sealed class ForwardChecks(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>What frames a request, or says where it goes.</summary>
    private static readonly HashSet<string> Framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Expect", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", Answers.CorrelationHeader,
    };

    private readonly IReadOnlyList<string> _credentials = CallerHeaders.CredentialsOf(document);

    public void Check(string backend, BackendOptions options)
    {
        if (options.Resilience is { } resilience) CheckTimes(backend, options, resilience);
        if (options is not HttpBackendOptions http) return;
        if (http.Health is { } health && health.Timeout > health.Interval)
            Error("GW5122", places.Of(health, nameof(health.Timeout)), $"the health of '{backend}' is waited for longer than until it is asked again", "make timeout: shorter than interval:");
        CheckDestinations(backend, http);
        if (http.Canary is { } canary) CheckCanary(backend, canary);
    }

    private void CheckTimes(string backend, BackendOptions options, ResilienceOptions resilience)
    {
        if (resilience.Attempt > options.Timeout)
            Error("GW5122", places.Of(resilience, nameof(resilience.Attempt)), $"an attempt at '{backend}' may take {Text(resilience.Attempt.Value)}, and all of them together {Text(options.Timeout)}", "make attempt: shorter, or timeout: of the backend longer");
        if (resilience.TimeLeftHeader is { } header && IsNotToBeSet(header) is { } why)
            Error("GW5125", places.Of(resilience, nameof(resilience.TimeLeftHeader)), $"{header} can't tell how much time is left: {why}", "choose another header, such as X-Time-Left");
    }

    private void CheckDestinations(string backend, HttpBackendOptions http)
    {
        if (http.Destinations.Count == 0)
        {
            foreach (var member in new[] { nameof(http.Weight), nameof(http.Balance), nameof(http.Affinity) }.Where(m => places.Has(http, m)))
                Error("GW5123", places.Of(http, member), $"'{Scalars.Camel(member)}' chooses among destinations, and '{backend}' has one address", "add destinations:, or remove it");
        }
        foreach (var name in http.Destinations.Keys.Where(n => n is ForwardAddress.Main or ForwardAddress.CanaryName))
            Error("GW5123", places.Of(http.Destinations, name), $"'{name}' is the name of {(name == ForwardAddress.Main ? "url:" : "canary:")} among the destinations of '{backend}'", "choose another name");
        var seen = new HashSet<Uri> { http.Url };
        foreach (var (name, destination) in http.Destinations)
        {
            if (!seen.Add(destination.Url)) Error("GW5123", places.Of(destination, nameof(destination.Url)), $"the destination '{name}' of '{backend}' has an address that another one has", "give it its own, or let weight: say that one gets more");
            if (destination.Weight != 1 && http.Balance is Balance.LeastRequests or Balance.First)
                Error("GW5123", places.Of(destination, nameof(destination.Weight)), $"the balance {Scalars.Camel(http.Balance.ToString())} knows no weights", "remove weight:, or choose roundRobin, powerOfTwo or random");
        }
    }

    private void CheckCanary(string backend, CanaryOptions canary)
    {
        for (var i = 0; i < canary.Partners.Count; i++)
        {
            var (name, place) = (canary.Partners[i], places.Of(canary.Partners, i.ToString(CultureInfo.InvariantCulture)));
            if (!document.Partners.ContainsKey(name)) Error("GW5124", place, $"there is no partner '{name}' whose requests could go to the canary of '{backend}'", Nearest.Cure(name, document.Partners.Keys));
        }
        if (canary.Partners.Count == 0 && !places.Has(canary, nameof(canary.Percent)))
            Error("GW5124", places.Of(canary), $"all requests to '{backend}' would go to its canary", "add partners: or percent:");
    }

    /// <summary>What a route changes on the way to its backend.</summary>
    public ForwardChanges Changes(TargetDocument target, RoutePattern? pattern, string? ownHeader)
    {
        if (target.RemovePrefix is { } prefix) CheckPrefix(target, prefix, pattern);
        foreach (var (owner, member, name) in Named(target.Headers))
        {
            if ((name.Equals(ownHeader, StringComparison.OrdinalIgnoreCase) ? "it carries the gateway's own credential" : IsNotToBeSet(name)) is { } why)
                Error("GW5125", places.Of(owner, member), $"'{name}' can't be changed on the way: {why}", "remove it");
        }
        foreach (var (name, value) in target.Headers?.Set ?? new Dictionary<string, string>())
        {
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) Error("GW5125", places.Of(target.Headers!.Set, name), $"the value of '{name}' is no text of a header", "write printable ASCII");
        }
        return new ForwardChanges
        {
            RemovePrefix = target.RemovePrefix,
            SetHeaders = target.Headers?.Set ?? ForwardChanges.None.SetHeaders,
            RemoveHeaders = target.Headers?.Remove ?? [],
            SetQuery = target.Query?.Set ?? ForwardChanges.None.SetQuery,
            RemoveQuery = target.Query?.Remove ?? [],
        };
    }

    private void CheckPrefix(TargetDocument target, string prefix, RoutePattern? pattern)
    {
        var place = places.Of(target, nameof(target.RemovePrefix));
        if (target.Path is not null)
            Error("GW5126", place, "the path at the backend is said twice", "keep path:, which is the whole path there, or removePrefix:");
        else if (!prefix.StartsWith('/') || prefix.EndsWith('/') || (pattern is not null && !(pattern.RawText + "/").StartsWith(prefix + "/", StringComparison.Ordinal)))
            Error("GW5126", place, $"the path {pattern?.RawText} does not begin with '{prefix}'", "write whole segments of the route's path, without a slash behind them: /v1");
    }

    /// <summary>Each header that is set or removed, and where it was written.</summary>
    private static IEnumerable<(object Owner, string Member, string Name)> Named(ChangesDocument? changes) => changes is null ? [] :
        changes.Set.Keys.Select(name => ((object)changes.Set, name, name))
            .Concat(changes.Remove.Select((name, i) => ((object)changes.Remove, i.ToString(CultureInfo.InvariantCulture), name)));

    /// <summary>Why a header of forwarded requests is not for a workspace to write; null for one that is.</summary>
    private string? IsNotToBeSet(string name) =>
        name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)) ? "it is no name of a header"
        : Framing.Contains(name) ? "it is the gateway's own"
        : CallerHeaders.IsOfProxies(name) ? "backends believe it of proxies"
        : _credentials.Contains(name, StringComparer.OrdinalIgnoreCase) ? "it carries credentials of callers"
        : null;

    private static string Text(TimeSpan time) => Scalars.Written(time);

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

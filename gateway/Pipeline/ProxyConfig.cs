using System.Globalization;
using System.Net;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Gateway.Pipeline;

/// <summary>A Plan's forwarded routes in YARP's words.</summary>
internal sealed class ProxyConfig : IProxyConfig
{
    /// <summary>Name in a route's metadata of the number of the Plan it belongs to.</summary>
    public const string PlanNumber = "plan";

    /// <summary>Name in a cluster's metadata of what its connections show in TLS.</summary>
    public const string TlsIdentity = "tls";

    /// <summary>Name in a cluster's metadata of how its connections are made and kept.</summary>
    public const string Connections = "connections";

    private readonly CancellationTokenSource _changed = new();

    public ProxyConfig(Plan? plan)
    {
        Plan = plan;
        Number = plan?.Number.ToString(CultureInfo.InvariantCulture) ?? "";
        Forwarded = (plan?.Routes ?? []).Where(r => r.Target is PlanTarget.Forward).ToDictionary(r => r.Name);
        var metadata = new Dictionary<string, string> { [PlanNumber] = Number };
        Routes = [.. Forwarded.Values.Select(r => RouteOf(r, metadata))];
        Clusters = [.. (plan?.Backends.Values ?? []).Where(b => b.Forward is not null).Select(b => ClusterOf(b, Number))];
        ChangeToken = new CancellationChangeToken(_changed.Token);
    }

    public Plan? Plan { get; }

    /// <summary>The Plan's number, as it stands in the metadata of its routes.</summary>
    public string Number { get; }

    /// <summary>The Plan's forwarded routes by name.</summary>
    public IReadOnlyDictionary<string, PlanRoute> Forwarded { get; }

    public IReadOnlyList<RouteConfig> Routes { get; }

    public IReadOnlyList<ClusterConfig> Clusters { get; }

    public IChangeToken ChangeToken { get; }

    public void SignalChange() => _changed.Cancel();

    /// <summary>The Plan's number is in the metadata, so that YARP makes the endpoint anew with every Plan, and each can be told to which it belongs.</summary>
    private static RouteConfig RouteOf(PlanRoute route, IReadOnlyDictionary<string, string> metadata)
    {
        var target = (PlanTarget.Forward)route.Target;
        return new RouteConfig
        {
            RouteId = route.Name,
            ClusterId = target.Backend,
            Match = new RouteMatch { Path = route.Pattern, Methods = [route.Method] },
            Metadata = metadata,
            MaxRequestBodySize = route.MaxBodyBytes,
            Transforms = [.. TransformsOf(target)],
        };
    }

    private static IEnumerable<IReadOnlyDictionary<string, string>> TransformsOf(PlanTarget.Forward target)
    {
        if (target.Path is { } path) yield return new Dictionary<string, string> { ["PathPattern"] = path };
        if (target.Changes.RemovePrefix is { } prefix) yield return new Dictionary<string, string> { ["PathRemovePrefix"] = prefix };
        foreach (var (name, value) in target.Changes.SetHeaders) yield return new Dictionary<string, string> { ["RequestHeader"] = name, ["Set"] = value };
        foreach (var name in target.Changes.RemoveHeaders) yield return new Dictionary<string, string> { ["RequestHeaderRemove"] = name };
        foreach (var (name, value) in target.Changes.SetQuery) yield return new Dictionary<string, string> { ["QueryValueParameter"] = name, ["Set"] = value };
        foreach (var name in target.Changes.RemoveQuery) yield return new Dictionary<string, string> { ["QueryRemoveParameter"] = name };
    }

    private static ClusterConfig ClusterOf(Backend backend, string number) => new()
    {
        ClusterId = backend.Name,
        Destinations = DestinationsOf(backend.Forward!),
        HealthCheck = backend.Forward!.Health is { } health ? HealthOf(health) : null,
        Metadata = new Dictionary<string, string>
        {
            [PlanNumber] = number,
            [TlsIdentity] = backend.Credential.TlsIdentity,
            [Connections] = backend.Forward.Connections.ToString(),
            [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = (backend.Forward.Health?.Failures ?? 1).ToString(CultureInfo.InvariantCulture),
        },
        HttpRequest = RequestOf(backend.Forward),
    };

    private static Dictionary<string, DestinationConfig> DestinationsOf(ForwardAddress address)
    {
        var all = address.Destinations.ToDictionary(d => d.Key, d => new DestinationConfig { Address = d.Value.Url.AbsoluteUri });
        if (address.Canary is { } canary) all[ForwardAddress.CanaryName] = new DestinationConfig { Address = canary.Url.AbsoluteUri };
        return all;
    }

    /// <summary>Those that fail are told by the circuits of the destinations, and not by YARP's passive checks.</summary>
    private static HealthCheckConfig HealthOf(HealthOptions health) => new()
    {
        // By default all are taken again where none is well.
        AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
        Active = new ActiveHealthCheckConfig { Enabled = true, Path = health.Path, Interval = health.Interval, Timeout = health.Timeout, Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures },
    };

    /// <summary>An attempt is over when the backend says nothing for so long.</summary>
    private static ForwarderRequestConfig RequestOf(ForwardAddress address)
    {
        var request = new ForwarderRequestConfig { ActivityTimeout = address.Resilience?.Attempt ?? address.Timeout };
        return address.Protocol switch
        {
            BackendProtocol.Http1 => request with { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            BackendProtocol.Http2 => request with { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            _ => request,
        };
    }
}

using System.Globalization;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline;

/// <summary>A Plan's forwarded routes in YARP's words.</summary>
internal sealed class ProxyConfig : IProxyConfig
{
    /// <summary>Name in a route's metadata of the number of the Plan it belongs to.</summary>
    public const string PlanNumber = "plan";

    /// <summary>Name in a cluster's metadata of what its connections show in TLS.</summary>
    public const string TlsIdentity = "tls";

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
            Transforms = target.Path is { } path ? [new Dictionary<string, string> { ["PathPattern"] = path }] : null,
        };
    }

    private static ClusterConfig ClusterOf(Backend backend, string number) => new()
    {
        ClusterId = backend.Name,
        Destinations = new Dictionary<string, DestinationConfig> { [backend.Name] = new() { Address = backend.Forward!.Url.AbsoluteUri } },
        Metadata = new Dictionary<string, string> { [PlanNumber] = number, [TlsIdentity] = backend.Credential.TlsIdentity },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = backend.Forward.Timeout },
    };
}

using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Pipeline;

/// <summary>
/// Feeds routing from the Plan: forwarded routes go to YARP as its configuration, routes with an operation become endpoints of our own.
/// Each endpoint carries its Plan's route, so that a request never sees two Plans.
/// </summary>
public sealed class PublicEndpoints(Conversation conversation, Hooks.Hooks hooks, Changes.ChangeHints hints) : EndpointDataSource, IProxyConfigProvider
{
    /// <summary>What YARP may still be taking over, newest first: it applies a configuration after it was published.</summary>
    private volatile IReadOnlyList<ProxyConfig> _recent = [];

    private volatile Published _published = new([], new ProxyConfig(null));

    public override IReadOnlyList<Endpoint> Endpoints => _published.Endpoints;

    public override IChangeToken GetChangeToken() => _published.Changed;

    public IProxyConfig GetConfig() => _published.Proxy;

    /// <summary>Makes a Plan the one that new requests run on.</summary>
    public void Publish(Plan plan)
    {
        var before = _published;
        var proxy = new ProxyConfig(plan);
        _recent = [proxy, .. _recent.Take(7)];
        _published = new Published([.. plan.Routes.Where(r => r.Target is PlanTarget.Call).Select(EndpointOf), .. plan.Backends.Values.Where(b => b.Hook is not null).Select(b => EndpointOf(b, Hooks.Hooks.PathOf(b.Name), http => hooks.ReceiveAsync(http, b, plan))),
            .. plan.Backends.Values.Where(b => b.Changes?.Options.Hints is not null).Select(b => EndpointOf(b, Changes.ChangeHints.PatternOf(b.Name), http => hints.ReceiveAsync(http, b, plan)))], proxy);
        before.Proxy.SignalChange();
        before.SignalChange();
    }

    /// <summary>Ties YARP's endpoint to the Plan's route; called by YARP for each endpoint it makes.</summary>
    public void Adopt(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<Yarp.ReverseProxy.Model.RouteModel>().FirstOrDefault() is { } model
            && ConfigOf(model.Config.Metadata)?.Forwarded.GetValueOrDefault(model.Config.RouteId) is { } route)
            Tie(endpoint, route);
    }

    /// <summary>The Plan that a route or a cluster of YARP's belongs to, by its metadata; null when it is too old to matter.</summary>
    public Plan? PlanOf(IReadOnlyDictionary<string, string>? metadata) => ConfigOf(metadata)?.Plan;

    /// <summary>The Plan's route that a route of YARP's stands for; null when it is too old to matter.</summary>
    public PlanRoute? RouteOf(RouteConfig route) => ConfigOf(route.Metadata)?.Forwarded.GetValueOrDefault(route.RouteId);

    /// <summary>Questions of browsers get to the routes that answer them, and to no others.</summary>
    private static void Tie(EndpointBuilder endpoint, PlanRoute route)
    {
        foreach (var other in endpoint.Metadata.OfType<IHttpMethodMetadata>().ToList()) endpoint.Metadata.Remove(other);
        endpoint.Metadata.Add(new HttpMethodMetadata([route.Method], acceptCorsPreflight: route.Share is not null));
        endpoint.Metadata.Add(route);
    }

    private ProxyConfig? ConfigOf(IReadOnlyDictionary<string, string>? metadata) =>
        metadata?.GetValueOrDefault(ProxyConfig.PlanNumber) is { } number ? _recent.FirstOrDefault(c => c.Number == number) : null;

    private RouteEndpoint EndpointOf(PlanRoute route)
    {
        var builder = new RouteEndpointBuilder(http => conversation.RunOperationAsync(http, route), RoutePatternFactory.Parse(route.Pattern), order: 0)
        {
            DisplayName = route.Name,
        };
        Tie(builder, route);
        return (RouteEndpoint)builder.Build();
    }

    /// <summary>Where a backend's webhooks come in.</summary>
    private static RouteEndpoint EndpointOf(Backend backend, string pattern, RequestDelegate receive)
    {
        var builder = new RouteEndpointBuilder(receive, RoutePatternFactory.Parse(pattern), order: 0)
        {
            DisplayName = "webhooks of " + backend.Name,
        };
        builder.Metadata.Add(new HttpMethodMetadata([HttpMethods.Post]));
        return (RouteEndpoint)builder.Build();
    }

    private sealed class Published(IReadOnlyList<Endpoint> endpoints, ProxyConfig proxy)
    {
        private readonly CancellationTokenSource _changed = new();

        public IReadOnlyList<Endpoint> Endpoints { get; } = endpoints;

        public ProxyConfig Proxy { get; } = proxy;

        public IChangeToken Changed => new CancellationChangeToken(_changed.Token);

        public void SignalChange() => _changed.Cancel();
    }
}

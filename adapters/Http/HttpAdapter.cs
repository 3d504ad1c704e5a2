using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Adapters.Credentials;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Http;

/// <summary>A REST backend that requests are forwarded to, as they are, with the gateway's own credential.</summary>
public sealed record HttpBackendOptions : BackendOptions
{
    [Description("Headers of callers that reach the backend though they are credentials: of a way in that a route takes, or Authorization and Cookie.")]
    public IReadOnlyList<string> PassHeaders { get; init; } = [];

    [Description("How the backend is told who called: xForwarded (X-Forwarded-For, -Proto, -Host), forwarded (RFC 7239), none.")]
    public ForwardedForm Caller { get; init; } = ForwardedForm.XForwarded;

    [Description("Further addresses of the same backend by name; requests are shared among url, whose name is main, and these.")]
    public IReadOnlyDictionary<string, DestinationOptions> Destinations { get; init; } = new Dictionary<string, DestinationOptions>();

    [Description("The share of url among the destinations.")]
    [Range(1, 100)]
    public int Weight { get; init; } = 1;

    [Description("Who of the destinations gets a request: roundRobin, leastRequests, powerOfTwo, random, first (by name, url being main; the others are spares). Those that are not well, or whose circuit is open, are passed over.")]
    public Balance Balance { get; init; }

    [Description("Whose requests go to the same destination, while it can be called: none, consumer, partner. It is told by a hash; there are no cookies.")]
    public Affinity Affinity { get; init; }

    [Description("How each destination is asked whether it is well. Without it, only its answers to requests tell.")]
    public HealthOptions? Health { get; init; }

    [Description("Where a new version of it runs, and whose requests go there.")]
    public CanaryOptions? Canary { get; init; }

    [Description("What is spoken with it: auto (HTTP/2 where TLS agrees on it, else HTTP/1.1), http1, http2 (without TLS by prior knowledge).")]
    public BackendProtocol Protocol { get; init; }

    [Description("Connections to it.")]
    public ConnectionOptions Connections { get; init; } = new();

    [Description("Its webhooks, CloudEvents 1.0 signed by Standard Webhooks, which come to POST /hooks/NAME of the public port, NAME being this backend's. Without it, none are taken.")]
    public CloudEventHookOptions? Webhooks { get; init; }

    /// <summary>Of each node, over all destinations. Its connections bound nothing: over HTTP/2 one carries many requests.</summary>
    public override int? UsuallyAtOnce => 100;

    public override HookOptions? Hooks => Webhooks;
}

/// <summary>Webhooks that are CloudEvents, as a backend declares them.</summary>
public sealed record CloudEventHookOptions : HookOptions
{
    [Description("Types of events that it may tell: com.example.order.released. Those of others are refused.")]
    public required IReadOnlyList<string> Types { get; init; }

    [Description("Those of the types whose events say how their subject stands as a whole. Of these, one whose sequence (or, where there is none, time) is older than what was told of the same subject is stored, and told to no partner.")]
    public IReadOnlyList<string> States { get; init; } = [];
}

/// <summary>Any REST backend, forwarded to by YARP: it has an address and no operations. Its webhooks are CloudEvents.</summary>
public sealed class HttpAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    public override string Name => "http";

    public override string Summary => "Forwards requests to a REST backend and adds the gateway's credential; takes CloudEvents from it.";

    public override Type OptionsType => typeof(HttpBackendOptions);

    public override IReadOnlyList<OperationDescriptor> Operations => [];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) =>
        new HttpBackend(name, (HttpBackendOptions)options, SignIn.Open(name, options, clock, outside, logs));
}

internal sealed class HttpBackend(string name, HttpBackendOptions options, Credential credential) : Backend(name)
{
    private static readonly Dictionary<string, BackendOperation> None = [];

    public override IReadOnlyDictionary<string, BackendOperation> Operations => None;

    public override ForwardAddress Forward { get; } = new(options.Url, options.Timeout, options.Caller, options.PassHeaders)
    {
        Destinations = options.Destinations.Where(d => d.Key != ForwardAddress.Main).Prepend(new(ForwardAddress.Main, new DestinationOptions { Url = options.Url, Weight = options.Weight })).ToDictionary(),
        Balance = options.Balance,
        Affinity = options.Affinity,
        Health = options.Health,
        Canary = options.Canary,
        Protocol = options.Protocol,
        Connections = options.Connections,
        Resilience = options.Resilience,
    };

    public override Credential Credential => credential;

    public override InboundHook? Hook { get; } = options.Webhooks is { } declared ? new CloudEventHook(declared) : null;

    public override ValueTask DisposeAsync() => credential.DisposeAsync();
}

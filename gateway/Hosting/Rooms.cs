using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Delivery;
using Gateway.Delivery.Audit;
using Gateway.Delivery.Redis;
using Gateway.Delivery.Storage;
using Gateway.Keys;
using Gateway.Pipeline;
using Gateway.Pipeline.Accepted;
using Gateway.Pipeline.Changes;
using Gateway.Tls;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Hosting;

/// <summary>What each room of the gateway registers.</summary>
internal static class Rooms
{
    private static readonly ActivityListener TraceContextOnly = new()
    {
        ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
    };

    /// <summary>The store that the workspace says, not yet opened. A workspace with errors says none: it is refused before a store is opened.</summary>
    /// <exception cref="IOException">The workspace can't be read.</exception>
    public static IStore Store(GatewayOptions options)
    {
        var state = options.Embedded ? null : WorkspaceLoader.Load(WorkspaceFiles.Read(options.Workspace), options.Load).Document?.State;
        var database = state is { Store: StateEngine.Postgresql } ? state.Postgresql : null;
        return Stores.Of(database).Create(new StoreOptions
        {
            DataDirectory = options.DataDirectory,
            Protection = KeyRing.Open(options.KeyDirectory, options.DataDirectory),
            Clock = options.Clock,
            Postgresql = database,
        });
    }

    /// <summary>Answers that are found before the store is asked, where the workspace declares a Redis.</summary>
    public static void AddNearAnswers(this IServiceCollection services, GatewayOptions options) => services.AddSingleton<NearAnswers>(
        s => new RedisAnswers(s.GetRequiredService<RedisConnection>(), KeyRing.Open(options.KeyDirectory, options.DataDirectory)));

    /// <summary>What a request needs on its road.</summary>
    public static void AddPipeline(this IServiceCollection services, NodeRole role = NodeRole.All)
    {
        services.TryAddSingleton(Outside.World);
        services.AddRedis();
        services.TryAddSingleton(NearAnswers.None);
        services.AddSingleton<KeyBook>();
        services.AddSingleton<IssuedKeys>(s => s.GetRequiredService<KeyBook>());
        services.AddSingleton<DistributedContextPropagator>(new WithoutBaggage(DistributedContextPropagator.Current));
        services.AddSingleton(new WorkAtHand { TakesOver = role != NodeRole.Edge });
        services.AddSingleton<ExactlyOnce>();
        services.AddSingleton<KeptState>();
        services.AddSingleton<Pipeline.Own.EventBell>();
        services.AddSingleton<Pipeline.Own.Subscriptions.SubscriptionDesk>();
        services.AddSingleton<PlanCompiler>();
        services.AddSingleton<CurrentPlan>();
        services.AddSingleton<Conversation>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<EventReports>();
        services.AddSingleton<Endings>();
        services.AddSingleton<Recovery>();
        services.AddSingleton<Sending>();
        services.AddSingleton<Forwarding>();
        services.AddSingleton<Pipeline.Hooks.HookBrake>();
        services.AddSingleton<Pipeline.Hooks.Notices>();
        services.AddSingleton<Pipeline.Hooks.NoticeRetelling>();
        services.AddSingleton<Pipeline.Hooks.Hooks>();
        services.AddSingleton<FeedBoard>();
        services.AddSingleton<ChangeFeeds>();
        services.AddSingleton<ChangeHints>();
        services.AddSingleton<PublicEndpoints>();
        services.AddSingleton<IProxyConfigProvider>(s => s.GetRequiredService<PublicEndpoints>());
        services.AddSingleton<ITransformProvider, ForwardedTraffic>();
        services.AddSingleton<IForwarderHttpClientFactory, BackendConnections>();
        services.AddSingleton<Pipeline.Telemetry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, VersionSelector>());
        services.AddReverseProxy();
        // YARP brings the framework's authorization along, and its middleware would run on every request; who may do what is said by our road.
        services.RemoveAll<IAuthorizationHandlerProvider>();
        services.AddSingleton<AddressRefusals>();
        services.AddRateLimiter();
        services.AddSingleton<AddressLimit>();
        services.AddOptions<RateLimiterOptions>().Configure<AddressLimit>((limiter, net) => net.Configure(limiter));
    }

    /// <summary>
    /// What the pipeline does beside requests. What a node does for all of them stands under its role; the rest is each node's own: its audit, keys, quotas,
    /// credentials, backends and files.
    /// </summary>
    public static void AddBackgroundWork(this IServiceCollection services, GatewayOptions options)
    {
        services.AddHostedService(s => s.GetRequiredService<AuditTrail>());
        services.AddHostedService<KeyFollower>();
        services.AddHostedService<QuotaKeeping>();
        services.AddHostedService(s => s.GetRequiredService<Recovery>());
        if (options.Role != NodeRole.Edge) services.AddHostedService(s => s.GetRequiredService<Forwarding>());
        services.AddHostedService(s => s.GetRequiredService<ChangeFeeds>());
        services.AddSingleton<CredentialWatch>();
        services.AddHostedService(s => s.GetRequiredService<CredentialWatch>());
        services.AddHostedService<BackendExamination>();
        services.AddHostedService<MaterialWatch>();
        services.AddSingleton(new KeptHeads(options.KeyDirectory));
        if (options.Role != NodeRole.Edge) services.AddHostedService<AuditKeeping>();
        if (options.Role != NodeRole.Edge) services.AddHostedService<LogKeeping>();
        services.AddHostedService(s => new WorkspaceWatch(
            s.GetRequiredService<CurrentPlan>(), Path.GetFullPath(options.Workspace), options.Load, options.Reload, s.GetRequiredService<ILogger<WorkspaceWatch>>()));
    }

    /// <summary>
    /// Metrics always, for the admin port. Spans are recorded and exported when OTEL_EXPORTER_OTLP_ENDPOINT is set; without it they are made
    /// only to carry the caller's trace context on (W3C Trace Context), and nobody looks at them.
    /// </summary>
    public static void AddTelemetry(this IServiceCollection services)
    {
        var exports = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        // Its own would carry strangers' baggage from the request to every call, beside ours.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("gateway"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Pipeline.Telemetry.Sources).AddMeter("Microsoft.AspNetCore.Server.Kestrel").AddRuntimeInstrumentation().AddPrometheusExporter();
                if (exports) metrics.AddOtlpExporter();
            });
        if (!exports)
            ActivitySource.AddActivityListener(TraceContextOnly);
        else
            telemetry.WithTracing(traces => traces.AddSource(Pipeline.Telemetry.Sources).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddOtlpExporter());
    }
}

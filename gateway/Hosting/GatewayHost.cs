using Gateway.Admin;
using Gateway.Delivery;
using Gateway.Delivery.Placement;
using Gateway.Delivery.Redis;
using Gateway.Pipeline;
using Gateway.Tls;

namespace Gateway.Hosting;

/// <summary>
/// One running gateway: the public port with the workspace's routes, the admin port with all that operators need, and the work in the
/// background; or one half of that, by its <see cref="NodeRole"/>. The ports open only when the workspace compiled and the store answered.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _public;
    private readonly WebApplication _admin;

    private GatewayHost(WebApplication @public, WebApplication admin)
    {
        _public = @public;
        _admin = admin;
    }

    /// <summary>Of the public port; there is none on a worker.</summary>
    public Uri Url => new(_public.Urls.First());

    public Uri AdminUrl => new(_admin.Urls.First());

    public IServiceProvider Services => _public.Services;

    /// <summary>All that can be asked at the admin port.</summary>
    internal IReadOnlyList<Endpoint> AdminEndpoints => _admin.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <exception cref="WorkspaceRefusedException">The workspace has errors.</exception>
    /// <exception cref="StartRefusedException">
    /// The admin port would be open to a network, and no operators are declared; or the addresses and the workspace's <c>tls:</c> do not go together; or half a
    /// node would be alone with its store.
    /// </exception>
    /// <exception cref="FormatException">An address is malformed, or how to connect to the Redis.</exception>
    /// <exception cref="StoreUnavailableException">The store can't be opened.</exception>
    /// <exception cref="IOException">The workspace can't be read, or a port is taken.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayOptions options, CancellationToken cancellation = default)
    {
        SocketThreads.RunInline();
        ServerKeeping.RefuseBareLineFeeds();
        options = options with { Load = options.Load with { Clock = options.Clock } };
        var urls = options.Role == NodeRole.Worker ? null : options.Urls;
        var builder = WebHosts.Create(options, urls, services => services.GetRequiredService<TlsPorts>().SecurePublic);
        builder.Services.AddStore(options.AroundStore(Rooms.Store(options))).AddSubscriptions(services => services.GetRequiredService<CurrentPlan>().Current).FollowSubscriptions();
        if (options.Role != NodeRole.Edge) builder.Services.AddDelivery(services => services.GetRequiredService<CurrentPlan>().Current, services => services.GetRequiredService<Pipeline.Hooks.NoticeRetelling>().RetellAsync);
        builder.Services.AddFlowBook(services => services.GetRequiredService<CurrentPlan>().Current);
        if (options.Role != NodeRole.Edge) builder.Services.AddFlows(services => services.GetRequiredService<WorkAtHand>().Owner);
        builder.Services.AddNearAnswers(options);
        builder.Services.AddPipeline(options.Role);
        builder.Services.AddBackgroundWork(options);
        builder.Services.AddTelemetry();
        builder.Services.AddSingleton<TlsPorts>();
        var app = builder.Build();
        try
        {
            var plans = app.Services.GetRequiredService<CurrentPlan>();
            var report = await plans.LoadAsync(options.Workspace, options.Load);
            if (report is { Taken: false }) throw new WorkspaceRefusedException(report.Diagnostics);
            RefuseToBeAlone(options, plans.Current.State);
            app.Services.GetRequiredService<RedisConnection>().Open(plans.Current.State.Redis);
            if (!options.Embedded) app.Services.GetService<Cluster>()?.Open(plans.Current.State.Cluster, plans.Current.State.Redis, options.ClusterAddress);
            AdminPort.RefuseToBeOpen(options, plans.Current);
            var ports = app.Services.GetRequiredService<TlsPorts>();
            ports.Open(urls, options.AdminUrls);
            if (urls is not null)
            {
                app.UseTls(ports, () => app.Urls.Select(url => new Uri(url)).First(url => url.Scheme == Uri.UriSchemeHttps).Port);
                app.UsePublicRoad();
            }
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var admin = AdminPort.Build(options, app.Services);
        try
        {
            await admin.StartAsync(cancellation);
        }
        catch
        {
            await admin.DisposeAsync();
            await app.DisposeAsync();
            throw;
        }
        return new GatewayHost(app, admin);
    }

    private static void RefuseToBeAlone(GatewayOptions options, StateOptions state)
    {
        if (options.Role == NodeRole.All || (!options.Embedded && state.Store == StateEngine.Postgresql)) return;
        throw new StartRefusedException($"A node with the role {options.Role.ToString().ToLowerInvariant()} does one half of the work, and with SQLite nobody can do the other. Declare state.store: postgresql, or leave --role out.");
    }

    /// <summary>Completes when the process is asked to stop, or <see cref="DisposeAsync"/> was called.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellation = default)
    {
        await _public.WaitForShutdownAsync(cancellation);
        await _admin.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.StopAsync();
        await _public.StopAsync();
        await _admin.DisposeAsync();
        await _public.DisposeAsync();
    }
}

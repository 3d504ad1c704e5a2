using System.Net;
using Gateway.Delivery.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gateway.Delivery.Placement;

/// <summary>
/// One life of this node in the cluster, from joining it until it leaves or the others say that it is dead. It has a container of its own, so the
/// gateway goes on when it ends, and another can begin.
/// </summary>
internal sealed class Silo : IAsyncDisposable
{
    // A node that does not answer is dead after ten seconds, by the word of two, or of the only other one.
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(3);
    private const int MissedProbes = 3;

    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    private readonly IHost _host;
    private readonly TaskCompletionSource<string> _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Silo(ClusterOptions cluster, RedisOptions redis, IPEndPoint address, Placed here, ILoggerFactory logs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(here);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = Patient(RedisConnection.Configuration(redis)));
            silo.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ($"{{{redis.Prefix}}}:cluster", cluster.Id));
            // No port for clients: who asks is a node.
            silo.Configure<Orleans.Configuration.EndpointOptions>(options =>
            {
                (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (address.Address, address.Port, 0);
                options.SiloListeningEndpoint = address;
            });
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                (options.ProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (Probe, MissedProbes, 2);
                (options.TableRefreshTimeout, options.IAmAliveTablePublishTimeout) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
                (options.MaxJoinAttemptTime, options.DefunctSiloExpiration) = (TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));
            });
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = options.SystemResponseTimeout = TimeSpan.FromSeconds(5));
            silo.AddPlacementDirector<AtHome, AtHomeDirector>();
            silo.Services.AddSingleton<Homes>();
            silo.Services.AddSingleton<IFatalErrorHandler>(new Fatal(_dead));
        });
        _host = builder.Build();
    }

    /// <summary>Completes when it can't go on, with why.</summary>
    public Task<string> Dead => _dead.Task;

    /// <summary>The nodes of the cluster that are known to be at work, this one among them.</summary>
    public int Nodes => _host.Services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members.Values.Count(m => m.Status == SiloStatus.Active);

    public Task JoinAsync(CancellationToken cancellation) => _host.StartAsync(cancellation);

    /// <summary>Wakes a thing wherever it is.</summary>
    /// <param name="key">As <see cref="Placed"/> has it.</param>
    /// <exception cref="OrleansException">Where it is could not be reached.</exception>
    /// <exception cref="TimeoutException">As well.</exception>
    public Task WakeAsync(string key) => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IPlacedGrain>(key).WakeAsync();

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(LongestGoodbye, TimeProvider.System);
            await _host.StopAsync(patience.Token);
        }
        catch (Exception)
        {
            // It ends in any case, and the others find out.
        }
        try
        {
            await ((IAsyncDisposable)_host).DisposeAsync().AsTask().WaitAsync(LongestGoodbye, TimeProvider.System);
        }
        catch (Exception)
        {
            // As well.
        }
    }

    private static ConfigurationOptions Patient(ConfigurationOptions redis)
    {
        redis.AsyncTimeout = redis.SyncTimeout = 5_000;
        redis.BacklogPolicy = BacklogPolicy.Default;
        return redis;
    }

    /// <summary>Orleans would end the process, and with it the requests that have nothing to do with this.</summary>
    private sealed class Fatal(TaskCompletionSource<string> dead) : IFatalErrorHandler
    {
        public bool IsUnexpected(Exception exception) => true;

        public void OnFatalException(object? sender, string? context, Exception? exception) => dead.TrySetResult(context ?? exception?.Message ?? "it has failed");
    }

    /// <summary>It is begun and ended by <see cref="Cluster"/>, not by signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using Gateway.Delivery.Flows;
using Gateway.Delivery.Placement;
using Gateway.Delivery.Redis;
using Gateway.Delivery.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery;

/// <summary>How a host starts this room.</summary>
public static class Registration
{
    /// <summary>
    /// Registers the store, which is opened before any other hosted service starts (the public port included) and closed after the last has
    /// stopped.
    /// </summary>
    /// <param name="store">Made by an engine of <see cref="Storage.Stores.All"/>, not yet opened.</param>
    public static IServiceCollection AddStore(this IServiceCollection services, IStore store)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddHostedService<StoreLife>();
        return services;
    }

    /// <summary>
    /// Registers the webhook readers, on the store of <see cref="AddStore"/> and the subscriptions of <see cref="AddSubscriptions"/>, and this node's place in a
    /// cluster, which <see cref="Cluster.Open"/> declares.
    /// </summary>
    /// <param name="plan">The Plan that runs now; asked for on every pass.</param>
    /// <param name="retell">What becomes of letters of notices; null where there are none.</param>
    public static IServiceCollection AddDelivery(this IServiceCollection services, Func<IServiceProvider, Plan> plan, Func<IServiceProvider, RetellNotice>? retell = null)
    {
        services.AddSingleton(provider => new EndpointsHere(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<SubscriptionBook>(),
            WebhookCall.NewInvoker(() => plan(provider).WebhookReach, () => plan(provider).SubscriptionRules.Reach), provider.GetRequiredService<TimeProvider>(), Random.Shared,
            provider.GetRequiredService<ILogger<EndpointsHere>>(), retell?.Invoke(provider)));
        services.AddSingleton(provider => new Cluster(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<EndpointsHere>(), provider.GetService<FlowsHere>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService(provider => provider.GetRequiredService<EndpointsHere>());
        services.AddHostedService(provider => provider.GetRequiredService<Cluster>());
        services.AddHostedService(provider => new WebhookFanOut(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<SubscriptionBook>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WebhookFanOut>>(), provider.GetRequiredService<Cluster>().Hear));
        return services;
    }

    /// <summary>Registers who works on the flows of <see cref="AddFlowBook"/>.</summary>
    /// <param name="owner">Name of this process's life, as leases have it.</param>
    public static IServiceCollection AddFlows(this IServiceCollection services, Func<IServiceProvider, string> owner)
    {
        services.AddSingleton(provider => new FlowsHere(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<FlowBook>(), owner(provider), provider.GetRequiredService<TimeProvider>(), Random.Shared,
            provider.GetRequiredService<ILogger<FlowsHere>>()));
        services.AddHostedService(provider => new FlowListener(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<FlowBook>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FlowListener>>(),
            provider.GetRequiredService<FlowsHere>().Wake));
        services.AddHostedService(provider => provider.GetRequiredService<FlowsHere>());
        return services;
    }

    /// <summary>Registers the flows of the Plan that runs now, and of the store of <see cref="AddStore"/>.</summary>
    public static IServiceCollection AddFlowBook(this IServiceCollection services, Func<IServiceProvider, Plan> plan)
    {
        services.AddSingleton(provider => new FlowBook(provider.GetRequiredService<IStore>(), () => plan(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PassFlow>(provider => new FlowDoor(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<FlowBook>(), provider.GetRequiredService<TimeProvider>(), shard => provider.GetService<Cluster>()?.Hear(shard)).PassAsync);
        return services;
    }

    /// <summary>Registers the subscriptions of the Plan that runs now, and of the store.</summary>
    /// <param name="plan">The Plan that runs now.</param>
    public static IServiceCollection AddSubscriptions(this IServiceCollection services, Func<IServiceProvider, Plan> plan)
    {
        services.AddSingleton(provider => new SubscriptionBook(
            provider.GetRequiredService<IStore>(), () => plan(provider).Subscriptions, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SubscriptionBook>>(),
            tenant => tenant == Partner.House.Name || plan(provider).Partners.Contains(tenant)));
        return services;
    }

    /// <summary>Keeps the subscriptions of <see cref="AddSubscriptions"/> in step with the store of <see cref="AddStore"/>.</summary>
    public static IServiceCollection FollowSubscriptions(this IServiceCollection services) => services.AddHostedService<SubscriptionFollower>();

    /// <summary>
    /// Registers the connection to the Redis that nodes share, and the limits that they count in it. It does nothing before
    /// <see cref="RedisConnection.Open"/> was called, which is done before hosted services start.
    /// </summary>
    public static IServiceCollection AddRedis(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<RedisLimits>(provider => new RedisLimits(provider.GetRequiredService<RedisConnection>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SharedLimits>(provider => provider.GetRequiredService<RedisLimits>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisLimits>());
        return services;
    }

    private sealed class StoreLife(IStore store) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken) => await store.OpenAsync(cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StoppedAsync(CancellationToken cancellationToken) => await store.DisposeAsync();
    }
}

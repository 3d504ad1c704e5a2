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
    /// stopped, and the webhook readers.
    /// </summary>
    /// <param name="store">Made by an engine of <see cref="Storage.Stores.All"/>, not yet opened.</param>
    /// <param name="subscriptions">The subscriptions of the Plan that runs now; asked for on every pass.</param>
    /// <param name="reach">Where webhooks may go by the Plan that runs now.</param>
    public static IServiceCollection AddDelivery(
        this IServiceCollection services, IStore store, Func<IServiceProvider, IReadOnlyList<Subscription>> subscriptions, Func<IServiceProvider, WebhookReach> reach)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddHostedService<StoreLife>();
        services.AddSingleton(provider => new WebhookSender(
            store, () => subscriptions(provider), WebhookCall.NewInvoker(() => reach(provider)), provider.GetRequiredService<TimeProvider>(), Random.Shared,
            provider.GetRequiredService<ILogger<WebhookSender>>()));
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
        services.AddHostedService(provider => new WebhookFanOut(
            store, () => subscriptions(provider), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WebhookFanOut>>(), provider.GetRequiredService<WebhookSender>()));
        return services;
    }

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

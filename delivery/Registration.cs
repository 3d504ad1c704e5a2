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
    public static IServiceCollection AddDelivery(
        this IServiceCollection services, IStore store, Func<IServiceProvider, IReadOnlyList<Subscription>> subscriptions)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddHostedService<StoreLife>();
        services.AddSingleton(provider => new WebhookSender(
            store, () => subscriptions(provider), WebhookCall.NewInvoker(), provider.GetRequiredService<TimeProvider>(), Random.Shared,
            provider.GetRequiredService<ILogger<WebhookSender>>()));
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
        services.AddHostedService(provider => new WebhookFanOut(
            store, () => subscriptions(provider), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WebhookFanOut>>(), provider.GetRequiredService<WebhookSender>()));
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

using Gateway.Delivery;
using Gateway.Delivery.Storage;
using Gateway.Delivery.Webhooks;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

public sealed class RegistrationTests
{
    private static readonly Plan Plan = new("r1", [], new Dictionary<string, Backend>(), [], new Dictionary<string, Consumer>()) { Problem = _ => throw new NotSupportedException() };

    [Fact]
    public async Task The_store_is_open_for_every_hosted_service_from_its_start_to_its_end()
    {
        var root = Directory.CreateTempSubdirectory("gateway-host-").FullName;
        var store = Gateway.Delivery.Storage.Stores.All[0].Create(new StoreOptions { DataDirectory = root, Protection = new EphemeralDataProtectionProvider() });
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        // Registered before the store: order of registration must not matter.
        var neighbour = new Neighbour(store);
        builder.Services.AddHostedService(_ => neighbour);
        builder.Services.AddStore(store).AddSubscriptions(_ => Plan).FollowSubscriptions().AddDelivery(_ => Plan);

        using (var host = builder.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            Assert.Same(store, host.Services.GetRequiredService<IStore>());
            Assert.Single(host.Services.GetServices<IHostedService>().OfType<WebhookFanOut>());
            Assert.Single(host.Services.GetServices<IHostedService>().OfType<EndpointsHere>());
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(2, neighbour.Asked);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.FindIntentAsync("a", TestContext.Current.CancellationToken).AsTask());
        Directory.Delete(root, recursive: true);
    }

    private sealed class Neighbour(IStore store) : IHostedService
    {
        public int Asked { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => AskAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => AskAsync(cancellationToken);

        private async Task AskAsync(CancellationToken cancellation)
        {
            Assert.Null(await store.FindIntentAsync("a", cancellation));
            Asked++;
        }
    }
}

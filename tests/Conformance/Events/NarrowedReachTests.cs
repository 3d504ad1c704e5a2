using System.Text;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>Operators close a network that webhooks went to, while the gateway runs.</summary>
public sealed class NarrowedReachTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_a_reload_that_closes_its_network_an_endpoint_gets_nothing_over_the_connection_that_it_has()
    {
        await using var endpoint = await Receiver.StartAsync();
        // By a name: what is written down as an address is refused with the workspace.
        var url = endpoint.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var world = await KindWorld.StartAsync(
            [
                new CaseWorkspaceFile
                {
                    Path = "policies.demo.yaml",
                    Content = $$"""
                        governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
                        partners:
                          acme: { webhooks: { hook: { url: "{{url}}", events: ["*"], secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx], retry: [1h] } } }
                        """,
                },
            ], reload: true);
        await AppendAsync(world, "e-1");
        await endpoint.UntilAsync(1);
        await AppendAsync(world, "e-2");
        await endpoint.UntilAsync(2);
        Assert.Single(endpoint.Received.Select(r => r.Connection).Distinct());

        await world.ChangeAsync("policies.demo.yaml", text => text.Replace("127.0.0.0/8", "10.0.0.0/8", StringComparison.Ordinal), Cancellation);
        await AppendAsync(world, "e-3");

        var store = world.Gateway.Services.GetRequiredService<IStore>();
        EventDelivery? failed;
        while ((failed = (await store.DeliveriesAsync(null, 9, Cancellation)).FirstOrDefault(d => d.EventPosition == 3 && d.Attempts == 1)) is null) await Task.Delay(25, Cancellation);
        var attempt = Assert.Single(await store.AttemptsAsync(failed.Id, Cancellation));
        Assert.Equal((0, "localhost has no address that webhooks may go to"), (attempt.Status, attempt.Error));
        Assert.Equal(2, endpoint.Received.Count);
    }

    private static async Task AppendAsync(KindWorld world, string id) => Assert.True(await world.Gateway.Services.GetRequiredService<IStore>().AppendEventAsync(
        new NewEvent(id, "acme", "order.accepted.v1", "/orders", "ord_1", id, DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes("""{"id":"ord_1"}""")), Cancellation));
}

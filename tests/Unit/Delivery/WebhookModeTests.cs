using System.Text.Json;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>The two forms in which an event is sent.</summary>
public sealed class WebhookModeTests
{
    [Fact]
    public async Task In_binary_mode_the_body_is_the_data_and_that_is_what_is_signed()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscriptions.Add(world.Subscribe("hook") with { Mode = WebhookMode.Binary });
        world.Subscriptions.RemoveAt(0);
        await world.StartAsync();

        await world.HappenAsync("1", key: "Grüße 1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "a request");

        var got = Assert.Single(world.Requests);
        Assert.Equal("""{"total":1.10}""", got.Body);
        Assert.Equal("application/json", got.Headers["content-type"]);
        Assert.Equal(("1.0", "e-1", "/orders", "order.created", "Gr%C3%BC%C3%9Fe%201", "00000000000000000001"),
            (got.Headers["ce-specversion"], got.Headers["ce-id"], got.Headers["ce-source"], got.Headers["ce-type"], got.Headers["ce-partitionkey"], got.Headers["ce-sequence"]));
        Assert.DoesNotContain("ce-datacontenttype", got.Headers.Keys);
        Assert.True(got.IsSigned(WebhookWorld.Secret));
    }

    [Fact]
    public async Task Unless_somebody_asks_the_body_is_the_whole_event()
    {
        await using var world = await WebhookWorld.NewAsync();
        world.Subscribe("hook");
        await world.StartAsync();

        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "a request");

        var got = Assert.Single(world.Requests);
        Assert.Equal("application/cloudevents+json; charset=utf-8", got.Headers["content-type"]);
        Assert.Equal("e-1", JsonDocument.Parse(got.Body).RootElement.GetProperty("id").GetString());
        Assert.DoesNotContain(got.Headers.Keys, name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_partners_own_subscription_has_its_mode_and_its_mapping()
    {
        await using var world = await WebhookWorld.NewAsync();
        await world.MakeAsync("own", terms => terms with { Mode = WebhookMode.Binary, Mapping = "{ \"sum\": data.total }" });
        await world.StartAsync();

        await world.HappenAsync("1");
        await WebhookWorld.EventuallyAsync(() => world.Requests.Count == 1, "a request");

        var got = Assert.Single(world.Requests);
        Assert.Equal("""{"sum":1.10}""", got.Body);
        Assert.Equal("e-1", got.Headers["ce-id"]);
        Assert.True(got.IsSigned(WebhookWorld.Secret));
    }
}

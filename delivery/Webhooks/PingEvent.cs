using System.Text.Json;

namespace Gateway.Delivery.Webhooks;

/// <summary>What tries an endpoint: an event for it alone, that nobody else gets or reads, and no mapping changes.</summary>
public static class PingEvent
{
    public const string Type = "webhook.ping.v1";

    private const string Source = "/webhooks";

    /// <summary>What is of no partner: whoever reads a partner's events does not find it.</summary>
    private const string Nobody = "-";

    /// <param name="id">Of the event; the same one is told once.</param>
    public static NewEvent Of(Subscription subscription, string id, DateTimeOffset now) =>
        new(id, Nobody, Type, Source, subscription.Name, subscription.Key, now, JsonSerializer.SerializeToUtf8Bytes(new { subscription = subscription.Name }));

    /// <summary>The endpoint that an event tries, as <see cref="Subscription.Key"/> has it; null where it tries none.</summary>
    public static string? EndpointOf(EventHead happened) => happened is { Type: Type, Tenant: Nobody, Source: Source } ? happened.PartitionKey : null;

    /// <summary>The delivery that comes of a ping.</summary>
    public static string DeliveryOf(Subscription subscription, string id) => DeliveryId.Of(subscription.Tenant, subscription.Name, Source, id);
}

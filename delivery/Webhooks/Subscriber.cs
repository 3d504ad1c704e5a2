using System.Text.Json;
using Gateway.Delivery.Events;

namespace Gateway.Delivery.Webhooks;

/// <summary>A subscription as it runs: with its condition and its mapping, compiled when they are first needed.</summary>
public sealed class Subscriber(Subscription subscription)
{
    private readonly Lazy<(EventCondition? Condition, (string Message, string Cure)? Wrong)> _condition = new(() => EventCondition.Compile(subscription.When ?? ""));
    private readonly Lazy<(EventMapping? Mapping, (string Message, string Cure)? Wrong)> _mapping = new(() => EventMapping.Compile(subscription.Mapping ?? ""));

    public Subscription Subscription { get; } = subscription;

    /// <summary>Whether it wants an event of one of its types; why that can't be told, where it can't.</summary>
    /// <param name="envelope">Of the event; asked for where it has a condition alone.</param>
    public (bool Wants, string? Error) Judge(Func<JsonElement> envelope, DateTimeOffset now)
    {
        if (Subscription.When is null) return (true, null);
        return _condition.Value is { Condition: { } condition } ? condition.Judge(envelope(), now) : (false, _condition.Value.Wrong?.Message);
    }

    /// <summary>An event as it is told to it; why it can't be told, where its mapping fails.</summary>
    public (StoredEvent Told, string? Error) Map(StoredEvent happened, DateTimeOffset now)
    {
        // What tries an endpoint says what it says.
        if (Subscription.Mapping is null || happened.Event.Type == PingEvent.Type) return (happened, null);
        if (_mapping.Value.Mapping is not { } mapping) return (happened, _mapping.Value.Wrong?.Message);
        using var envelope = JsonDocument.Parse(Envelope.Write(happened));
        var (data, error) = mapping.Run(envelope.RootElement, now);
        return error is null ? (happened with { Event = happened.Event with { Data = data } }, null) : (happened, error);
    }
}

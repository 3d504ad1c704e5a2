using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators decide about dead deliveries: sent once more now, or never. Decision and record are one transaction.</summary>
internal sealed class DeliveryActs(IStore store, CurrentPlan plans, TimeProvider clock, EndpointBell bell)
{
    /// <summary>One delivery with its attempts, and what was said in each.</summary>
    public async Task ShowAsync(HttpContext http)
    {
        if (await store.FindDeliveryAsync((string?)http.GetRouteValue("id") ?? "", http.RequestAborted) is not { } delivery)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no delivery of this id."), plans.Current.Problem);
            return;
        }
        var happened = (await store.ReadEventHeadsAsync(delivery.EventPosition - 1, 1, http.RequestAborted)).FirstOrDefault(e => e.Position == delivery.EventPosition);
        await Views.Write(http, new
        {
            delivery.Id,
            delivery.Tenant,
            delivery.Subscription,
            delivery.State,
            delivery.CreatedAt,
            delivery.NextAt,
            delivery.OrderingKey,
            delivery.Cause,
            delivery.Note,
            delivery.EditOf,
            @event = happened is null ? null : new { happened.Id, happened.Type, happened.Position },
            attempts = (await store.AttemptsAsync(delivery.Id, http.RequestAborted)).Select(a => new
            {
                a.Number,
                a.At,
                a.Duration,
                a.Status,
                a.Error,
                request = a.Details?.Request.Split('\n'),
                answer = a.Details?.Answer,
            }),
        });
    }

    /// <summary>One more attempt, at once, under the same <c>webhook-id</c>; where it fails and the schedule is used up, the delivery is dead again.</summary>
    public async Task<Acted> RetryAsync(OperatorRequest request)
    {
        var acted = await DecideAsync(request, DeliveryState.Pending, clock.GetUtcNow());
        if (acted.Refusal is null) bell.Look();
        return acted;
    }

    /// <summary>It stays with its history, and nobody is to look at it any more.</summary>
    public Task<Acted> SkipAsync(OperatorRequest request) => DecideAsync(request, DeliveryState.Skipped, null);

    private async Task<Acted> DecideAsync(OperatorRequest request, DeliveryState next, DateTimeOffset? nextAt)
    {
        if (await store.FindDeliveryAsync(request.Parameter("id"), request.Aborted) is not { } delivery)
            return Acted.Refused(Failure.NotFound, "There is no delivery of this id.", "delivery-unknown");
        if (delivery.State != DeliveryState.Dead)
            return Acted.Refused(Failure.WrongState, $"The delivery is {Word(delivery.State)}; only one that is dead waits for a decision.", "delivery-not-dead") with { Tenant = delivery.Tenant };
        if (next == DeliveryState.Skipped) delivery = delivery with { Note = request.Note };
        var decided = delivery with { State = next, NextAt = nextAt, Version = delivery.Version + 1 };
        var acted = new Acted { Tenant = delivery.Tenant, Before = Shown(delivery), After = Shown(decided), Answer = Shown(decided), Recorded = true };
        return await store.DecideAsync(delivery, next, nextAt, request.Record(acted), request.Aborted)
            ? acted
            : Acted.Refused(Failure.WrongState, "Somebody else decided in the meantime; look at the delivery again.", "delivery-changed") with { Tenant = delivery.Tenant };
    }

    private static object Shown(EventDelivery delivery) => new { delivery.Id, delivery.Tenant, delivery.Subscription, delivery.State, delivery.Attempts, delivery.NextAt };

    private static string Word(DeliveryState state) => state.ToString().ToLowerInvariant();
}

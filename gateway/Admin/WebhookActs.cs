using System.Text.Json;
using Gateway.Delivery.Webhooks;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What operators see of the endpoints of webhooks, and do about them: disable, enable, replay. Act and record are one transaction.</summary>
internal sealed class WebhookActs(IStore store, CurrentPlan plans, SubscriptionBook book, TimeProvider clock, EndpointBell bell)
{
    /// <summary>Those of the workspace and those of the partners' own, each with how it does.</summary>
    public async Task ListAsync(HttpContext http)
    {
        var states = (await store.EndpointsAsync(http.RequestAborted)).ToDictionary(s => s.Key);
        await Views.Write(http, book.All.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => Shown(s, states.GetValueOrDefault(s.Key))));
    }

    public Task<Acted> EnableAsync(OperatorRequest request) => ChangeAsync(request, disable: false);

    public Task<Acted> DisableAsync(OperatorRequest request) => ChangeAsync(request, disable: true);

    /// <summary><c>{"since":"6h","delivered":false}</c>: what failed since then is due now, under the ids it has; with <c>delivered</c>, what has arrived too. <c>withheld</c> are those of types that are never replayed.</summary>
    public async Task<Acted> ReplayAsync(OperatorRequest request)
    {
        var (subscription, unknown) = Find(request);
        if (subscription is null) return unknown!;
        if (await StateAsync(subscription, request.Aborted) is { DisabledAt: not null })
            return Refused(subscription, Failure.WrongState, "It is disabled, so nothing would be sent: enable it first.", "endpoint-disabled");
        var now = clock.GetUtcNow();
        var delivered = Member(request, "delivered") is { ValueKind: JsonValueKind.True };
        if (Since(request, now) is not { } since || since > now)
            return Refused(subscription, Failure.MalformedRequest, "Say from when on: since in the body, a time (2026-11-29T08:00:00Z) or how long ago (6h), not in the future.", "since-malformed");
        var replay = new EndpointReplay(subscription.Tenant, subscription.Name, since, now, delivered ? ReplayScope.All : ReplayScope.Failed) { Never = plans.Current.EventTypes.NeverReplayed };
        var withheld = await store.WithheldAsync(replay, request.Aborted);
        var acted = Replayed(0);
        await store.ReplayAsync(replay, replayed => request.Record(acted = Replayed(replayed)), request.Aborted);
        await bell.RetakeAsync(subscription.Key);
        return acted;

        Acted Replayed(int count)
        {
            var shown = new { endpoint = subscription.Key, since, delivered, replayed = count, withheld };
            return new Acted { Target = subscription.Key, Tenant = subscription.Tenant, After = shown, Answer = shown, Recorded = true };
        }
    }

    private async Task<Acted> ChangeAsync(OperatorRequest request, bool disable)
    {
        var (subscription, unknown) = Find(request);
        if (subscription is null) return unknown!;
        var known = await StateAsync(subscription, request.Aborted);
        if (known.DisabledAt is not null == disable)
            return Refused(subscription, Failure.WrongState, disable ? "It is disabled already." : "It is not disabled.", disable ? "endpoint-disabled" : "endpoint-enabled");
        var now = clock.GetUtcNow();
        var next = disable
            ? known with { DisabledAt = now, Reason = request.Note, IsHeld = true }
            : known with { DisabledAt = null, Reason = null, IsHeld = false, FailingSince = null, Warned = 0 };
        var acted = new Acted
        {
            Target = subscription.Key,
            Tenant = subscription.Tenant,
            Before = new { disabled = !disable, known.Reason, known.FailingSince },
            After = new { disabled = disable },
            Answer = Shown(subscription, next),
            Recorded = true,
        };
        if (!await store.ChangeEndpointAsync(next, request.Record(acted), disable ? EndpointActs.Disabled(next, now) : EndpointActs.Enabled(next, now), request.Aborted))
            return Refused(subscription, Failure.WrongState, "It has changed in the meantime; look at it again.", "endpoint-changed");
        // What failed while it was down would wait for the rest of its schedule.
        if (!disable) await store.ReplayAsync(new EndpointReplay(subscription.Tenant, subscription.Name, DateTimeOffset.MinValue, now, ReplayScope.Waiting), null, request.Aborted);
        if (disable) bell.Look();
        else await bell.RetakeAsync(subscription.Key);
        return acted;
    }

    private (Subscription? Found, Acted? Unknown) Find(OperatorRequest request)
    {
        var key = $"{request.Parameter("partner")}/{request.Parameter("name")}";
        var found = book.Find(key)?.Subscription;
        return (found, found is null ? Acted.Refused(Failure.NotFound, "No partner has a webhook of this name.", "endpoint-unknown") : null);
    }

    private async Task<EndpointState> StateAsync(Subscription subscription, CancellationToken cancellation) =>
        (await store.EndpointsAsync(cancellation)).FirstOrDefault(s => s.Key == subscription.Key) ?? new EndpointState(subscription.Tenant, subscription.Name);

    private object Shown(Subscription subscription, EndpointState? state) => new
    {
        endpoint = subscription.Key,
        url = subscription.Url.GetLeftPart(UriPartial.Path),
        events = subscription.Types,
        own = subscription.Id,
        subscription.When,
        mapped = subscription.Mapping is not null,
        state = state switch { { DisabledAt: not null } => "disabled", { FailingSince: not null } => "failing", _ => "well" },
        disabledAt = state?.DisabledAt,
        reason = state?.Reason,
        failingSince = state?.FailingSince,
        budget = subscription.Budget,
        spent = state?.FailingSince is { } since ? Math.Round(Math.Clamp((clock.GetUtcNow() - since) / subscription.Budget, 0, 1), 3) : 0,
        subscription.Order,
        subscription.Mode,
        subscription.Concurrency,
        subscription.Rate,
        publicKeys = subscription.SecretsAt(clock.GetUtcNow()).Select(s => SigningSecret.PublicOf(s.Reveal())).OfType<string>(),
    };

    private static DateTimeOffset? Since(OperatorRequest request, DateTimeOffset now) =>
        Member(request, "since") is { ValueKind: JsonValueKind.String } written ? Moment.Of(written.GetString()!, now) : null;

    private static JsonElement? Member(OperatorRequest request, string name) =>
        request.Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var member) ? member : null;

    private static Acted Refused(Subscription subscription, Failure failure, string detail, string reason) =>
        Acted.Refused(failure, detail, reason) with { Tenant = subscription.Tenant, Target = subscription.Key };
}

using Xunit;

namespace Gateway.Tests.Conformance.Ownership;

/// <summary>Webhook subscriptions of one partner, and what another tries on them.</summary>
public sealed partial class CrossPartnerTests
{
    private const string Subscription = """{ "name": "erp", "url": "http://127.0.0.1:9/hook", "eventTypes": ["*"], "version": 1 }""";

    private async Task SubscribeBesideAnotherAsync()
    {
        var made = await SubscribeAsync(Acme, "key-1");
        Assert.Equal(201, made.Status);

        // The same name and the same key are another's business, and neither sees the other's.
        var own = await SubscribeAsync(Globex, "key-1");
        Assert.Equal((201, false), (own.Status, own.Headers.ContainsKey("Idempotency-Replayed")));
        Assert.NotEqual((string?)made.Json["id"], (string?)own.Json["id"]);
        Assert.NotEqual((string?)made.Json["signingSecret"], (string?)own.Json["signingSecret"]);
        foreach (var (key, mine) in new[] { (Acme, made), (Globex, own) })
            Assert.Equal((string?)mine.Json["id"], (string?)Assert.Single((await GetAsync(key, "/v1/webhook-subscriptions?partner=acme")).Json["webhookSubscriptions"]!.AsArray())!["id"]);
    }

    private async Task ReachAnothersSubscriptionAsync(HttpMethod method, string below, string? body)
    {
        var id = (string)(await SubscribeAsync(Acme, "key-1")).Json["id"]!;
        var before = await GetAsync(Acme, $"/v1/webhook-subscriptions/{id}");
        Assert.Equal(200, before.Status);

        var anothers = await SendAsync(method, Globex, $"/v1/webhook-subscriptions/{id}{below}", body, ("Idempotency-Key", "key-2"));
        Assert.Equal((404, "not-found"), (anothers.Status, anothers.Problem));
        AssertSame(await SendAsync(method, Globex, $"/v1/webhook-subscriptions/sub_j1pda46bw52qb8xmhdc1d9bad6{below}", body, ("Idempotency-Key", "key-3")), anothers);
        Assert.Equal(before.Text, (await GetAsync(Acme, $"/v1/webhook-subscriptions/{id}")).Text);

        var owners = await SendAsync(method, Acme, $"/v1/webhook-subscriptions/{id}{below}", body, ("Idempotency-Key", "key-2"));
        Assert.True(owners.Status == 200, owners.Text);
    }

    private async Task RecoverAnothersSubscriptionAsync()
    {
        const string Since = """{ "startDateTime": "2026-01-01T00:00:00Z", "deliveredIndicator": true }""";
        await ReachAnothersSubscriptionAsync(HttpMethod.Post, "/recover", Since);

        // Of one name: the other's deliveries are not among them.
        var own = (string)(await SubscribeAsync(Globex, "key-1")).Json["id"]!;
        await SendAsync(HttpMethod.Post, Acme, $"/v1/webhook-subscriptions/{(string)(await SubscribeAsync(Acme, "key-1")).Json["id"]!}/ping", "{}", ("Idempotency-Key", "key-9"));
        var recovered = await SendAsync(HttpMethod.Post, Globex, $"/v1/webhook-subscriptions/{own}/recover", Since, ("Idempotency-Key", "key-9"));
        Assert.Equal((200, 0), (recovered.Status, (int)recovered.Json["deliveryCount"]!));
    }

    private Task<Answered> SubscribeAsync(string key, string idempotencyKey) =>
        SendAsync(HttpMethod.Post, key, "/v1/webhook-subscriptions", """{ "name": "erp", "url": "http://127.0.0.1:9/hook", "eventTypes": ["*"] }""", ("Idempotency-Key", idempotencyKey));
}

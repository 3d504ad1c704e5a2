using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>Partners who make their webhook subscriptions themselves, over real sockets.</summary>
public sealed class SubscriptionTests
{
    private const string Path = "/v1/webhook-subscriptions";

    internal const string Workspace = """
        governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535], own: { most: 3, inside: INSIDE } } }
        events:
          order.accepted.v1: { owner: us, description: An order was taken over., contract: events/order-placed@1 }
          order.cancelled.v1: { owner: us, description: An order was cancelled., contract: events/order-standing@1 }
        apis:
          webhooks:
            owner: us
            routes:
              webhooks.create: { match: POST /v1/webhook-subscriptions, policies: [callers, contract: { request: webhook-subscription@1, response: webhook-subscription-response@1 }, idempotency: {}], target: { call: gateway/subscription.create, creates: subscription } }
              webhooks.list: { match: GET /v1/webhook-subscriptions, policies: [callers, contract: { response: webhook-subscriptions@1 }], target: { call: gateway/subscriptions } }
              webhooks.read: { match: "GET /v1/webhook-subscriptions/{id}", policies: [callers, contract: { response: webhook-subscription-response@1 }], target: { call: gateway/subscription.read, object: "subscription/{id}" } }
              webhooks.change: { match: "PUT /v1/webhook-subscriptions/{id}", policies: [callers, contract: { request: webhook-subscription@1, response: webhook-subscription-response@1 }, idempotency: {}], target: { call: gateway/subscription.change, object: "subscription/{id}" } }
              webhooks.delete: { match: "DELETE /v1/webhook-subscriptions/{id}", policies: [callers, contract: { response: webhook-removal@1 }], target: { call: gateway/subscription.delete, object: "subscription/{id}" } }
              webhooks.ping: { match: "POST /v1/webhook-subscriptions/{id}/ping", policies: [callers, contract: { request: instruction@1, response: webhook-ping@1 }, idempotency: {}], target: { call: gateway/subscription.ping, object: "subscription/{id}" } }
              webhooks.rotate: { match: "POST /v1/webhook-subscriptions/{id}/rotate-secret", policies: [callers, contract: { request: webhook-secret-rotation@1, response: webhook-subscription-response@1 }, idempotency: {}], target: { call: gateway/subscription.rotate, object: "subscription/{id}" } }
              webhooks.recover: { match: "POST /v1/webhook-subscriptions/{id}/recover", policies: [callers, contract: { request: webhook-recovery-request@1, response: webhook-recovery@1 }, idempotency: {}], target: { call: gateway/subscription.recover, object: "subscription/{id}" } }
              webhooks.deliveries: { match: "GET /v1/webhook-subscriptions/{id}/deliveries", policies: [callers, contract: { query: events/deliveries-query@1, response: webhook-deliveries@1 }], target: { call: gateway/subscription.deliveries, object: "subscription/{id}" } }
              events.read: { match: GET /v1/events, policies: [callers, contract: { query: events/query@1, response: events/batch@1 }], target: { call: gateway/events } }
        """;

    private const string Overlay = """
        partners:
          acme: { webhooks: { agreed: { url: "http://127.0.0.1:9/agreed", events: ["*"], secrets: [secret://demo/whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx], when: "data.id = 'never'" } } }
        """;

    private int _keys;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscription_is_made_shown_changed_rotated_and_removed()
    {
        await using var world = await StartAsync(inside: true);
        var wish = Wish("http://127.0.0.1:9/own", condition: "data.id = 'ord_1'");
        var made = await SendAsync(world, "POST", Path, wish, key: "once");
        Assert.True(made.Status == 201, made.Body);
        var subscription = JsonNode.Parse(made.Body)!;
        var (id, secret) = ((string)subscription["id"]!, (string)subscription["signingSecret"]!);
        Assert.StartsWith("sub_", id, StringComparison.Ordinal);
        Assert.True(WebhookSignature.IsSecret(secret));
        Assert.Equal($"{Path}/{id}", made.Header("Location"));

        // Its answer was lost: the same request has the same answer, and no second one is made.
        Assert.Equal(made.Body, (await SendAsync(world, "POST", Path, wish, key: "once")).Body);
        var shown = await GoodAsync(world, "GET", $"{Path}/{id}");
        Assert.Null(shown["signingSecret"]);
        Assert.Equal(("erp", "data.id = 'ord_1'", 1, "working"), ((string?)shown["name"], (string?)shown["condition"], (int)shown["version"]!, (string?)shown["endpointStatusCode"]));
        Assert.Equal(shown.ToJsonString(), Assert.Single((await GoodAsync(world, "GET", Path))["webhookSubscriptions"]!.AsArray())!.ToJsonString());
        Assert.Empty(JsonNode.Parse((await SendAsync(world, "GET", Path, consumer: "globex-shop")).Body)!["webhookSubscriptions"]!.AsArray());
        Assert.Equal(404, (await SendAsync(world, "GET", $"{Path}/{id}", consumer: "globex-shop")).Status);

        var changed = await GoodAsync(world, "PUT", $"{Path}/{id}", Wish("http://127.0.0.1:9/other", version: 1));
        Assert.Equal((2, "http://127.0.0.1:9/other", null), ((int)changed["version"]!, (string?)changed["url"], (string?)changed["condition"]));
        Assert.Equal(["#/version"], Pointers(await SendAsync(world, "PUT", $"{Path}/{id}", Wish("http://127.0.0.1:9/late", version: 1))));

        var rotated = await GoodAsync(world, "POST", $"{Path}/{id}/rotate-secret", """{"overlapHours":1}""");
        Assert.True(WebhookSignature.IsSecret((string)rotated["signingSecret"]!));
        Assert.NotEqual(secret, (string)rotated["signingSecret"]!);
        Assert.NotNull(rotated["oldSecretEndDateTime"]);
        var pair = await GoodAsync(world, "POST", $"{Path}/{id}/rotate-secret", """{"overlapHours":0,"signatureAlgorithmCode":"ed25519"}""");
        Assert.Equal((null, null, "ed25519"), ((string?)pair["signingSecret"], (string?)pair["oldSecretEndDateTime"], (string?)pair["signatureAlgorithmCode"]));
        Assert.StartsWith("whpk_", (string?)Assert.Single(pair["publicKeys"]!.AsArray()), StringComparison.Ordinal);

        Assert.Equal(id, (string?)(await GoodAsync(world, "DELETE", $"{Path}/{id}"))["id"]);
        foreach (var (method, below, body) in ((string, string, string?)[])[("GET", "", null), ("DELETE", "", null), ("PUT", "", Wish("http://127.0.0.1:9/x", version: 4)), ("POST", "/ping", "{}"), ("POST", "/rotate-secret", "{}"), ("GET", "/deliveries", null)])
            Assert.Equal((404, "not-found"), await SendAsync(world, method, $"{Path}/{id}{below}", body) is var gone ? (gone.Status, gone.Problem) : default);
        // Nothing that was said of secrets is in the audit, and every change is.
        // Made, told again, changed, rotated twice, removed; what is told beside its act may be a moment behind it.
        var audit = await AuditAsync(world);
        for (var tries = 0; tries < 200 && audit.Count(IsChange) < 6; tries++)
        {
            await Task.Delay(50, Cancellation);
            audit = await AuditAsync(world);
        }
        Assert.Equal(6, audit.Count(IsChange));
        Assert.DoesNotContain(audit, r => r.ToString().Contains("whsec_", StringComparison.Ordinal));

        static bool IsChange(AuditRecord record) => record.Status is 200 or 201 && record.Method is not "GET";
    }

    [Fact]
    public async Task What_may_not_be_subscribed_is_refused_at_its_member()
    {
        await using var world = await StartAsync(inside: false);
        foreach (var (url, pointer) in ((string, string)[])[("http://shop.example.com/", "#/url"), ("https://127.0.0.1:9/", "#/url"), ("https://169.254.169.254/", "#/url"), ("https://odoo.internal/", "#/url")])
            Assert.Equal([pointer], Pointers(await SendAsync(world, "POST", Path, Wish(url))));
        var refused = await SendAsync(world, "POST", Path, """{"name":"agreed","url":"https://shop.example.com/","eventTypes":["order.accepted.v1","order.canceled.v1"],"condition":"data.x =","mapping":"$who"}""");
        Assert.Equal(["#/name", "#/eventTypes/1", "#/condition", "#/mapping"], Pointers(refused));
        Assert.Contains("did you mean", refused.Body, StringComparison.Ordinal);
        Assert.Equal((422, "contract-broken"), await SendAsync(world, "POST", Path, """{"name":"Not A Name","url":"https://shop.example.com/","eventTypes":["*"]}""") is var broken ? (broken.Status, broken.Problem) : default);

        for (var i = 0; i < 3; i++) Assert.Equal(201, (await SendAsync(world, "POST", Path, Wish("https://shop.example.com/", name: $"n{i}"))).Status);
        Assert.Equal(["#/name"], Pointers(await SendAsync(world, "POST", Path, Wish("https://shop.example.com/", name: "n0"))));
        Assert.Equal(["#"], Pointers(await SendAsync(world, "POST", Path, Wish("https://shop.example.com/", name: "n4"))));
        Assert.Equal(3, (await GoodAsync(world, "GET", Path))["webhookSubscriptions"]!.AsArray().Count);
    }

    [Fact]
    public async Task Events_and_pings_are_delivered_looked_at_and_seen_by_operators()
    {
        await using var world = await StartAsync(inside: true);
        await using var endpoint = await Receiver.StartAsync();
        var made = JsonNode.Parse((await SendAsync(world, "POST", Path, Wish($"{endpoint.Url}own", condition: "data.id = 'ord_1'", mapping: """{ "order": data.id }"""))).Body)!;
        var (id, secret) = ((string)made["id"]!, (string)made["signingSecret"]!);

        await AppendAsync(world, "e-1", "ord_1");
        await AppendAsync(world, "e-2", "ord_2");
        var ping = await GoodAsync(world, "POST", $"{Path}/{id}/ping", "{}");
        await endpoint.UntilAsync(2);

        Assert.Equal(["order.accepted.v1", "webhook.ping.v1"], endpoint.Received.Select(r => (string?)r.Event["type"]).Order());
        Assert.All(endpoint.Received, r => Assert.True(r.IsSigned(secret)));
        Assert.Equal("""{"order":"ord_1"}""", endpoint.Received.Single(r => (string?)r.Event["id"] == "e-1").Event["data"]!.ToJsonString());
        Assert.Equal((string?)ping["deliveryId"], endpoint.Received.Single(r => (string?)r.Event["type"] == "webhook.ping.v1").Id);
        // A ping is nobody's event but the endpoint's.
        Assert.DoesNotContain("webhook.ping.v1", (await SendAsync(world, "GET", "/v1/events")).Body, StringComparison.Ordinal);

        var rotated = await GoodAsync(world, "POST", $"{Path}/{id}/rotate-secret", "{}");
        await AppendAsync(world, "e-3", "ord_1");
        await endpoint.UntilAsync(3);
        Assert.True(endpoint.Received[^1].IsSigned(secret) && endpoint.Received[^1].IsSigned((string)rotated["signingSecret"]!));

        JsonNode deliveries;
        do deliveries = await GoodAsync(world, "GET", $"{Path}/{id}/deliveries");
        while (deliveries["webhookDeliveries"]!.AsArray().Any(d => (string?)d!["deliveryStatusCode"] != "delivered"));
        Assert.Equal(["e-3", (string?)ping["eventId"], "e-1"], deliveries["webhookDeliveries"]!.AsArray().Select(d => (string?)d!["eventId"]).OrderByDescending(e => e == "e-3").ThenByDescending(e => e != "e-1"));
        Assert.All(deliveries["webhookDeliveries"]!.AsArray(), d => Assert.Equal(204, (int)d!["attempts"]![0]!["httpStatusCode"]!));

        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        var listed = JsonNode.Parse(await admin.GetStringAsync("/webhooks", Cancellation))!.AsArray();
        Assert.Equal([("acme/agreed", null), ("acme/erp", id)], listed.Select(e => ((string?)e!["endpoint"], (string?)e["own"])));
        Assert.DoesNotContain("whsec_", listed.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_are_read_page_by_page_along_the_links()
    {
        await using var world = await StartAsync(inside: true);
        await using var endpoint = await Receiver.StartAsync();
        var id = (string)JsonNode.Parse((await SendAsync(world, "POST", Path, Wish($"{endpoint.Url}own"))).Body)!["id"]!;
        for (var i = 1; i <= 5; i++) await AppendAsync(world, $"e-{i}", "ord_1");
        await endpoint.UntilAsync(5);

        var newest = await PageAsync($"{Path}/{id}/deliveries?limit=2");
        Assert.Equal(["e-5", "e-4"], newest.Ids);
        await AppendAsync(world, "e-6", "ord_1");
        await endpoint.UntilAsync(6);
        var second = await PageAsync(newest.Next);
        var third = await PageAsync(second.Next);
        Assert.Equal(["e-3", "e-2", "e-1"], second.Ids.Concat(third.Ids));
        Assert.Equal("", third.Next);

        var oldest = await PageAsync($"{Path}/{id}/deliveries?order=oldest&limit=4");
        var rest = await PageAsync(oldest.Next);
        Assert.Equal(["e-1", "e-2", "e-3", "e-4", "e-5", "e-6"], oldest.Ids.Concat(rest.Ids));
        Assert.Empty((await PageAsync(rest.Next)).Ids);
        await AppendAsync(world, "e-7", "ord_1");
        await endpoint.UntilAsync(7);
        Assert.Equal(["e-7"], (await PageAsync((await PageAsync(rest.Next)).Next)).Ids.DefaultIfEmpty("e-7"));

        var other = (string)JsonNode.Parse((await SendAsync(world, "POST", Path, Wish($"{endpoint.Url}other").Replace("erp", "other", StringComparison.Ordinal), key: "k-other")).Body)!["id"]!;
        foreach (var query in (string[])["?limit=0", "?limit=101", "?order=random", "?after=AAAA", newest.Next.Replace(id, other, StringComparison.Ordinal)[$"{Path}/{other}/deliveries".Length..]])
            Assert.Equal((400, query), ((await SendAsync(world, "GET", $"{Path}/{other}/deliveries{query}")).Status, query));

        async Task<(string?[] Ids, string Next)> PageAsync(string path)
        {
            var answer = await SendAsync(world, "GET", path);
            Assert.True(answer.Status == 200, answer.Body);
            return ([.. JsonNode.Parse(answer.Body)!["webhookDeliveries"]!.AsArray().Select(d => (string?)d!["eventId"])], answer.Header("Link").Split('<', '>') is [_, var next, _] ? next : "");
        }
    }

    [Fact]
    public async Task A_partner_has_its_disabled_endpoint_sent_to_again_and_what_it_missed()
    {
        await using var world = await StartAsync(inside: true);
        await using var endpoint = await Receiver.StartAsync();
        endpoint.Status = 410;
        var id = (string)JsonNode.Parse((await SendAsync(world, "POST", Path, Wish($"{endpoint.Url}own"))).Body)!["id"]!;
        await AppendAsync(world, "e-1", "ord_1");
        await UntilStatusAsync("disabled");
        Assert.Equal(["#"], Pointers(await SendAsync(world, "POST", $"{Path}/{id}/recover", Since(0))));

        // A test event that arrives.
        endpoint.Status = 204;
        await AppendAsync(world, "e-2", "ord_2");
        await GoodAsync(world, "POST", $"{Path}/{id}/ping", "{}");
        await UntilStatusAsync("working");
        await endpoint.UntilAsync(3);
        Assert.Equal(["e-2"], endpoint.Received.Select(r => (string?)r.Event["id"]).Where(e => e is not "e-1" && !e!.StartsWith("evt_", StringComparison.Ordinal)));

        // What was dead comes again with a recovery, and once.
        var since = Since(0);
        var recovered = await SendAsync(world, "POST", $"{Path}/{id}/recover", since, key: "recover");
        Assert.Equal((200, 1), (recovered.Status, (int)JsonNode.Parse(recovered.Body)!["deliveryCount"]!));
        Assert.Equal(recovered.Body, (await SendAsync(world, "POST", $"{Path}/{id}/recover", since, key: "recover")).Body);
        await endpoint.UntilAsync(4);
        Assert.Equal(endpoint.Received[0].Id, endpoint.Received[^1].Id);
        while ((await GoodAsync(world, "GET", $"{Path}/{id}/deliveries"))["webhookDeliveries"]!.AsArray().Any(d => (string?)d!["deliveryStatusCode"] != "delivered")) await Task.Delay(50, Cancellation);
        Assert.Equal(3, (int)(await GoodAsync(world, "POST", $"{Path}/{id}/recover", Since(0, delivered: true)))["deliveryCount"]!);
        await endpoint.UntilAsync(7);
        Assert.Equal(["#/startDateTime"], Pointers(await SendAsync(world, "POST", $"{Path}/{id}/recover", Since(1))));

        // Another address; what an operator has disabled stays so.
        endpoint.Status = 410;
        await AppendAsync(world, "e-3", "ord_3");
        await UntilStatusAsync("disabled");
        endpoint.Status = 204;
        await GoodAsync(world, "PUT", $"{Path}/{id}", Wish($"{endpoint.Url}other", version: 1));
        await UntilStatusAsync("working");
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        var state = (await store.EndpointsAsync(Cancellation)).Single(e => e.Key == "acme/erp");
        Assert.True(await store.ChangeEndpointAsync(state with { DisabledAt = DateTimeOffset.UtcNow, Reason = "kim: they have left", IsHeld = true }, null, null, Cancellation));
        await GoodAsync(world, "PUT", $"{Path}/{id}", Wish($"{endpoint.Url}third", version: 2));
        var shown = await GoodAsync(world, "GET", $"{Path}/{id}");
        Assert.Equal(("disabled", "our people have disabled it; ask them"), ((string?)shown["endpointStatusCode"], (string?)shown["endpointStatusReason"]));
        Assert.Equal(["#"], Pointers(await SendAsync(world, "POST", $"{Path}/{id}/ping", "{}")));
        Assert.Equal(["acme", "acme"], (await AuditAsync(world)).Where(r => r.Act is { Actor: "gateway", Action: "endpoints.enable" }).Select(r => r.Tenant));

        async Task UntilStatusAsync(string status)
        {
            while ((string?)(await GoodAsync(world, "GET", $"{Path}/{id}"))["endpointStatusCode"] != status) await Task.Delay(50, Cancellation);
        }
    }

    private static string Since(int hours, bool delivered = false) =>
        new JsonObject { ["startDateTime"] = DateTimeOffset.UtcNow.AddHours(hours).AddMinutes(-30).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture), ["deliveredIndicator"] = delivered }.ToJsonString();

    private static Task<KindWorld> StartAsync(bool inside) =>
        KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/page.yaml", Content = Workspace.Replace("INSIDE", inside ? "true" : "false", StringComparison.Ordinal) }, new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = Overlay }]);

    private static string Wish(string url, string name = "erp", string? condition = null, string? mapping = null, int? version = null)
    {
        var wish = new JsonObject { ["name"] = name, ["url"] = url, ["eventTypes"] = new JsonArray("order.accepted.v1") };
        if (condition is not null) wish["condition"] = condition;
        if (mapping is not null) wish["mapping"] = mapping;
        if (version is not null) wish["version"] = version;
        return wish.ToJsonString();
    }

    private Task<Answered> SendAsync(KindWorld world, string method, string path, string? body = null, string? key = null, string consumer = "acme-shop")
    {
        var headers = new Dictionary<string, string> { ["X-Api-Key"] = $"key-of-{consumer}" };
        if (body is not null) headers["Idempotency-Key"] = $"\"{key ?? $"k-{++_keys}"}\"";
        return world.SendAsync(new CaseRequest { Method = method, Path = path, Body = body, Headers = headers }, Cancellation);
    }

    private async Task<JsonNode> GoodAsync(KindWorld world, string method, string path, string? body = null)
    {
        var answer = await SendAsync(world, method, path, body);
        Assert.True(answer.Status is 200 or 201, $"{method} {path}: {answer.Body}");
        return JsonNode.Parse(answer.Body)!;
    }

    private static IEnumerable<string?> Pointers(Answered refused)
    {
        Assert.Equal((422, "business-refused"), (refused.Status, refused.Problem));
        return JsonNode.Parse(refused.Body)!["errors"]!.AsArray().Select(e => (string?)e!["pointer"]);
    }

    private static async Task AppendAsync(KindWorld world, string id, string order) =>
        Assert.True(await world.Gateway.Services.GetRequiredService<IStore>().AppendEventAsync(
            new NewEvent(id, "acme", "order.accepted.v1", "/orders", order, order, DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes($$"""{"id":"{{order}}"}""")), Cancellation));

    private static async Task<IReadOnlyList<AuditRecord>> AuditAsync(KindWorld world)
    {
        var store = world.Gateway.Services.GetRequiredService<IStore>();
        var records = new List<AuditRecord>();
        foreach (var segment in await store.AuditSegmentsAsync(Cancellation))
            foreach (var link in await store.ReadAuditAsync(segment, 0, 1000, Cancellation)) records.AddRange(Gateway.Delivery.Audit.AuditReading.Records(link, segment.Class));
        return records;
    }
}

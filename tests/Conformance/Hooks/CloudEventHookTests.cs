using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>Backends that send CloudEvents: in every mode, each event once by source and id, and stored before it is acknowledged.</summary>
public sealed class CloudEventHookTests
{
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";

    private const string Api = """
        backends:
          erp: { adapter: http, url: http://127.0.0.1:1, destinations: { second: { url: http://127.0.0.1:2 } }, webhooks: { secrets: [secret://demo/whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=], types: [erp.order.released, erp.order.held] } }
        apis:
          releases:
            owner: logistics
            notices:
              order.released.v1: { from: erp/erp.order.released, buyer: buyerParty.id, contract: events/order-placed@1 }
            routes:
              stock.read: { match: "GET /stock", policies: [callers], target: { forward: erp } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_event_in_each_mode_is_one_event()
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        foreach (var _ in (int[])[1, 2])
        {
            using var structured = await world.TellAsync(Structured, One("1"));
            using var batch = await world.TellAsync(Batched, $"[{One("1")}, {One("2")}, {One("2")}]");
            using var binary = await world.TellAsync("application/json", "{}", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/erp/a%2520b"), ("ce-type", "erp.order.held"));
            using var empty = await world.TellAsync(Batched, "[]");
            Assert.All([structured, batch, binary, empty], answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        }

        // Of another source, the same id is another event.
        using var other = await world.TellAsync(Structured, One("1", source: "/erp/c"));
        Assert.Equal([("1", "/backends/erp?source=%2Ferp%2Fa%2520b"), ("2", "/backends/erp?source=%2Ferp%2Fa%2520b"), ("1", "/backends/erp?source=%2Ferp%2Fc")],
            (await world.EventsAsync(3)).Select(e => (e.Id, e.Source)));
        Assert.All(await world.EventsAsync(3), e => Assert.Equal("-", e.Tenant));
    }

    [Fact]
    public async Task What_it_tells_of_a_buyer_is_told_to_its_partner_once_for_each_source()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        var data = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "transforms/events/order-placed@1.schema.json"), Cancellation))!["examples"]![0]!.ToJsonString();

        foreach (var source in (string[])["/erp/a", "/erp/a", "/erp/b"])
        {
            using var answer = await world.TellAsync(Structured, One("1", "erp.order.released", source, data));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        var told = (await world.EventsAsync(4)).Where(e => e.Tenant == "acme").ToList();
        Assert.Equal(2, told.Select(e => e.Id).Distinct().Count());
        Assert.All(told, e => Assert.Equal(("order.released.v1", "/releases"), (e.Type, e.Source)));
    }

    [Fact]
    public async Task What_can_not_be_stored_is_not_acknowledged_and_the_rest_of_a_batch_comes_with_the_next()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        var appended = 0;
        world.Store.Away = method => method == nameof(IStore.AppendEventAsync) && ++appended > 2;
        using var away = await world.TellAsync(Batched, $"[{One("1")}, {One("2")}, {One("3")}]");
        world.Store.Away = null;
        Assert.Equal(2, (await world.EventsAsync(2)).Count);

        using var back = await world.TellAsync(Batched, $"[{One("1")}, {One("2")}, {One("3")}]");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent), (away.StatusCode, back.StatusCode));
        Assert.NotNull(away.Headers.RetryAfter);
        Assert.Equal(["1", "2", "3"], (await world.EventsAsync(3)).Select(e => e.Id));
    }

    [Fact]
    public async Task What_is_none_is_told_why_and_nothing_of_it_is_stored()
    {
        await using var world = await HookWorld.StartAsync(more: Api);

        using var prefix = await world.TellAsync("application/cloudevents-batchx+json", $"[{One("1")}]");
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"), (prefix.StatusCode, await TypeAsync(prefix)));

        using var missing = await world.TellAsync(Batched, $"[{One("1")}, {One("2").Replace("\"source\"", "\"from\"", StringComparison.Ordinal)}]");
        var problem = JsonNode.Parse(await missing.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal((HttpStatusCode.BadRequest, "It is no CloudEvent: of source, it is missing, and every CloudEvent has one."), (missing.StatusCode, (string?)problem["detail"]));
        Assert.Equal("#/1/source", (string?)problem["errors"]![0]!["pointer"]);

        using var header = await world.TellAsync("application/json", "{}", ("ce-specversion", "1.0"), ("ce-id", "%C0%A0"), ("ce-source", "/erp"), ("ce-type", "erp.order.held"));
        problem = JsonNode.Parse(await header.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal((HttpStatusCode.BadRequest, "header", "#/ce-id"), (header.StatusCode, (string?)problem["errors"]![0]!["in"], (string?)problem["errors"]![0]!["pointer"]));

        using var unsigned = await world.SendAsync(One("1"), "hooks/erp", ("webhook-id", "msg_1"));
        using var cut = await world.TellAsync(Structured, One("1")[..20]);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest, "malformed-body"), (unsigned.StatusCode, cut.StatusCode, await TypeAsync(cut)));
        Assert.Empty(await world.Log.ReadEventsAsync(0, 9, Cancellation));
    }

    private static async Task<string> TypeAsync(HttpResponseMessage answer) => ((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["type"]!).Split('/')[^1];

    private static string One(string id, string type = "erp.order.held", string source = "/erp/a%20b", string data = "{}") =>
        $$"""{ "specversion": "1.0", "id": {{JsonSerializer.Serialize(id)}}, "source": {{JsonSerializer.Serialize(source)}}, "type": "{{type}}", "data": {{data}} }""";
}

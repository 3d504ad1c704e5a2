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
          erp: { adapter: http, url: http://127.0.0.1:1, destinations: { second: { url: http://127.0.0.1:2 } }, webhooks: { secrets: [secret://demo/whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=], types: [erp.order.released, erp.order.held, erp.order.stands], states: [erp.order.stands] } }
        apis:
          releases:
            owner: logistics
            notices:
              order.released.v1: { from: erp/erp.order.released, buyer: buyerParty.id, contract: events/order-placed@1 }
              order.stands.v1: { from: erp/erp.order.stands, buyer: buyerParty.id, contract: events/order-placed@1 }
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

    /// <summary>By number and not by text: 9 comes before 10. A fact is told, however late.</summary>
    [Theory]
    [InlineData("erp.order.stands", new[] { "9", "10", "010" })]
    [InlineData("erp.order.released", new[] { "9", "10", "2", "010", "8" })]
    public async Task What_says_how_a_thing_stands_is_applied_by_its_sequence_and_a_fact_as_it_comes(string type, string[] expected)
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        var data = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "transforms/events/order-placed@1.schema.json"), Cancellation))!["examples"]![0]!;
        foreach (var (sequence, subject) in ((string, string)[])[("9", "o-1"), ("10", "o-1"), ("2", "o-1"), ("010", "o-1"), ("8", "o-1"), ("1", "o-2")])
        {
            data["customerReference"] = sequence;
            var one = JsonNode.Parse(One($"{subject}-{sequence}", type, "/erp", data.ToJsonString()))!;
            (one["subject"], one["sequence"]) = (subject, sequence);
            using var answer = await world.TellAsync(Structured, one.ToJsonString());
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        var events = await world.EventsAsync(6 + expected.Length + 1);
        Assert.Equal(6, events.Count(e => e.Tenant == "-"));
        var told = events.Where(e => e.Tenant == "acme").Select(e => (e.Subject, Sequence: (string?)JsonNode.Parse(e.Data.Span)!["customerReference"])).ToList();
        // What is as new as what was told is told: it may be that again, in other words.
        Assert.Equal(expected, told.Where(t => t.Subject == "o-1").Select(t => t.Sequence));
        Assert.Equal(["1"], told.Where(t => t.Subject == "o-2").Select(t => t.Sequence));
    }

    [Fact]
    public async Task Where_there_is_no_sequence_the_time_says_which_is_newer_and_one_that_is_no_number_is_refused()
    {
        await using var world = await HookWorld.StartAsync(more: Api);
        var data = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "transforms/events/order-placed@1.schema.json"), Cancellation))!["examples"]![0]!.ToJsonString();
        foreach (var hour in (string[])["10", "11", "09"])
        {
            var one = JsonNode.Parse(One(hour, "erp.order.stands", "/erp", data))!;
            (one["subject"], one["time"]) = ("o-1", $"2026-11-29T{hour}:00:00Z");
            using var answer = await world.TellAsync(Structured, one.ToJsonString());
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }
        var told = (await world.EventsAsync(5)).Where(e => e.Tenant == "acme").Select(e => e.Time.Hour);
        Assert.Equal([10, 11], told);

        foreach (var sequence in (string[])["A1", "1234567890123456789", "-1"])
        {
            var one = JsonNode.Parse(One("x", "erp.order.stands", "/erp", data))!;
            one["sequence"] = sequence;
            using var wrong = await world.TellAsync(Structured, one.ToJsonString());
            Assert.Equal((HttpStatusCode.BadRequest, "#/sequence"), (wrong.StatusCode, (string?)JsonNode.Parse(await wrong.Content.ReadAsStringAsync(Cancellation))!["errors"]![0]!["pointer"]));
        }
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

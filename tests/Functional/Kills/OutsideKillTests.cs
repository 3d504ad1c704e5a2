using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Kills;

/// <summary>
/// <c>kill -9</c> of a real gateway process exactly at each write of what comes from outside: events of backends, what partners are told of them, and subscriptions that partners
/// make. Whoever got no answer sends the same again; then it is there, and once.
/// </summary>
public sealed class OutsideKillTests
{
    private const string Erp = """
          erp: { adapter: http, url: "http://127.0.0.1:1", webhooks: { secrets: [secret://env/WMS_WEBHOOK_SECRET], types: [erp.order.released] } }

        """;

    private const string Releases = """
          releases:
            owner: logistics
            notices:
              order.released.v1: { from: erp/erp.order.released, buyer: buyerParty.id, contract: events/order-placed@1 }
            routes:
              erp-stock.read: { match: "GET /v1/erp-stock", policies: [partner-callers], target: { forward: erp } }

        """;

    private static readonly WriteBoundary Terms = new("UPDATE webhook_subscriptions SET terms", "UPDATE OF terms ON webhook_subscriptions");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each engine, and each side of a write.</summary>
    public static TheoryData<string, string> Sides => WriteKillTests.Sides;

    /// <summary>A backend's event is appended, the partner's behind it; and of what can't be told a dead letter is kept.</summary>
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Sides))]
    public async Task Killed_at_each_write_of_what_a_backend_tells_it_is_stored_and_told_once(string engine, string side)
    {
        await using var cuts = await Cuts.StartAsync(engine, Enum.Parse<WriteSide>(side), overlay =>
            overlay.Replace("backends:\n", "backends:\n" + Erp, StringComparison.Ordinal).Replace("apis:\n", "apis:\n" + Releases, StringComparison.Ordinal));
        (string Id, WriteBoundary Boundary, bool IsWhole)[] told =
        [
            ("stored", new("INSERT INTO events", "INSERT ON events WHEN NEW.tenant = '-'"), true),
            ("noticed", new("INSERT INTO events", "INSERT ON events WHEN NEW.tenant = 'acme'") { Nth = 2 }, true),
            ("dead", new("INSERT INTO deliveries", "INSERT ON deliveries"), false),
        ];
        using var backend = new HttpClient();
        foreach (var (id, boundary, isWhole) in told)
        {
            var said = await SayingAsync(id, isWhole);
            await cuts.AtAsync(boundary, () => TellAsync(backend, cuts.World, id, said));
            // Its sender got no answer, and another attempt of it comes behind the one that counts.
            Assert.Equal(204, await TellAsync(backend, cuts.World, id, said));
            Assert.Equal(204, await TellAsync(backend, cuts.World, id, said));
        }

        var events = await cuts.World.EventsAsync();
        Assert.Equal(["dead", "noticed", "stored"], events.Where(e => (string?)e["tenant"] == "-").Select(e => (string)e["subject"]!).Order());
        Assert.Equal(["noticed", "stored"], events.Where(e => (string?)e["type"] == "order.released.v1").Select(e => (string)e["subject"]!).Order());
        var letter = Assert.Single((await cuts.World.LookAsync("/deadletters"))["letters"]!.AsArray())!;
        Assert.Equal(("acme/notice:order.released.v1", "notice breaks contract"), ((string?)letter["endpoint"], (string?)letter["cause"]));
    }

    /// <summary>A subscription is made, replaced, gets another secret, is tried, asks for what has failed, and is removed.</summary>
    [Theory(Explicit = true)]
    [Trait("group", "soak")]
    [MemberData(nameof(Sides))]
    public async Task Killed_at_each_write_of_a_partners_subscription_it_is_as_the_partner_asked_once(string engine, string side)
    {
        await using var cuts = await Cuts.StartAsync(engine, Enum.Parse<WriteSide>(side),
            overlay => overlay.Replace("ports: [1-65535] }", "ports: [1-65535], own: { inside: true } }", StringComparison.Ordinal));
        const string Root = "/v1/webhook-subscriptions";
        const string Wanted = """{"name":"erp","url":"http://127.0.0.1:1/own","eventTypes":["return.received.v1"]""";
        var id = (string)(await AskAtAsync(cuts, new("INSERT INTO webhook_subscriptions", "INSERT ON webhook_subscriptions"), "POST", Root, Wanted + "}", 201))["id"]!;
        var replaced = await AskAtAsync(cuts, Terms, "PUT", $"{Root}/{id}", Wanted.Replace("received", "announced", StringComparison.Ordinal) + ""","version":1}""", 200);
        var rotated = await AskAtAsync(cuts, Terms, "POST", $"{Root}/{id}/rotate-secret", "{}", 200);
        await AskAtAsync(cuts, new("INSERT INTO events", "INSERT ON events"), "POST", $"{Root}/{id}/ping", "{}", 200);
        await AskAtAsync(cuts, new("INSERT INTO events", "INSERT ON events WHEN NEW.type = 'webhook.recovered.v1'"), "POST", $"{Root}/{id}/recover", """{"startDateTime":"2026-01-01T00:00:00Z"}""", 200);

        Assert.Equal((2, 3), ((int)replaced["version"]!, (int)rotated["version"]!));
        var one = Assert.Single((await cuts.World.GetAsync(Root)).Json["webhookSubscriptions"]!.AsArray())!;
        Assert.Equal((id, 3, "return.announced.v1"), ((string?)one["id"], (int)one["version"]!, (string?)one["eventTypes"]![0]));
        var told = (await cuts.World.EventsAsync()).Select(e => (string)e["type"]!).Where(type => type.StartsWith("webhook.", StringComparison.Ordinal) && type != "webhook.failing.v1");
        Assert.Equal(["webhook.ping.v1", "webhook.recovered.v1"], told);

        // It takes no key: who asks again is told that it is gone.
        await cuts.AtAsync(Terms, () => cuts.World.AskAsync("DELETE", $"{Root}/{id}", null, "d-1"));
        var removed = await Until.Found(async () => await cuts.World.AskAsync("DELETE", $"{Root}/{id}", null, "d-2") is { Status: not 409 } found ? found : null, "it to be removed", seconds: 120);
        Assert.Contains(removed.Status, (int[])[200, 404]);
        Assert.Empty((await cuts.World.GetAsync(Root)).Json["webhookSubscriptions"]!.AsArray());
    }

    /// <summary>Killed over it, and asked again under its key until there is an answer; a second time it is the same one.</summary>
    private static async Task<JsonNode> AskAtAsync(Cuts cuts, WriteBoundary boundary, string method, string path, string? body, int status)
    {
        var key = $"{method}-{path}";
        await cuts.AtAsync(boundary, () => cuts.World.AskAsync(method, path, body, key));
        var answer = await Until.Found(async () => await cuts.World.AskAsync(method, path, body, key) is { Problem: not ("still-running" or "outcome-unknown") } found ? found : null, "an answer to " + key, seconds: 120);
        Assert.True(answer.Status == status, $"{key}: {answer.Status} {answer.Body}");
        var again = await cuts.World.AskAsync(method, path, body, key);
        Assert.Equal((status, answer.Body), (again!.Status, again.Body));
        return answer.Json;
    }

    /// <summary>The example of the contract; of what is not whole only whose it is.</summary>
    private static async Task<string> SayingAsync(string id, bool isWhole)
    {
        var data = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "transforms/events/order-placed@1.schema.json"), Cancellation))!["examples"]![0]!;
        if (!isWhole) data = new JsonObject { ["buyerParty"] = data["buyerParty"]!.DeepClone() };
        return new JsonObject { ["specversion"] = "1.0", ["id"] = id, ["source"] = "/erp", ["type"] = "erp.order.released", ["subject"] = id, ["time"] = "2026-11-29T08:00:00Z", ["data"] = data.DeepClone() }.ToJsonString();
    }

    /// <summary>0 where the gateway died over it.</summary>
    private static async Task<int> TellAsync(HttpClient backend, KillWorld world, string id, string said)
    {
        var (body, timestamp) = (Encoding.UTF8.GetBytes(said), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Public, "hooks/erp")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/cloudevents+json");
        request.Headers.Add("webhook-id", "msg_" + id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", StandardWebhooks.Sign(TestWorkspace.Secrets["WMS_WEBHOOK_SECRET"], "msg_" + id, timestamp, body));
        try
        {
            using var answer = await backend.SendAsync(request, Cancellation);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}

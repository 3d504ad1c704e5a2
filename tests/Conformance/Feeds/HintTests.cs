using System.Net;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Feeds;

/// <summary>Odoo's own webhooks: they say where to look sooner, and are believed nothing else.</summary>
public sealed class HintTests
{
    private const string Hints = $"every: 1h, hints: {{ secrets: [secret://demo/the-secret-before-that-one-0000, secret://demo/{FeedWorld.Secret}] }}";

    [Fact]
    public async Task A_hint_is_quicker_than_the_pace_and_many_at_once_are_told_once_each()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        world.Odoo.Automate(new OdooAutomation("Gateway order changed", "sale.order", world.HintUrl, ["state", "amount_total"]));

        var ids = await world.EnterAsync(FeedWorld.Acme, "PO", count: 12);
        await world.EventsAsync(12);
        await world.Odoo.DoAsync("sale.order", "action_confirm", new() { ["ids"] = new System.Text.Json.Nodes.JsonArray([.. ids.Select(id => (System.Text.Json.Nodes.JsonNode)id)]) });
        var events = await world.EventsAsync(24);
        await Task.Delay(1000, TestContext.Current.CancellationToken);

        Assert.Equal(24, (await world.EventsAsync(24)).Count);
        Assert.Equal(12, events.Count(e => e.Type == "order.created.v1"));
        Assert.Equal(12, events.Where(e => e.Type == "order.confirmed.v1").Select(e => e.Subject).Distinct().Count());
        Assert.Equal((24, 0), world.Odoo.Hints);
    }

    /// <summary>Twelve people save at the same moment, each within a call of their own, and none of them feels that Odoo answers nobody else.</summary>
    [Fact]
    public async Task Twelve_hints_at_once_are_all_answered_within_the_second_that_Odoo_waits_while_Odoo_hangs()
    {
        await using var world = await FeedWorld.StartAsync(Hints, odoo: "timeout: 5m,");
        var ids = await world.EnterAsync(FeedWorld.Acme, "PO", count: 12);
        using (await world.HintAsync(Body(4711))) world.Odoo.Automate(new OdooAutomation("Gateway order changed", "sale.order", world.HintUrl, ["state"]));
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));

        await Task.WhenAll(ids.Select(id => Task.Run(() => world.ActAsync("sale.order", "action_confirm", id))));

        Assert.Equal((12, 0), world.Odoo.Hints);
        while (world.Odoo.Chaos.Held == 0) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Empty(await world.EventsAsync(0));
        world.Odoo.Chaos.Heal();
        Assert.Equal(12, (await world.EventsAsync(12)).Select(e => e.Subject).Distinct().Count());
    }

    /// <summary>Odoo waits one second for the answer, within the click of somebody: what is done about the hint can't be waited for.</summary>
    [Fact]
    public async Task A_hint_is_answered_while_Odoo_hangs_and_its_record_is_read_when_that_is_over()
    {
        // As long as Odoo has for a read, nobody waits here: an answer that waits for one does not come.
        await using var world = await FeedWorld.StartAsync(Hints, odoo: "timeout: 5m,");
        var ids = await world.EnterAsync(FeedWorld.Acme, "PO", count: 2);
        world.Odoo.Chaos.Set(new ChaosRule(ChaosMode.HoldBefore));

        using var first = await world.HintAsync(Body(ids[0])).WaitAsync(Generous, TestContext.Current.CancellationToken);
        while (world.Odoo.Chaos.Held == 0) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var second = await world.HintAsync(Body(ids[1])).WaitAsync(Generous, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, second.StatusCode));
        Assert.Empty(await world.EventsAsync(0));
        world.Odoo.Chaos.Heal();
        Assert.Equal(["PO-1", "PO-2"], (await world.EventsAsync(2)).Select(e => (string?)FeedWorld.DataOf(e)["customerReference"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_hint_that_can_not_be_stored_is_not_acknowledged()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        var id = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        world.Away.Away = method => method == nameof(IStore.HintAsync);
        using var away = await world.HintAsync(Body(id));
        world.Away.Away = null;
        await NothingAsync(world);

        using var back = await world.HintAsync(Body(id));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.Accepted), (away.StatusCode, back.StatusCode));
        Assert.NotNull(away.Headers.RetryAfter);
        Assert.Equal("order.created.v1", Assert.Single(await world.EventsAsync(1)).Type);
    }

    [Fact]
    public async Task Only_who_knows_the_secret_is_heard()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        var id = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        foreach (var (path, header, expected) in ((string, string?, HttpStatusCode)[])
        [
            ("hooks/odoo", null, HttpStatusCode.Unauthorized),
            ("hooks/odoo", "", HttpStatusCode.Unauthorized),
            ("hooks/odoo", "hint-secret-of-the-odoo-0002", HttpStatusCode.Unauthorized),
            ("hooks/odoo/hint-secret-of-the-odoo-0002", null, HttpStatusCode.Unauthorized),
            // The path says something, so the header does not.
            ("hooks/odoo/hint-secret-of-the-odoo-000", FeedWorld.Secret, HttpStatusCode.Unauthorized),
            ($"hooks/odoo/{FeedWorld.Secret}/more", null, HttpStatusCode.NotFound),
            ("hooks/echo/" + FeedWorld.Secret, null, HttpStatusCode.NotFound),
        ])
        {
            using var refused = await world.HintAsync(Body(id), path, header);
            Assert.Equal((path, expected), (path, refused.StatusCode));
            Assert.DoesNotContain("hint-secret-of", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        await NothingAsync(world);

        using var taken = await world.HintAsync(Body(id), "hooks/odoo", FeedWorld.Secret);
        await world.EventsAsync(1);
        await world.ActAsync("sale.order", "action_confirm", id);
        using var byTheOld = await world.HintAsync(Body(id), "hooks/odoo/the-secret-before-that-one-0000");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (taken.StatusCode, byTheOld.StatusCode));
        Assert.Equal("order.confirmed.v1", (await world.EventsAsync(2))[1].Type);
        Assert.DoesNotContain("hint-secret-of", world.Stored(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_guesses_too_often_is_not_heard_for_a_while()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        for (var i = 0; i < 600; i++)
        {
            using var refused = await world.HintAsync(Body(1), $"hooks/odoo/a-guess-of-somebody-{i:0000}");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var good = await world.HintAsync(Body(1), "hooks/odoo", FeedWorld.Secret);

        Assert.Equal(HttpStatusCode.TooManyRequests, good.StatusCode);
    }

    [Fact]
    public async Task A_backend_that_declares_none_takes_none()
    {
        await using var world = await FeedWorld.StartAsync("every: 1h");

        using var answer = await world.HintAsync("""{"_model":"sale.order","_id":1}""");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task What_names_no_record_is_told_so()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        foreach (var body in (string[])["""{"_id":1}""", """{"_model":"sale.order"}""", """{"_model":"sale.order","_id":"1"}""", """{"_model":"sale.order","_id":-1}""", """{"_model":"sale.order","_id":1,"_id":2}""", "[1]", "no JSON", ""])
        {
            using var answer = await world.HintAsync(body);
            Assert.Equal((body, HttpStatusCode.BadRequest), (body, answer.StatusCode));
        }
    }

    [Fact]
    public async Task What_a_hint_says_of_the_record_is_not_believed()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        var own = (await world.EnterAsync(FeedWorld.Acme, "PO-A"))[0];
        var foreign = (await world.EnterAsync(FeedWorld.Nobody, "PO-N"))[0];

        // It lies about the state, about whose it is, and about records that nobody has.
        foreach (var id in (int[])[foreign, own, 4711])
            await world.HintAsync($$"""{"_model":"sale.order","_id":{{id}},"id":{{id}},"partner_id":{{FeedWorld.Globex}},"state":"cancel","client_order_ref":"LIE","amount_total":1}""");
        await world.HintAsync("""{"_model":"res.users","_id":2}""");
        var told = Assert.Single(await world.EventsAsync(1));
        await Task.Delay(1000, TestContext.Current.CancellationToken);

        Assert.Equal(("acme", "order.created.v1", "PO-A", "accepted"), (told.Tenant, told.Type, (string?)FeedWorld.DataOf(told)["customerReference"], (string?)FeedWorld.DataOf(told)["orderStatusCode"]));
        Assert.Single(await world.EventsAsync(1));
    }

    [Fact]
    public async Task A_hint_at_what_was_deleted_finds_that_it_is_gone()
    {
        await using var world = await FeedWorld.StartAsync(Hints);
        var id = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        await world.HintAsync($$"""{"_model":"sale.order","_id":{{id}}}""");
        await world.EventsAsync(1);

        await world.ActAsync("sale.order", "unlink", id);
        await world.HintAsync($$"""{"_model":"sale.order","_id":{{id}}}""");

        Assert.Equal("order.deleted.v1", (await world.EventsAsync(2))[1].Type);
    }

    /// <summary>Longer than any slow machine needs, and far less than the backend's time.</summary>
    private static TimeSpan Generous { get; } = TimeSpan.FromSeconds(60);

    private static string Body(int id) => $$"""{"_model":"sale.order","_id":{{id}}}""";

    private static async Task NothingAsync(FeedWorld world)
    {
        await Task.Delay(700, TestContext.Current.CancellationToken);
        Assert.Empty(await world.EventsAsync(0));
    }
}

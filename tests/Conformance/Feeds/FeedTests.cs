using System.Globalization;
using Xunit;

namespace Gateway.Tests.Conformance.Feeds;

/// <summary>What somebody changes in Odoo, its partner hears of, once.</summary>
public sealed class FeedTests
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_change_is_told_to_the_partner_whose_record_it_is_once_and_to_nobody_else()
    {
        await using var world = await FeedWorld.StartAsync();

        var ids = await world.EnterAsync(FeedWorld.Acme, "PO-A");
        await world.EnterAsync(FeedWorld.Globex, "PO-G");
        await world.EnterAsync(FeedWorld.Nobody, "PO-N");
        await world.EventsAsync(2);
        await world.WriteAsync(ids[0], """{"commitment_date":"2026-12-01 11:00:00"}""");
        await world.EventsAsync(3);
        await world.ActAsync("sale.order", "action_confirm", ids[0]);
        await world.EventsAsync(4);
        await world.ActAsync("sale.order", "action_cancel", ids[0]);
        await world.EventsAsync(5);
        var events = await world.LaterAsync();

        Assert.Equal(["order.created.v1", "order.changed.v1", "order.confirmed.v1", "order.cancelled.v1"], events.Where(e => e.Tenant == "acme").Select(e => e.Type));
        var other = Assert.Single(events, e => e.Tenant != "acme");
        Assert.Equal(("globex", "order.created.v1", "PO-G", "GLOBEX-DE"), (other.Tenant, other.Type, (string?)FeedWorld.DataOf(other)["customerReference"], (string?)FeedWorld.DataOf(other)["buyerParty"]!["id"]));
        Assert.Single(events.Where(e => e.Tenant == "acme").Select(e => (e.Subject, e.PartitionKey, e.Source)).Distinct());
        Assert.Equal(5, events.Select(e => e.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_order_that_was_entered_in_Odoo_has_an_id_by_which_its_partner_alone_reads_it()
    {
        await using var world = await FeedWorld.StartAsync();

        await world.EnterAsync(FeedWorld.Acme, "PO-A");
        var created = Assert.Single(await world.EventsAsync(1));
        var (own, others) = (await world.SendAsync("GET", "/orders/" + created.Subject), await world.SendAsync("GET", "/orders/" + created.Subject, "globex-shop"));

        Assert.Equal((200, 404), (own.Status, others.Status));
        Assert.Equal(FeedWorld.DataOf(created).ToJsonString(), System.Text.Json.Nodes.JsonNode.Parse(own.Body)!.ToJsonString());
        Assert.Equal((created.Subject, "PO-A", "accepted"), ((string?)FeedWorld.DataOf(created)["id"], (string?)FeedWorld.DataOf(created)["customerReference"], (string?)FeedWorld.DataOf(created)["orderStatusCode"]));
    }

    [Fact]
    public async Task What_is_there_when_the_feed_begins_is_told_to_nobody_and_what_becomes_of_it_is()
    {
        await using var before = await FeedWorld.StartAsync(changes: "every: 1h");
        var old = await before.EnterAsync(FeedWorld.Acme, "PO-OLD", count: 3, began: Now.AddDays(-3));
        await before.ActAsync("sale.order", "action_confirm", old[0]);
        await using var world = await FeedWorld.StartAsync(odoo: $"url: \"{before.Odoo.Url}\",");

        Assert.Empty(await world.LaterAsync());
        await before.WriteAsync(old[0], """{"commitment_date":"2026-12-01 11:00:00"}""");
        await before.ActAsync("sale.order", "action_cancel", old[1]);
        var events = await world.EventsAsync(2);

        Assert.Equal(["order.cancelled.v1", "order.changed.v1"], events.Select(e => e.Type).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_many_with_one_date_over_the_border_of_a_page_each_is_told_once()
    {
        await using var world = await FeedWorld.StartAsync();

        await world.EnterAsync(FeedWorld.Globex, "BULK", count: 207);
        await world.EventsAsync(207, seconds: 60);
        var events = await world.LaterAsync(3);

        Assert.Equal(207, events.Count);
        Assert.Equal(207, events.Select(e => (string?)FeedWorld.DataOf(e)["customerReference"]).Distinct().Count());
    }

    [Fact]
    public async Task What_commits_late_is_told_within_the_overlap_and_behind_it_when_all_ids_are_compared()
    {
        await using var world = await FeedWorld.StartAsync("every: 100ms, overlap: 2m");
        await world.EnterAsync(FeedWorld.Acme, "PO-1");
        await world.EventsAsync(1);

        await world.EnterAsync(FeedWorld.Acme, "PO-LATE", began: Now.AddMinutes(-1));
        Assert.Equal("PO-LATE", (string?)FeedWorld.DataOf((await world.EventsAsync(2))[1])["customerReference"]);
        await world.EnterAsync(FeedWorld.Acme, "PO-VERY-LATE", began: Now.AddMinutes(-10));

        Assert.Equal(2, (await world.LaterAsync()).Count);
        await using var next = await FeedWorld.StartAsync("every: 100ms, overlap: 2m, reconcile: 100ms");
        await next.EnterAsync(FeedWorld.Acme, "PO-2");
        await next.EventsAsync(1);
        await next.EnterAsync(FeedWorld.Acme, "PO-VERY-LATE", began: Now.AddMinutes(-10));
        Assert.Equal("PO-VERY-LATE", (string?)FeedWorld.DataOf((await next.EventsAsync(2))[1])["customerReference"]);
        Assert.Equal(2, (await next.LaterAsync()).Count);
    }

    [Fact]
    public async Task What_is_changed_twice_in_one_second_is_told_as_it_is_in_the_end()
    {
        await using var world = await FeedWorld.StartAsync();
        // A second that is over: what was read twice of it is not read again.
        var (id, second) = ((await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0], Now.AddSeconds(-10));
        await world.EventsAsync(1);

        await world.WriteAsync(id, """{"commitment_date":"2026-12-01 11:00:00"}""", began: second);
        await world.EventsAsync(2);
        // Its date is shown as before.
        await world.WriteAsync(id, """{"commitment_date":"2026-12-02 11:00:00"}""", began: second);
        var events = await world.EventsAsync(3);
        await world.LaterAsync(3);
        await world.WriteAsync(id, """{"commitment_date":"2026-12-03 11:00:00"}""", began: second);
        Assert.Equal(3, (await world.LaterAsync()).Count);

        // Only what comes much later leaves the overlap behind, and reads it for the last time.
        await world.EnterAsync(FeedWorld.Acme, "PO-2", began: Now.AddMinutes(4));
        Assert.Equal(["order.created.v1", "order.changed.v1", "order.changed.v1", "order.created.v1"], (await world.LaterAsync()).Select(e => e.Type));
        Assert.Equal(["2026-12-01", "2026-12-02"], events.Skip(1).Select(e => (string?)FeedWorld.DataOf(e)["promisedDeliveryPeriod"]!["endDate"]));
    }

    [Fact]
    public async Task What_is_written_between_two_looks_in_one_second_is_told_at_once()
    {
        await using var world = await FeedWorld.StartAsync();
        var (id, second) = ((await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0], Now.AddSeconds(1));
        await world.EventsAsync(1);
        await world.WriteAsync(id, """{"commitment_date":"2026-12-01 11:00:00"}""", began: second);
        await world.EventsAsync(2);
        await world.LaterAsync(3);

        await world.WriteAsync(id, """{"commitment_date":"2026-12-02 11:00:00"}""", began: second);

        Assert.Equal("2026-12-02", (string?)FeedWorld.DataOf((await world.EventsAsync(3))[2])["promisedDeliveryPeriod"]!["endDate"]);
    }

    [Fact]
    public async Task What_its_partner_can_not_see_of_a_record_is_no_news()
    {
        await using var world = await FeedWorld.StartAsync();
        var id = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        await world.EventsAsync(1);

        await world.WriteAsync(id, """{"note":"a word among ourselves"}""");
        Assert.Single(await world.LaterAsync());
        await world.WriteAsync(id, """{"commitment_date":"2026-12-01 11:00:00"}""");

        Assert.Equal("order.changed.v1", (await world.EventsAsync(2))[1].Type);
    }

    [Fact]
    public async Task What_was_deleted_is_told_and_many_at_once_are_not_believed()
    {
        await using var world = await FeedWorld.StartAsync("every: 100ms, reconcile: 100ms, mostGone: 2");
        var ids = await world.EnterAsync(FeedWorld.Acme, "PO", count: 4);
        var subjects = (await world.EventsAsync(4)).Select(e => e.Subject).ToList();

        await world.ActAsync("sale.order", "unlink", ids[2]);
        var gone = (await world.EventsAsync(5))[4];
        await world.ActAsync("sale.order", "unlink", ids[0], ids[1], ids[3]);
        await world.LaterAsync(3);

        Assert.Equal(("order.deleted.v1", "acme", subjects[2]), (gone.Type, gone.Tenant, gone.Subject));
        Assert.Equal((subjects[2], ids[2].ToString(CultureInfo.InvariantCulture)), ((string?)FeedWorld.DataOf(gone)["id"], (string?)FeedWorld.DataOf(gone)["recordId"]));
        Assert.Equal(5, (await world.LaterAsync()).Count);
        Assert.Contains("3 records are gone at once", await world.ReadyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_becomes_anothers_is_gone_for_the_one_and_new_for_the_other()
    {
        await using var world = await FeedWorld.StartAsync();
        var id = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        await world.EventsAsync(1);

        await world.WriteAsync(id, $$"""{"partner_id":{{FeedWorld.Globex}}}""");
        var events = await world.EventsAsync(3);

        Assert.Equal([("globex", "order.created.v1"), ("acme", "order.deleted.v1")], events.Skip(1).Select(e => (e.Tenant, e.Type)));
        Assert.DoesNotContain("PO-1", FeedWorld.DataOf(events[2]).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipments_and_invoices_are_told_by_their_own_words()
    {
        await using var world = await FeedWorld.StartAsync(of: "orders: odoo/order.from, shipments: odoo/shipment.from, invoices: odoo/invoice.from");
        await world.LooksAsync(1, "odoo/shipments");
        var order = (await world.EnterAsync(FeedWorld.Acme, "PO-1"))[0];
        await world.ActAsync("sale.order", "action_confirm", order);
        await UntilAsync(world, "shipment.planned.v1");
        await world.ActAsync("stock.picking", "button_validate", 1);
        var shipped = await UntilAsync(world, "shipment.shipped.v1");
        var events = await world.LaterAsync();

        Assert.Equal("acme", shipped.Tenant);
        Assert.Equal("shipped", (string?)FeedWorld.DataOf(shipped)["shipmentStatusCode"]);
        Assert.Equal(["shipment.planned.v1", "shipment.shipped.v1"], events.Select(e => e.Type).Where(t => t.StartsWith("shipment.", StringComparison.Ordinal)));
        Assert.DoesNotContain(events, e => e.Type.StartsWith("invoice.", StringComparison.Ordinal));
    }

    private static async Task<NewEvent> UntilAsync(FeedWorld world, string type)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            if ((await world.Store.ReadEventsAsync(0, 1000, TestContext.Current.CancellationToken)).FirstOrDefault(e => e.Event.Type == type) is { } found) return found.Event;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"no {type}: {await world.ReadyAsync()}");
    }
}

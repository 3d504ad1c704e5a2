using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Admin;
using Gateway.Tests.Conformance.Idempotency;
using Xunit;

namespace Gateway.Tests.Conformance.Accepted;

/// <summary>What callers, partners and operators see of work that is accepted now and forwarded later.</summary>
public sealed class AcceptedTests
{
    private static readonly string Body = Orders.Body("PO-1");

    [Fact]
    public async Task An_order_is_received_with_202_followed_by_its_object_and_forwarded_when_the_backend_is_there()
    {
        await using var world = await AcceptedWorld.StartAsync();

        var received = await world.SendAsync("k-1", Body);

        var location = received.Header("Location");
        Assert.Equal((202, "", false), received.Kind());
        Assert.Matches("^/orders/ord_[a-z0-9]+$", location);
        Assert.Equal((location.Split('/')[^1], "received", "PO-1"), ((string?)received.Json()["id"], (string?)received.Json()["orderStatusCode"], (string?)received.Json()["client_order_ref"]));
        var shown = await world.ReadAsync(location);
        Assert.Equal((200, received.Body), (shown.Status, shown.Body));
        Assert.Equal(404, (await world.ReadAsync(location, "globex-shop")).Status);
        Assert.Equal("order.received.v1", await world.EventsAsync());

        world.Ledger.Act = LedgerAdapter.DoneAs("L-1");
        await world.UntilForwardedAsync(location);

        Assert.Equal("order.received.v1,order.accepted.v1", await world.EventsAsync());
        var replayed = await world.SendAsync("k-1", Body);
        Assert.Equal(((201, "", true), location), (replayed.Kind(), replayed.Header("Location")));
        Assert.Contains("L-1", replayed.Body, StringComparison.Ordinal);
        Assert.Equal("L-1", (string?)(await world.ReadAsync(location)).Json()["number"]);
        Assert.Empty(await world.IntentsAsync("waiting"));
    }

    [Fact]
    public async Task Key_and_reference_are_one_order_on_both_ways()
    {
        await using var world = await AcceptedWorld.StartAsync();
        var location = (await world.SendAsync("k-1", Body)).Header("Location");

        Assert.Equal(((202, "", true), location), (await world.SendAsync("k-1", Body)) is var again ? (again.Kind(), again.Header("Location")) : default);
        Assert.Equal((422, "idempotency-key-reused", false), (await world.SendAsync("k-1", Orders.Body("PO-2"))).Kind());
        var called = await world.SendAsync("k-2", Body, "/called");
        Assert.Equal(((202, "", false), location.Split('/')[^1]), (called.Kind(), (string?)called.Json()["id"]));
        var conflict = await world.SendAsync("k-3", Orders.Body("PO-1", quantity: 4), "/called");
        Assert.Equal((409, "reference-conflict", false), conflict.Kind());
        Assert.Contains(location.Split('/')[^1], conflict.Body, StringComparison.Ordinal);

        world.Ledger.Act = LedgerAdapter.DoneAs("L-1");
        world.Ledger.Find = () => LedgerAdapter.DoneAs("L-1")(new OperationCall(default, new Partner("acme", "Acme")) { ExternalId = "x" });
        await world.UntilForwardedAsync(location);
        var known = await world.SendAsync("k-2", Body, "/called");
        Assert.Equal((200, ""), (known.Status, known.Problem));
        Assert.Single(world.Ledger.Calls.Distinct());
        Assert.Single(await world.IntentsAsync("succeeded"));
    }

    [Fact]
    public async Task What_would_be_refused_for_its_shape_is_refused_at_once_and_nothing_is_stored()
    {
        await using var world = await AcceptedWorld.StartAsync();

        Assert.Equal(422, (await world.SendAsync("k-1", """{"buyer":"ACME-DE"}""")).Status);
        Assert.Equal(400, (await world.SendAsync("k-1", "{")).Status);
        Assert.Empty(await world.IntentsAsync("all"));
        Assert.Equal("", await world.EventsAsync());
    }

    [Fact]
    public async Task What_the_backend_refuses_is_rejected_with_its_reason_and_delays_no_other()
    {
        await using var world = await AcceptedWorld.StartAsync();
        var (bad, good) = (await world.SendAsync("k-1", Body), await world.SendAsync("k-2", Orders.Body("PO-2")));
        var poisoned = (string)(await world.IntentsAsync("all"))[^1]!["externalId"]!;

        var refused = 0;
        world.Ledger.Act = call =>
        {
            if (call.ExternalId != poisoned) return LedgerAdapter.DoneAs("L-2")(call);
            refused++;
            return AcceptedWorld.No;
        };
        await world.UntilForwardedAsync(good.Header("Location"));
        await world.UntilAsync(async () => (await world.IntentsAsync("parked")).Count == 1, "the order is parked");

        var shown = await world.ReadAsync(bad.Header("Location"));
        Assert.Equal((200, "rejected", "This buyer is blocked."), (shown.Status, (string?)shown.Json()["orderStatusCode"], (string?)shown.Json()["rejectionNote"]));
        Assert.Equal((422, "business-refused", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal(["order.accepted.v1", "order.received.v1", "order.received.v1", "order.rejected.v1"], (await world.EventsAsync()).Split(',').Order());
        Assert.Equal(1, refused);
        // Its reference is free: a corrected order takes it.
        Assert.Equal(202, (await world.SendAsync("k-3", Orders.Body("PO-1", quantity: 4))).Status);
    }

    [Fact]
    public async Task An_operator_has_a_parked_order_sent_again_or_ends_it_and_the_audit_tells()
    {
        await using var world = await AcceptedWorld.StartAsync(_ => AcceptedWorld.No);
        var first = await world.SendAsync("k-1", Body);
        await world.SendAsync("k-2", Orders.Body("PO-2"));
        await world.UntilAsync(async () => (await world.IntentsAsync("parked")).Count == 2, "both are parked");
        var ids = (await world.IntentsAsync("parked")).ToDictionary(i => (string)i!["objectId"]!, i => (string)i!["id"]!);
        var (again, ended) = (ids[first.Header("Location").Split('/')[^1]], ids.Single(i => i.Key != first.Header("Location").Split('/')[^1]).Value);

        world.Ledger.Act = LedgerAdapter.DoneAs("L-1");
        var retried = await world.AskAsync("POST", $"/intents/{again}/retry", """{"reason":"the buyer has paid"}""");
        var rejected = await world.AskAsync("POST", $"/intents/{ended}/reject", """{"reason":"the buyer is gone"}""");
        Assert.Equal((200, "waiting"), (retried.Status, retried.Text("state")));
        Assert.Equal((200, "refused"), (rejected.Status, rejected.Text("state")));
        await world.UntilForwardedAsync(first.Header("Location"));

        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal((422, "business-refused", true), (await world.SendAsync("k-2", Orders.Body("PO-2"))).Kind());
        Assert.Equal((409, "/problems/wrong-state"), (await world.AskAsync("POST", $"/intents/{ended}/retry", """{"reason":"too late"}""")) is var late ? (late.Status, late.Text("type")) : default);
        Assert.All((string[])["intents.retry", "olaf", again, "the buyer has paid", "parked", "waiting"], word => Assert.Contains(word, world.AuditOfAsync(retried).Result, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operator_rejects_what_waits_and_its_partner_is_told()
    {
        await using var world = await AcceptedWorld.StartAsync();
        var received = await world.SendAsync("k-1", Body);
        var lines = JsonNode.Parse((await world.AskAsync("GET", "/intents/lines")).Body)!.AsArray();
        Assert.Equal(("odoo", 1, 0), ((string?)lines[0]!["backend"], (int)lines[0]!["waiting"]!, (int)lines[0]!["parked"]!));
        Told? rejected = null;
        // It is held for moments by whoever tries to send it.
        await world.UntilAsync(async () => (await world.IntentsAsync("waiting")) is [{ } intent]
            && (rejected = await world.AskAsync("POST", $"/intents/{intent["id"]}/reject", """{"reason":"a double"}""")).Status == 200, "it is rejected");

        Assert.Equal("rejected", (string?)(await world.ReadAsync(received.Header("Location"))).Json()["orderStatusCode"]);
        Assert.Equal((422, "business-refused", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal("order.received.v1,order.rejected.v1", await world.EventsAsync());
        Assert.DoesNotContain("a double", (await world.SendAsync("k-1", Body)).Body, StringComparison.Ordinal);
        world.Ledger.Act = LedgerAdapter.DoneAs("L-1");
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Equal("order.received.v1,order.rejected.v1", await world.EventsAsync());
    }

    [Fact]
    public async Task A_call_that_could_not_be_sent_is_accepted_and_one_that_may_have_been_is_not()
    {
        await using var world = await AcceptedWorld.StartAsync();

        var received = await world.SendAsync("k-1", Body, "/called");
        Assert.Equal(((202, "", false), "order.received.v1"), (received.Kind(), await world.EventsAsync()));
        world.Ledger.Act = _ => new OperationResult(OperationStatus.Unknown);
        Assert.InRange((await world.SendAsync("k-2", Orders.Body("PO-2"), "/called")).Status, 502, 504);
        Assert.Equal("PO-1", (string?)(await world.ReadAsync(received.Header("Location").Replace("/called/", "/orders/", StringComparison.Ordinal))).Json()["client_order_ref"]);

        world.Ledger.Act = LedgerAdapter.DoneAs("L-1");
        await world.UntilForwardedAsync(received.Header("Location"));
        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Body, "/called")).Kind());
        Assert.Equal(201, (await world.SendAsync("k-3", Orders.Body("PO-3"), "/called")).Status);
    }

    [Fact]
    public async Task What_of_an_order_among_buyers_waits_lets_nothing_of_its_buyer_overtake()
    {
        await using var world = await AcceptedWorld.StartAsync();
        Assert.Equal(202, (await world.SendAsync("k-1", Body, "/lane")).Status);
        var sent = new List<string>();
        var held = true;
        world.Ledger.Act = call =>
        {
            if (Volatile.Read(ref held)) return AcceptedWorld.Down;
            lock (sent) sent.Add(call.Input.GetProperty("client_order_ref").GetString()!);
            return LedgerAdapter.DoneAs("L-1")(call);
        };
        for (var i = 2; i < 6; i++) Assert.Equal(202, (await world.SendAsync($"k-{i}", Orders.Body($"PO-{i}"), "/lane")).Status);

        Volatile.Write(ref held, false);
        await world.UntilAsync(() => Task.FromResult(sent.Count == 5), "all are sent");

        Assert.Equal("PO-1,PO-2,PO-3,PO-4,PO-5", string.Join(',', sent));
        await world.UntilAsync(async () => (await world.IntentsAsync("open")).Count == 0, "the lane is empty");
        Assert.Equal(201, (await world.SendAsync("k-6", Orders.Body("PO-6"), "/lane")).Status);
    }

    [Fact]
    public async Task The_most_urgent_goes_first_and_what_says_nothing_goes_last()
    {
        await using var world = await AcceptedWorld.StartAsync();
        foreach (var (reference, wanted) in ((string, string)[])[("PO-1", ""), ("PO-2", ",\"wanted\":\"2026-12-24\""), ("PO-3", ",\"wanted\":\"2026-12-01\""), ("PO-4", ",\"wanted\":[]")])
            Assert.Equal(202, (await world.SendAsync("k-" + reference, Orders.Body(reference)[..^1] + wanted + "}")).Status);

        var line = await world.Store.WaitingAsync("odoo", null, Waiting.InLine, 9, TestContext.Current.CancellationToken);

        Assert.Equal(["PO-3", "PO-2", "PO-1", "PO-4"], line.Select(i => (string?)JsonNode.Parse(i.Input.Span)!["client_order_ref"]));
    }

    [Fact]
    public async Task What_was_cut_off_on_its_way_is_settled_by_read_back_and_never_called_twice()
    {
        await using var world = await AcceptedWorld.StartAsync(_ => new OperationResult(OperationStatus.TimedOut));
        world.Ledger.Find = () => LedgerAdapter.DoneAs("L-7")(new OperationCall(default, new Partner("acme", "Acme")) { ExternalId = "x" });

        var received = await world.SendAsync("k-1", Body);
        await world.UntilForwardedAsync(received.Header("Location"));

        Assert.Single(world.Ledger.Calls);
        Assert.Equal((201, "", true), (await world.SendAsync("k-1", Body)).Kind());
        Assert.Equal("order.received.v1,order.accepted.v1", await world.EventsAsync());
    }

    [Fact]
    public async Task A_store_that_is_away_accepts_nothing()
    {
        AwayStore? away = null;
        await using var world = await AcceptedWorld.StartAsync(aroundStore: inner => (away = AwayStore.Around(inner)).Store);
        away!.Away = call => call == nameof(IWaitingStore.AcceptAsync);

        Assert.Equal((503, "store-unavailable", false), (await world.SendAsync("k-1", Body)).Kind());
        away.Away = _ => false;

        Assert.Equal((202, "", false), (await world.SendAsync("k-1", Body)).Kind());
    }
}

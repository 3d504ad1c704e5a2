using System.Text;
using System.Text.Json;
using Gateway.Policies.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>What the store has to do with it: without it nothing is written, and what it keeps is bounded.</summary>
public sealed class StoreTests
{
    private static readonly string Body = Orders.Body("PO-1");

    [Theory]
    [InlineData(nameof(IStore.FindKeyAsync))]
    [InlineData(nameof(IStore.BeginAsync))]
    public async Task Without_the_store_a_change_is_refused_and_never_let_through(string away)
    {
        AwayStore? store = null;
        await using var world = await KindWorld.StartAsync([Orders.Routes], aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        store!.Away = call => call == away;

        var refused = await world.SendAsync("k-1", Body);

        Assert.Equal((503, "store-unavailable", false), refused.Kind());
        Assert.InRange(refused.RetryAfter(), 1, 5);
        Assert.Equal(0, world.Odoo.CallsOf("ir.model.data", "search_read"));
        store.Away = null;
        Assert.Equal((201, "", false), (await world.SendAsync("k-1", Body)).Kind());
    }

    [Theory]
    [InlineData(nameof(IStore.BeginAsync), false)]
    [InlineData(nameof(IStore.ReleaseAsync), false)]
    [InlineData(nameof(IStore.ReleaseAsync), true)]
    public async Task What_was_not_sent_is_released_when_the_store_answers_again_and_never_done_later(string call, bool unheardOf)
    {
        AwayStore? store = null;
        var ledger = new LedgerAdapter(readsBack: true) { Act = static _ => new OperationResult(OperationStatus.NotSent) { Reason = "refused" } };
        await using var world = await KindWorld.StartAsync([Orders.Routes], adapters: ledger.With, aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        if (unheardOf) store!.Failure = static () => new InvalidDataException("22021");
        // The release fails; the claim is stored, and its answer lost.
        if (call == nameof(IStore.BeginAsync)) store!.Lost = name => name == call;
        store!.Away = name => name == nameof(IStore.ReleaseAsync);
        var refused = await world.SendAsync("k-1", Body);
        Assert.Equal((503, unheardOf ? "backend-unavailable" : "store-unavailable", false), refused.Kind());
        Assert.Single(await store.Store.IntentsAsync(IntentState.Open, 9, CancellationToken.None));
        Assert.Equal("still-running", (await world.SendAsync("k-1", Body)).Problem);

        (store.Away, store.Lost) = (null, null);
        ledger.Act = LedgerAdapter.DoneAs("L-1");

        Assert.Equal((201, "", false), (await world.UntilAnsweredAsync("k-1", Body)).Kind());
        Assert.Equal(call == nameof(IStore.BeginAsync) ? 1 : 2, ledger.Calls.Count);
        Assert.Equal(0, ledger.ReadBacks);
        Assert.Single(await store.Store.IntentsAsync(IntentState.NotDone, 9, CancellationToken.None));
    }

    [Fact]
    public async Task When_the_store_goes_away_after_the_call_the_repeat_finds_what_was_done()
    {
        AwayStore? store = null;
        await using var world = await KindWorld.StartAsync([Orders.Routes], aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        store!.Away = call => call is nameof(IStore.CompleteAsync) or nameof(IStore.LeaseAsync);
        Assert.Equal((503, "store-unavailable", false), (await world.SendAsync("k-1", Body)).Kind());

        store.Away = null;

        Assert.Equal((201, "", true), (await world.UntilAnsweredAsync("k-1", Body)).Kind());
        Assert.Single(world.Odoo.Orders);
        Assert.Equal(1, world.Odoo.CallsOf("sale.order", "load"));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_to_be_kept_is_made_again_of_what_was_done()
    {
        var ledger = new LedgerAdapter(readsBack: false) { Act = LedgerAdapter.DoneAs("L-1", length: 2 << 20) };
        await using var world = await KindWorld.StartAsync([Orders.Routes], adapters: ledger.With);
        var made = await world.SendAsync("k-1", Body);
        Assert.Equal((201, "", false), made.Kind());

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var again = await world.SendAsync("k-1", Body);
            Assert.Equal(((201, "", true), made.Header("Location")), (again.Kind(), again.Header("Location")));
            Assert.True(made.Body == again.Body, "the answer is another");
        }
        Assert.Equal((200, "", false), (await world.SendAsync("k-2", Body)).Kind());
        Assert.Single(ledger.Calls);
    }

    [Fact]
    public async Task What_another_node_may_be_at_is_running_and_its_lease_is_nobody_elses()
    {
        AwayStore? store = null;
        var ledger = new LedgerAdapter(readsBack: true);
        // To an embedded engine other owners are dead, and recovery would take their work at once: a shared one does not tell it so.
        await using var world = await KindWorld.StartAsync([Orders.Routes], adapters: ledger.With, aroundStore: inner =>
        {
            (store = AwayStore.Around(inner)).Away = call => call == nameof(IStore.AbandonedAsync);
            return store.Store;
        });
        await store!.Store.BeginAsync(OfAnotherNode(TimeSpan.FromSeconds(30), key: "k-1", reference: "R-1"), CancellationToken.None);
        await store.Store.BeginAsync(OfAnotherNode(-TimeSpan.FromSeconds(1), key: "k-2", reference: "R-2"), CancellationToken.None);
        ledger.Find = () => LedgerAdapter.DoneAs("L-7")(new OperationCall(default, new Partner("acme", "Acme")) { ExternalId = "x" });

        var running = await world.SendAsync("k-1", Body);
        var over = await world.SendAsync("k-2", Body);

        Assert.Equal(((409, "still-running", false), (201, "", true)), (running.Kind(), over.Kind()));
        var untouched = (await store.Store.FindIntentAsync("int_R-1", CancellationToken.None))!;
        Assert.Equal(("another-node", 0, IntentState.Open), (untouched.LeaseOwner, untouched.Version, untouched.State));
        Assert.Equal((1, 0), (ledger.ReadBacks, ledger.Calls.Count));
    }

    private static Intent OfAnotherNode(TimeSpan left, string key, string reference)
    {
        using var body = JsonDocument.Parse(Body);
        var until = TimeProvider.System.GetUtcNow() + left;
        return new Intent
        {
            Id = "int_" + reference,
            Tenant = "acme",
            Consumer = "acme-shop",
            Route = "orders.create",
            Path = Orders.Path,
            Backend = "odoo",
            Operation = "odoo/order.create",
            ExternalId = reference,
            Fingerprint = Fingerprint.Of(body.RootElement),
            Key = key,
            ObjectId = "ord_" + reference,
            Canonical = Encoding.UTF8.GetBytes(Body),
            Input = Encoding.UTF8.GetBytes(Body),
            CorrelationId = "c-" + reference,
            Revision = "r1",
            CreatedAt = until,
            OverAt = until,
            LeaseOwner = "another-node",
            LeaseUntil = until,
        };
    }
}

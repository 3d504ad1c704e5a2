using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>A request cancels an order that a flow carries out, and its own call is cut off: the flow and the request are two who could tell of it, and one does.</summary>
public sealed class CutCancellationTests
{
    private static readonly CaseWorkspaceFile Workspace = HeldOrders.Workspace("""
        steps:
          - step: look
            approve: { role: operator }
            timeout: 1d
            onTimeout: stay
        cancel:
          event: order.cancelled.v1
          steps:
            - step: withdraw
              call: odoo/order.cancel
              object: { kind: order }
              timeout: 1d
              noUndo: It is the end of the order.
            - step: cancelled
              if: $not($contains(flow.why, "order.cancelled.v1"))
              emit:
                event: order.cancelled.v1
                data: '{ "id": flow.key }'
        """, """
        orders.cancel:
          match: POST /orders/{id}/cancellation
          timeout: 2s
          policies: [callers, idempotency: {}]
          target: { call: odoo/order.cancel, object: "order/{id}", emits: order.cancelled.v1, first: { cancel: carry-out } }
        """);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The flow has cancelled it; what the request sends after that is cut off, and found done.</summary>
    [Fact]
    public async Task What_the_flow_has_cancelled_and_told_of_is_not_told_again_by_the_request_that_finds_it_so()
    {
        var (world, ledger, away) = await StartAsync();
        await using var running = world;
        var location = (await world.SendAsync("k-1", Orders.Body("PO-1"))).Header("Location");
        await HeldOrders.UntilAsync(away.Store, all => all.Any(f => f.Stage == "look"));
        ledger.Act = call => IsFlows(call) ? LedgerAdapter.DoneAs("L-1")(call) : new OperationResult(OperationStatus.Unknown);
        ledger.Find = Found;

        var answer = await CancelAsync(world, location);

        Assert.Equal(200, answer.Status);
        Assert.Equal(FlowState.Cancelled, Assert.Single(await HeldOrders.UntilAsync(away.Store, _ => true)).State);
        Assert.Equal(["order.accepted.v1", "order.cancelled.v1"], await EventsAsync(away.Store));
    }

    /// <summary>When the request came there was no flow yet; by the time that its outcome is found out, there is one.</summary>
    [Fact]
    public async Task What_the_request_has_done_before_there_was_a_flow_is_told_once_when_its_outcome_is_found_out_after_that()
    {
        var (world, ledger, away) = await StartAsync();
        await using var running = world;
        away.Away = static call => call == nameof(IStore.HearAsync);
        var location = (await world.SendAsync("k-1", Orders.Body("PO-1"))).Header("Location");
        ledger.Act = call => IsFlows(call) ? LedgerAdapter.DoneAs("L-1")(call) : new OperationResult(OperationStatus.Unknown);
        ledger.Find = static () => new OperationResult(OperationStatus.Unknown);
        Assert.NotEqual(200, (await CancelAsync(world, location)).Status);
        away.Away = null;
        await HeldOrders.UntilAsync(away.Store, all => all.Any(f => f.Stage == "look"));

        ledger.Find = Found;
        await UntilAsync(async () => (await CancelAsync(world, location)).Status == 200);
        await HeldOrders.UntilAsync(away.Store, all => all.All(f => f.EndedAt is not null));

        Assert.Equal(FlowState.Cancelled, Assert.Single(await HeldOrders.UntilAsync(away.Store, _ => true)).State);
        Assert.Equal(["order.accepted.v1", "order.cancelled.v1"], await EventsAsync(away.Store));
        Assert.Empty(await away.Store.IntentsAsync(IntentState.Open, 10, Cancellation));
    }

    private static bool IsFlows(OperationCall call) => call.ExternalId!.StartsWith("fls_", StringComparison.Ordinal);

    private static OperationResult Found() => LedgerAdapter.DoneAs("L-1")(new OperationCall(default, new Partner("acme", "Acme")) { ExternalId = "x" });

    private static Task<Answered> CancelAsync(KindWorld world, string location) => world.SendAsync("c-1", "{}", location + "/cancellation");

    private static async Task<IEnumerable<string>> EventsAsync(IStore store) => (await store.ReadEventsAsync(0, 100, Cancellation)).Select(e => e.Event.Type);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            if (tries == 400) throw new TimeoutException("it never came to that");
            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task<(KindWorld World, LedgerAdapter Ledger, AwayStore Away)> StartAsync()
    {
        var ledger = new LedgerAdapter(readsBack: true);
        AwayStore? away = null;
        var world = await KindWorld.StartAsync([Workspace], adapters: ledger.With, aroundStore: inner => (away = AwayStore.Around(inner)).Store);
        return (world, ledger, away!);
    }
}

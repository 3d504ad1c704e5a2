using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Flows;

/// <summary>A route that takes orders, and a flow that begins with each and waits for people.</summary>
internal static class HeldOrders
{
    public const string Flow = "carry-out";

    /// <param name="steps">Of the flow, and what else it says.</param>
    /// <param name="route">One more.</param>
    /// <param name="more">Of the document, behind that.</param>
    public static CaseWorkspaceFile Workspace(string steps, string route = "", string more = "") => new()
    {
        Path = "routes/orders.yaml",
        Content = $"""
            apis:
              orders:
                owner: us
                routes:
                  orders.create:
                    match: POST /orders
                    timeout: 5s
                    policies: [callers, idempotency: {"{ key: [buyer, client_order_ref] }"}]
                    target: {"{ call: odoo/order.create, creates: order, emits: order.accepted.v1 }"}
            {Indented(route, 6)}
            flows:
              {Flow}:
                owner: us
                description: Waits for people.
                runbook: https://wiki.example/carry-out
                on: {"{ event: order.accepted.v1, key: data.id }"}
                promise: 1d
            {Indented(steps, 4)}
            {more}
            """,
    };

    public static async Task<IReadOnlyList<FlowInstance>> UntilAsync(IStore store, Func<IReadOnlyList<FlowInstance>, bool> holds, string flow = Flow)
    {
        for (var tries = 0; ; tries++)
        {
            var all = await store.FlowsAsync(new FlowFilter { Flow = flow }, 10, TestContext.Current.CancellationToken);
            if (holds(all)) return all;
            if (tries == 400) throw new TimeoutException(string.Join(", ", all.Select(f => $"{f.Key} {f.State} {f.Stage}")));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(line => new string(' ', by) + line));
}

using System.Text.RegularExpressions;
using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;

namespace Gateway.Tests.Functional.Flows;

/// <summary>The shipped workspace and its flows, in a hurry: what a webhook that was lost is asked for after hours there is asked for after seconds here.</summary>
internal static partial class FlowWorkspace
{
    private const string Resilience = "{ attempt: 1500ms, circuit: { minimumCalls: 10, window: 3s, break: 1s } }";

    public static TestWorkspace Create(StormBackends backends, string stateSection)
    {
        backends.Odoo.SetStock("DESK0005", "WH", 1_000_000);
        var workspace = new TestWorkspace(backends.Odoo.Url, backends.Tms.Url, backends.Partner.Url);
        workspace.Write("policies.test.yaml", $$"""
            governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
            policies:
              partner-quota: { rateLimit: { limit: 1000000, tiers: { gold: 1000000 } } }
              orders-a-month: { quota: { limit: 1000000, per: month, tiers: { gold: 1000000 } } }
            backends:
              odoo: { url: "{{backends.Odoo.Url}}", database: demo, timeout: 3s, resilience: {{Resilience}} }
              wms: { url: "{{backends.Wms.Url}}", timeout: 3s, resilience: {{Resilience}} }
              tms: { url: "{{backends.Tms.Url}}", timeout: 3s, resilience: {{Resilience}} }
            partners:
              acme:
                webhooks: { orders: { url: "{{backends.Partner.Url}}webhooks/acme", events: ["*"], order: fifo, timeout: 3s, retry: [{{string.Join(", ", Enumerable.Repeat("1s", 300))}}] } }
            operators:
              tester: { roles: [operator], tokens: [{ secret: secret://env/OPERATOR_TOKEN }] }
            apis:
              orders: { routes: { orders.create: { timeout: 5s, target: { whenDown: fail } }, orders.cancel: { timeout: 10s } } }
            {{stateSection}}
            """);
        var flow = workspace.Read("flows/order-to-ship.yaml");
        flow = Calls().Replace(flow, "$0$1retry: { attempts: 100, first: 100ms, most: 2s }").Replace("timeout: 4h", "timeout: 5s", StringComparison.Ordinal);
        workspace.Write("flows/order-to-ship.yaml", flow);
        return workspace;
    }

    [GeneratedRegex(@"(\n +)call: .*")]
    private static partial Regex Calls();
}

using System.Globalization;
using Gateway.Tests.Functional.Support;

namespace Gateway.Tests.Functional.Storm;

/// <summary>The shipped workspace, with every backend, both partners' webhooks, and a route for whatever of the adapters has none there.</summary>
internal static class StormWorkspace
{
    public const string WmsHookSecret = "whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=";

    /// <summary>What both partners subscribe to: all that happens to what they asked for.</summary>
    private static readonly string Events = $"[{string.Join(", ",
    [
        "order.received.v1", "order.rejected.v1", "order.accepted.v1", "order.changed.v1", "order.cancelled.v1", "order.confirmed.v1", "shipment.booked.v1",
        "return.announced.v1", "return.received.v1", "invoice.issued.v1", "credit-note.issued.v1", "storm.warehouse-order.v1",
        "storm.warehouse-order-cancelled.v1", "storm.label.v1", "storm.label-voided.v1", "storm.tender.v1", "storm.notice.v1",
    ])}]";

    public static TestWorkspace Create(StormBackends backends, string stateSection)
    {
        var workspace = new TestWorkspace(backends.Odoo.Url, backends.Tms.Url, backends.Partner.Url);
        string Secret(string name, string secret) => "secret://file" + workspace.Beside(name, secret);
        workspace.Write("policies.test.yaml", Overlay(backends, Secret("partner-key", "demo-partner-key"), stateSection));
        workspace.Write("routes/storm.yaml", Routes(backends, Secret));
        return workspace;
    }

    /// <summary>Circuits are on, as in production, and short, since every backend is ill every few seconds.</summary>
    private static string Overlay(StormBackends backends, string partnerKey, string stateSection) => $$"""
        governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
        policies:
          partner-quota: { rateLimit: { limit: 1000000, tiers: { gold: 1000000 } } }
          orders-a-month: { quota: { limit: 1000000, per: month, tiers: { gold: 1000000 } } }
        backends:
          odoo: { url: "{{backends.Odoo.Url}}", database: demo, timeout: 3s, resilience: {{Resilience}} }
          wms: { url: "{{backends.Wms.Url}}" }
          tms: { url: "{{backends.Tms.Url}}", timeout: 3s, resilience: {{Resilience}} }
        partners:
          # What a test orders, it carries out itself.
          acme:
            flows: []
            webhooks: { orders: { url: "{{backends.Partner.Url}}webhooks/acme", {{Webhook}} } }
            endpoints: { notices: {{Endpoint(backends, partnerKey)}} }
          globex:
            flows: []
            webhooks: { orders: { url: "{{backends.Partner.Url}}webhooks/globex", secrets: [secret://env/ACME_WEBHOOK_SECRET], {{Webhook}} } }
            endpoints: { notices: {{Endpoint(backends, partnerKey)}} }
        operators:
          tester: { roles: [operator], tokens: [{ secret: secret://env/OPERATOR_TOKEN }] }
        apis:
          orders: { routes: { orders.create: { timeout: 5s, target: { whenDown: fail } }, orders.change: { timeout: 5s }, orders.cancel: { timeout: 5s }, orders.confirm: { timeout: 5s } } }
          shipments: { routes: { shipments.book: { timeout: 5s } } }
          returns: { routes: { returns.create: { timeout: 5s }, returns.receive: { timeout: 5s } } }
          invoices: { routes: { invoices.create: { timeout: 5s }, credit-notes.create: { timeout: 5s } } }
        {{stateSection}}
        """;

    private const string Resilience = "{ attempt: 1500ms, circuit: { minimumCalls: 10, window: 3s, break: 1s } }";

    /// <summary>Its attempts last longer than any storm, so that what is dead is dead by mistake.</summary>
    private static readonly string Webhook = $"events: {Events}, timeout: 3s, retry: [{string.Join(", ", [.. Enumerable.Repeat("500ms", 4), .. Enumerable.Repeat("1s", 20), .. Enumerable.Repeat("3s", 400)])}]";

    private static string Endpoint(StormBackends backends, string key) =>
        $$"""{ url: "{{backends.Partner.Url}}documents", readBack: "/{id}", credential: { key: {{key}} } }""";

    private static string Routes(StormBackends backends, Func<string, string, string> secret)
    {
        var (wmsKey, wmsHooks) = (secret("wms-key", "demo-wms-key"), secret("wms-hooks", WmsHookSecret));
        var tmsKey = secret("tms-key", "demo-tms-key");
        var routes = $$"""
            backends:
              warehouse:
                { adapter: wms, url: "{{backends.Wms.Url}}", channel: 100001, credential: { key: "{{wmsKey}}" }, timeout: 3s, resilience: {{Resilience}}, webhooks: { secrets: ["{{wmsHooks}}"] } }
              carriers:
                { adapter: tms, url: "{{backends.Tms.Url}}", credential: { key: "{{tmsKey}}", header: API-Key }, timeout: 3s, resilience: {{Resilience}}, webhooks: {} }
              notices: { adapter: partner, allowInside: true, timeout: 3s, resilience: {{Resilience}} }
              plain: { adapter: http, url: "{{backends.Tms.Url}}", credential: { key: "{{tmsKey}}", header: API-Key }, timeout: 3s, limits: { concurrent: 16 }, resilience: {{Resilience}} }
            apis:
              storm:
                owner: order-desk
                description: What of the adapters no shipped route calls, and orders that are accepted.
                lifecycle: published
                routes:
            """;
        foreach (var (name, target) in ((string, string)[])
            [
                ("later", "{ accept: odoo/order.create, creates: order, emits: order.accepted.v1 }"),
                ("patient", "{ call: odoo/order.create, creates: order, emits: order.accepted.v1, whenDown: accept }"),
            ])
        {
            routes += string.Create(CultureInfo.InvariantCulture, $$"""

                      storm.orders-{{name}}:
                        match: POST /v1/storm/orders-{{name}}
                        policies:
                          - partner-callers
                          - authorize: { scopes: [orders.write] }
                          - contract: { request: order@1, response: order-response@1 }
                          - idempotency: { key: [buyerParty.id, customerReference] }
                          - transform: { request: odoo/order.to, response: odoo/order.from }
                        target: {{target}}
                        timeout: 5s
                """);
        }
        foreach (var (name, match, path) in ((string, string, string)[])
            [
                ("plain-read", "\"GET /v1/storm/plain/{id}\"", "\"/v1/labels/external_shipment_id/{id}\""),
                ("plain-write", "POST /v1/storm/plain", "/v1/labels"),
            ])
        {
            routes += string.Create(CultureInfo.InvariantCulture, $$"""

                      storm.{{name}}:
                        match: {{match}}
                        policies: [partner-callers, authorize: { scopes: [orders.write] }]
                        target: { forward: plain, path: {{path}} }
                """);
        }
        foreach (var (name, match, target) in ((string, string, string)[])
            [
                ("warehouse-orders", "POST /v1/storm/warehouse-orders", "{ call: warehouse/warehouse-order.create, creates: storm-warehouse-order, emits: storm.warehouse-order.v1 }"),
                ("warehouse-orders-cancel", "POST /v1/storm/warehouse-orders/{id}/cancellation",
                    "{ call: warehouse/warehouse-order.cancel, object: \"storm-warehouse-order/{id}\", emits: storm.warehouse-order-cancelled.v1 }"),
                ("labels", "POST /v1/storm/labels", "{ call: carriers/label.create, creates: storm-label, emits: storm.label.v1 }"),
                ("labels-void", "POST /v1/storm/labels/{id}/void", "{ call: carriers/label.void, object: \"storm-label/{id}\", emits: storm.label-voided.v1 }"),
                ("tenders", "POST /v1/storm/tenders", "{ call: carriers/tender.create, creates: load-tender, emits: storm.tender.v1 }"),
                ("notices", "POST /v1/storm/notices", "{ call: notices/document.send, emits: storm.notice.v1 }"),
            ])
        {
            routes += string.Create(CultureInfo.InvariantCulture, $$"""

                      storm.{{name}}:
                        match: {{match}}
                        policies: [partner-callers, authorize: { scopes: [orders.write] }, idempotency: {}]
                        target: {{target}}
                        timeout: 5s
                """);
        }
        return routes + "\n";
    }
}

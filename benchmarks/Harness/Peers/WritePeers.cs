using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>Who takes orders into Odoo, and an Odoo that is quick enough never to be waited for.</summary>
internal static class WritePeers
{
    public static Task<Server> StartOdooAsync(Stage stage)
    {
        var url = Ports.Free();
        return stage.StartAsync(ProgramStart.DotNet("odoo", stage.Settings.Built("OdooStub", "OdooStub"), url, "--urls", url.AbsoluteUri));
    }

    public static Task<Server> StartByHandAsync(Stage stage, string name, Uri odoo, Tokens tokens)
    {
        var url = Ports.Free();
        return stage.StartAsync(ProgramStart.DotNet(name, stage.Settings.Built("HandWrittenOrders", "HandWrittenOrders"), url,
            "--urls", url.AbsoluteUri, "--odoo", odoo.AbsoluteUri, "--data", stage.Folder($"{name}-data"), "--keys", stage.Folder($"{name}-keys"),
            "--issuer", tokens.Issuer.AbsoluteUri, "--audience", Tokens.Audience));
    }

    /// <summary>The product with the contracts and mappings of this repository, on a route like its own <c>orders.create</c>.</summary>
    public static Task<Server> StartOursAsync(Stage stage, string name, Uri odoo, Tokens tokens)
    {
        var folder = stage.Folder($"{name}-workspace");
        foreach (var file in (string[])["canonical/order@1.schema.json", "canonical/order-response@1.schema.json", "odoo/order.to.jsonata", "odoo/order.from.jsonata"])
            stage.Write($"{name}-workspace/transforms/{file}", File.ReadAllText(Path.Combine(stage.Settings.Repository, "transforms", file)));
        stage.Write($"{name}-workspace/policies.yaml", $$"""
            issuers:
              bench: { issuer: "{{tokens.Issuer.AbsoluteUri}}", audience: "{{Tokens.Audience}}" }
            policies:
              jwt: { authenticate: { bearer: { issuers: [bench] } } }
              limit: { rateLimit: { limit: 10000000, window: 1m, by: consumer } }
            backends:
              odoo: { adapter: odoo, url: "{{odoo.AbsoluteUri}}", database: bench, credential: "secret://env/BENCHMARK_KEY" }
            companies:
              main: { name: Main, id: 1 }
            apis:
              orders:
                owner: benchmarks
                description: Orders, taken into Odoo.
                routes:
                  orders.create:
                    match: POST /v1/orders
                    policies:
                      - jwt
                      - limit
                      - authorize: { when: [{ if: buyerParty.id in $partner.buyers, reason: buyer-of-another }] }
                      - contract: { request: order@1, response: order-response@1 }
                      - idempotency: { key: [buyerParty.id, customerReference] }
                      - transform: { request: odoo/order.to, response: odoo/order.from }
                    target: { call: odoo/order.create, creates: order, emits: order.accepted.v1 }
                    maxBody: 256KB
            partners:
              bench:
                name: Benchmark
                buyers: [BUYER-1]
                companies: [main]
                warehouse: WH
                consumers:
            {{string.Join('\n', Ours.Clients.Select(c => $"      {c}: {{ subjects: [bench/{c}] }}"))}}

            """);
        return Ours.ServeAsync(stage, name, folder);
    }
}

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Routes that take tokens, and requests that carry them.</summary>
internal static class TokenWorld
{
    /// <summary>Routes <c>/any</c>, <c>/reads</c> and <c>/writes</c> for tokens of an issuer, and a consumer of it, <c>shop-client</c>.</summary>
    /// <param name="issuer">The issuer's options, in YAML's flow style.</param>
    /// <param name="subjects">Those of the consumer.</param>
    /// <param name="governance">In YAML's flow style.</param>
    public static CaseWorkspaceFile[] Files(string issuer, string subjects = "it/shop-client", string governance = "{}") =>
    [
        new CaseWorkspaceFile
        {
            Path = "routes/cases.yaml",
            Content = $$"""
                issuers:
                  it: { {{issuer}} }
                partners:
                  initech:
                    name: Initech
                    consumers:
                      initech-shop: { subjects: [{{subjects}}], keys: [{ secret: secret://demo/key-of-initech }], scopes: [orders.read, orders.write] }
                apis:
                  cases:
                    owner: us
                    routes:
                      any:
                        match: GET /any
                        policies: [authenticate: { apiKey: {}, bearer: { issuers: [it] } }]
                        target: { forward: echo }
                      reads:
                        match: GET /reads
                        policies: [{ authenticate: { bearer: { issuers: [it] } } }, { authorize: { scopes: [orders.read] } }]
                        target: { forward: echo }
                      writes:
                        match: GET /writes
                        policies: [{ authenticate: { bearer: { issuers: [it] } } }, { authorize: { scopes: [orders.write] } }]
                        target: { forward: echo }
                """,
        },
        new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = $"governance: {governance}" },
    ];

    public static Task<Answered> GetAsync(this KindWorld world, string path, string token, CancellationToken cancellation) =>
        world.SendAsync(new CaseRequest { Path = path, Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer " + token } }, cancellation);
}

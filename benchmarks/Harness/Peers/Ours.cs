using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>The product as shipped: <c>serve</c> from its Release build, with its store, telemetry, audit and correlation ids.</summary>
internal static class Ours
{
    public const string ApiKey = "benchmark-key";

    /// <summary>Clients of the token issuer, each a consumer.</summary>
    public static IReadOnlyList<string> Clients { get; } = [.. Enumerable.Range(0, 100).Select(n => $"client-{n}")];

    /// <summary>Serves a workspace that lies in a folder of the stage.</summary>
    public static Task<Server> ServeAsync(Stage stage, string name, string workspace, params IEnumerable<string> more)
    {
        var url = Ports.Free();
        return stage.StartAsync(ProgramStart.DotNet(name, stage.Settings.Built("Gateway", "gateway"), url,
        [
            "serve", workspace, "--urls", url.AbsoluteUri, "--admin-urls", Ports.Free().AbsoluteUri,
            "--data", stage.Folder($"{name}-data"), "--keys", stage.Folder($"{name}-keys"), .. more,
        ]) with
        {
            Environment = new Dictionary<string, string> { ["BENCHMARK_KEY"] = ApiKey },
        });
    }

    /// <summary>A gateway with one forwarded route, <c>GET /v1/parcels/{id}</c>, and these policies on it.</summary>
    /// <param name="more">Sections of the workspace.</param>
    public static Task<Server> ServeForwardAsync(Stage stage, string name, Uri origin, Tokens tokens, string policies, string more = "")
    {
        var folder = stage.Folder($"{name}-workspace");
        stage.Write($"{name}-workspace/policies.yaml", $$"""
            issuers:
              bench: { issuer: "{{tokens.Issuer.AbsoluteUri}}", audience: "{{Tokens.Audience}}" }
            policies:
              key: { authenticate: { apiKey: {} } }
              jwt: { authenticate: { bearer: { issuers: [bench] } } }
              limit: { rateLimit: { limit: 10000000, window: 1m, by: consumer } }
            backends:
              origin: { adapter: http, url: "{{origin.AbsoluteUri}}" }
            apis:
              parcels:
                owner: benchmarks
                description: One forwarded route.
                routes:
                  parcels.read: { match: "GET /v1/parcels/{id}", {{(policies.Length == 0 ? "public: Measured without policies., " : "")}}policies: [{{policies}}], target: { forward: origin } }
            partners:
              bench:
                name: Benchmark
                consumers:
                  bench-key: { keys: [{ secret: "secret://env/BENCHMARK_KEY" }] }
            {{string.Join('\n', Clients.Select(c => $"      {c}: {{ subjects: [bench/{c}] }}"))}}
            {{more}}

            """);
        return ServeAsync(stage, name, folder);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Benchmarks;

/// <summary>
/// Workspaces of any size, written as a platform team would have them: an API of <see cref="RoutesPerApi"/> routes a file, a partner of
/// <see cref="ConsumersPerPartner"/> consumers a file, keys by hash, one http backend, the demo's named policies.
/// </summary>
internal static class Workspaces
{
    public const int RoutesPerApi = 50;
    public const int ConsumersPerPartner = 10;

    private const int RequestCount = 50_000;
    private const int RequestSeed = 20_26;

    private static readonly (string Method, string Path, string Verb)[] Shapes =
    [
        ("GET", "", "list"), ("GET", "/{id}", "read"), ("POST", "", "create"), ("PUT", "/{id}", "replace"), ("GET", "/{id}/lines/{line}", "line"),
    ];

    private static readonly string[] Things = ["parcels", "shipments", "invoices", "returns", "prices", "stocks", "items", "addresses", "documents", "claims"];

    /// <summary>The API key of a consumer, from 0.</summary>
    public static string Key(int consumer) => string.Create(CultureInfo.InvariantCulture, $"bench-key-{consumer:00000}");

    /// <summary>A path of each GET route with its parameters filled in, in the order of the routes.</summary>
    public static IEnumerable<string> Paths(int routes) => Enumerable.Range(0, routes).Select(Route).Where(r => r.Method == "GET")
        .Select(r => r.Path.Replace("{id}", "4711", StringComparison.Ordinal).Replace("{line}", "7", StringComparison.Ordinal));

    /// <summary>GET requests for all routes from all consumers, at random but always the same: a line each, path and key.</summary>
    public static string Requests(int routes, int consumers)
    {
        var (paths, random) = (Paths(routes).ToList(), new Random(RequestSeed));
        return string.Concat(Enumerable.Range(0, RequestCount).Select(_ => $"{paths[random.Next(paths.Count)]} {Key(random.Next(consumers))}\n"));
    }

    /// <summary>Writes a workspace into a directory; what of an earlier one has the same names is replaced.</summary>
    /// <param name="note">Stands in every API's description: another note is another revision.</param>
    public static void Write(string directory, int routes, int consumers, Uri backend, string note = "as first written")
    {
        Save(Path.Combine(directory, "policies.yaml"), Policies(backend));
        foreach (var api in Enumerable.Range(0, routes).Chunk(RoutesPerApi)) Save(Path.Combine(directory, "routes", ApiOf(api[0]) + ".yaml"), Api(api, note));
        foreach (var partner in Enumerable.Range(0, consumers).Chunk(ConsumersPerPartner))
            Save(Path.Combine(directory, "partners", PartnerOf(partner[0]) + ".yaml"), Partner(partner));
    }

    private static string Policies(Uri backend) => $$"""
        issuers:
          company:
            issuer: https://login.example.com/
            audience: api://gateway

        tiers:
          standard: { description: As agreed in the general terms. }
          gold: { description: Partners with a volume contract. }

        policies:
          partner-callers:
            authenticate:
              apiKey: { header: X-Api-Key }
              bearer: { issuers: [company] }
          partner-quota:
            rateLimit: { limit: 1000000, window: 1s, by: consumer, tiers: { gold: 2000000 } }

        backends:
          origin:
            adapter: http
            url: {{backend.AbsoluteUri}}
            timeout: 10s

        governance:
          addressLimit: { perSecond: 10000000 }

        """;

    private static string Api(int[] routes, string note)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            apis:
              {ApiOf(routes[0])}:
                owner: team-{routes[0] / RoutesPerApi % 12}
                description: {Things[routes[0] / RoutesPerApi % Things.Length]} and what belongs to them, {note}.
                routes:

            """);
        foreach (var (method, path, name) in routes.Select(Route))
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                      {{name}}:
                        match: {{method}} {{path}}
                        policies: [partner-callers, partner-quota]
                        target: { forward: origin, path: "/backend{{path}}" }
                        maxBody: 256KB

                """);
        }
        return text.ToString();
    }

    private static string Partner(int[] consumers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            partners:
              {PartnerOf(consumers[0])}:
                name: Partner {consumers[0] / ConsumersPerPartner} GmbH
                tier: {(consumers[0] / ConsumersPerPartner % 5 == 0 ? "gold" : "standard")}
                consumers:

            """);
        foreach (var consumer in consumers)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                      consumer-{{consumer}}:
                        keys: [{ sha256: {{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key(consumer))))}} }]
                        subjects: [company/consumer-{{consumer}}]

                """);
        }
        return text.ToString();
    }

    /// <summary>Five routes a resource; ten resources an API.</summary>
    private static (string Method, string Path, string Name) Route(int number)
    {
        var (method, path, verb) = Shapes[number % Shapes.Length];
        var thing = Things[number / Shapes.Length % Things.Length];
        return (method, $"/v1/{ApiOf(number)}/{thing}{path}", $"{ApiOf(number)}.{thing}.{verb}");
    }

    private static string ApiOf(int route) => string.Create(CultureInfo.InvariantCulture, $"area-{route / RoutesPerApi:00}");

    private static string PartnerOf(int consumer) => string.Create(CultureInfo.InvariantCulture, $"partner-{consumer / ConsumersPerPartner:0000}");

    private static void Save(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

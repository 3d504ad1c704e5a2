using Gateway.Adapters.Gates;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The adapter of docs/backends.md that does not speak REST, and what adds it to the suite.</summary>
internal static class GatesSamples
{
    public static readonly AdapterSample Adapter = new("gates", GatesDouble.PlayAsync, Options,
    [
        new("visit.announce", world => ValueTask.FromResult(Visit(world, $"HH-AB {world.Next()}")))
        {
            ChangedBy = ("POST", "/rpc/announce"),
            Times = (world, call) => world.Gates.Count(call.ExternalId!),
            Refused = world => ValueTask.FromResult(Visit(world, GatesDouble.Banned)),
        },
        new("visit.read", async world => world.Call("{}", reference: (await world.DoneAsync("visit.announce")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "999")),
        },
    ])
    {
        Key = GatesDouble.Key,
        Chatter =
        [
            (200, """{ "jsonrpc": "2.0", "id": 1, "error": { "code": 1, "message": "{leak}" } }"""),
            (200, """{ "jsonrpc": "2.0", "id": 1, "error": { "code": -32603, "message": "{leak}" } }"""),
            (500, """{ "trace": "{leak}" }"""),
            (200, """{ "jsonrpc": "2.0", "id": 1, "result": "{leak}" }"""),
        ],
    };

    private static OperationCall Visit(SampleWorld world, string plate) => world.Call($$"""{ "plate": "{{plate}}" }""", $"visit_{world.Next()}");

    private static GatesOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "gates",
        Url = url,
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}

using Gateway.Adapters.Scales;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The adapter that docs/backends.md shows how to add, and what adds it to the suite.</summary>
internal static class ScalesSamples
{
    public static readonly AdapterSample Adapter = new("scales", ScalesDouble.PlayAsync, Options,
    [
        new("ticket.create", world => ValueTask.FromResult(Ticket(world, kilograms: 480)))
        {
            ChangedBy = ("POST", "/tickets"),
            Times = (world, call) => world.Scales.Count(call.ExternalId!),
            Refused = world => ValueTask.FromResult(Ticket(world, kilograms: 1200)),
        },
        new("ticket.read", async world => world.Call("{}", reference: (await world.DoneAsync("ticket.create")).Result.Reference))
        {
            Missing = world => ValueTask.FromResult(world.Call("{}", reference: "999")),
        },
    ])
    {
        Key = ScalesDouble.Key,
        Chatter =
        [
            (422, """{ "error": { "code": "too_heavy", "message": "{leak}" } }"""),
            (500, """{ "error": { "code": "internal", "message": "{leak}" } }"""),
            (500, """{ "trace": "{leak}" }"""),
            (200, """{ "surprise": "{leak}" }"""),
        ],
    };

    private static OperationCall Ticket(SampleWorld world, int kilograms) =>
        world.Call($$"""{ "pallet": "PAL-{{world.Next()}}", "kilograms": {{kilograms}} }""", $"ticket_{world.Next()}");

    private static ScalesOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "scales",
        Url = url,
        Credential = new CredentialOptions { Key = key },
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}

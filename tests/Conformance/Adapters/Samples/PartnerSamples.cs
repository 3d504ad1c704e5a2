using Gateway.Adapters.Partners;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>A partner's own API on its simulator. Nobody knows how partners word their errors, so the status alone is believed.</summary>
internal static class PartnerSamples
{
    public static readonly AdapterSample Adapter = new("partner", PlayAsync, Options,
    [
        new("document.send", world => ValueTask.FromResult(Document(world)))
        {
            ChangedBy = ("POST", "/documents"),
            Times = (world, call) => world.PartnersEndpoint.Documents.Count(document => document.Key == call.ExternalId),
            Refused = world =>
            {
                world.Chaos.Set(new ChaosRule(ChaosMode.Error) { Status = 422, Method = "POST" });
                return ValueTask.FromResult(Document(world));
            },
        },
    ])
    {
        Key = "demo-partner-key",
        BelievesStatus = true,
        Endpoint = (url, key) => new EndpointOptions { Url = new Uri(url, "documents"), ReadBack = "/{id}", Credential = new CredentialOptions { Key = key } },
    };

    private static OperationCall Document(SampleWorld world) => world.Call("""{ "number": "A-1" }""", $"document_{world.Next()}");

    private static async Task<PlayedBackend> PlayAsync()
    {
        var partner = await PartnerSimulator.StartAsync();
        return new PlayedBackend(partner, partner.Url, partner.Chaos, () => partner.Requests, () => partner.LastTraceParent);
    }

    private static PartnerOptions Options(Uri url, Secret key) => new()
    {
        Adapter = "partner",
        Url = url,
        AllowInside = true,
        Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
    };
}

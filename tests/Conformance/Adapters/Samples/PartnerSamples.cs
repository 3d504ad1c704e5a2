using Gateway.Adapters.Partners;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>A partner's own API on its simulator. Nobody knows how partners word their errors, so the status alone is believed.</summary>
internal static class PartnerSamples
{
    public static readonly AdapterSample Adapter = new("partner", PlayAsync, Options,
    [
        new("document.send", world => ValueTask.FromResult(world.Call("""{ "number": "A-1" }""", $"document_{world.Next()}")))
        {
            ChangedBy = ("POST", "/documents"),
            Times = (world, call) => world.PartnersEndpoint.Documents.Count(document => document.Key == call.ExternalId),
        },
    ])
    {
        Key = "demo-partner-key",
        BelievesStatus = true,
        Endpoint = (url, key) => new EndpointOptions { Url = new Uri(url, "documents"), ReadBack = "/{id}", Credential = new CredentialOptions { Key = key } },
    };

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

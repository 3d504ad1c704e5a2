using Gateway.Adapters.Http;
using Gateway.Simulators;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The adapter that only forwards: it has no operations.</summary>
internal static class HttpSamples
{
    public static readonly AdapterSample Adapter = new("http", PlayAsync, Options, []) { Key = "demo-tms-key" };

    private static async Task<PlayedBackend> PlayAsync()
    {
        var tms = await TmsSimulator.StartAsync();
        return new PlayedBackend(tms, tms.Url, tms.Chaos, () => tms.Requests, () => tms.LastTraceParent);
    }

    private static HttpBackendOptions Options(Uri url, Secret key) => new() { Adapter = "http", Url = url, Credential = new CredentialOptions { Key = key } };
}

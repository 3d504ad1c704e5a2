using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters.Forwarded;

/// <summary>A gateway that forwards to a simulated carrier platform, which takes labels and shows them.</summary>
internal sealed class ForwardedWorld : IAsyncDisposable
{
    public const string Key = "demo-tms-key";

    private readonly KindWorld _gateway;
    private readonly HttpClient _admin;

    private ForwardedWorld(TmsSimulator tms, KindWorld gateway) => (Tms, _gateway, _admin) = (tms, gateway, new HttpClient { BaseAddress = gateway.AdminUrl });

    public TmsSimulator Tms { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="backend">What the backend says beside its address and key, in YAML's flow form.</param>
    /// <param name="key">What the gateway signs in with.</param>
    /// <param name="url">Where the backend is to be; the platform where nothing is said.</param>
    public static async Task<ForwardedWorld> StartAsync(string backend = "timeout: 30s", string key = Key, Uri? url = null)
    {
        var tms = await TmsSimulator.StartAsync();
        return new ForwardedWorld(tms, await KindWorld.StartAsync(
        [
            new CaseWorkspaceFile
            {
                Path = "routes/labels.yaml",
                Content = $$"""
                    backends:
                      platform: { adapter: http, url: "{{url ?? tms.Url}}", credential: { key: secret://demo/{{key}}, header: API-Key }, {{backend}} }
                    apis:
                      labels:
                        owner: us
                        routes:
                          labels.read: { match: "GET /v1/labels/{id}", policies: [callers], target: { forward: platform } }
                          labels.create: { match: POST /v1/labels, policies: [callers], target: { forward: platform } }
                    """,
            },
        ]));
    }

    public Task<Answered> ReadAsync(string label) => SendAsync("GET", "/v1/labels/" + label, null);

    /// <summary>Buys a label for a shipment.</summary>
    public Task<Answered> BuyAsync(string shipment, int kilograms = 2) => SendAsync("POST", "/v1/labels", Body(shipment, kilograms));

    public Task<Answered> SendAsync(string method, string path, string? body, CancellationToken? cancellation = null) => _gateway.SendAsync(
        new CaseRequest { Method = method, Path = path, Body = body, Headers = new Dictionary<string, string> { ["X-Api-Key"] = "key-of-acme-shop" } }, cancellation ?? Cancellation);

    /// <summary>Labels of a shipment.</summary>
    public int Count(string shipment) => Tms.Labels.Count(label => label.ExternalShipmentId == shipment);

    /// <summary>How many forwarded requests are under way.</summary>
    public async Task<int> RunningAsync() =>
        (int)JsonNode.Parse(await _admin.GetStringAsync("/backends", Cancellation))!.AsArray().Single(b => (string?)b!["name"] == "platform")!["gate"]!["running"]!;

    public async Task HeldAsync()
    {
        while (Tms.Chaos.Held == 0) await Task.Delay(5, Cancellation);
    }

    /// <summary>A problem of the gateway's own, which shows nothing of what is behind it.</summary>
    public void IsTold(Answered answer, params string[] problems)
    {
        Assert.Contains(answer.Problem, problems);
        foreach (var inside in (string[])[Key, "127.0.0.1", "localhost", "://", "Exception", "   at ", $":{Tms.Url.Port}", "API-Key"])
            Assert.DoesNotContain(inside, answer.Body + string.Join(' ', answer.Headers.Select(header => $"{header.Key}: {header.Value}")), StringComparison.OrdinalIgnoreCase);
    }

    public static string Body(string shipment, int kilograms = 2) => $$"""
        { "shipment": { "external_shipment_id": "{{shipment}}", "service_code": "express",
            "ship_to": { "name": "Lager", "address_line1": "Hafenstr. 1", "city_locality": "Hamburg", "postal_code": "20457", "country_code": "DE" },
            "packages": [ { "weight": { "value": {{kilograms}}, "unit": "kilogram" } } ] } }
        """;

    public static Uri NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _gateway.DisposeAsync();
        await Tms.DisposeAsync();
    }
}

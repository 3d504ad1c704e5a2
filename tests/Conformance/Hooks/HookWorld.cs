using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Idempotency;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Hooks;

/// <summary>A gateway on sockets, with a warehouse and a carrier that send it their webhooks.</summary>
internal sealed class HookWorld : IAsyncDisposable
{
    public const string WmsSecret = "whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=";
    public const string NextWmsSecret = "whsec_dGhlLW5leHQtd2FyZWhvdXNlLXNlY3JldC0wMg==";
    public const string OtherSecret = "whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0LTAwMDAwMA==";

    private readonly KindWorld _gateway;
    private readonly HttpClient _http;

    private HookWorld(KindWorld gateway, AwayStore store, WmsSimulator wms, TmsSimulator tms)
    {
        (_gateway, Store, Wms, Tms) = (gateway, store, wms, tms);
        _http = new HttpClient { BaseAddress = gateway.Url };
    }

    public WmsSimulator Wms { get; }

    public TmsSimulator Tms { get; }

    /// <summary>The gateway's, which a test may take away.</summary>
    public AwayStore Store { get; }

    public IStore Log => Store.Store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HookWorld> StartAsync(string maxBody = "", string more = "", TimeProvider? clock = null)
    {
        AwayStore? store = null;
        var (wms, tms) = (await WmsSimulator.StartAsync(), await TmsSimulator.StartAsync());
        var gateway = await KindWorld.StartAsync(
            [
                new CaseWorkspaceFile
                {
                    Path = "routes/hooks.yaml",
                    Content = $$"""
                        backends:
                          wms: { adapter: wms, url: {{wms.Url}}, webhooks: { secrets: [secret://demo/{{NextWmsSecret}}, secret://demo/{{WmsSecret}}]{{maxBody}} } }
                          tms: { adapter: tms, url: {{tms.Url}}, webhooks: { }, limits: { concurrent: 4 } }
                          quiet: { adapter: wms, url: http://127.0.0.1:1 }
                        """,
                },
                new CaseWorkspaceFile { Path = "routes/more.yaml", Content = more },
            ],
            clock: clock, aroundStore: inner => (store = AwayStore.Around(inner)).Store);
        wms.SendHooksTo(new HookTarget(new Uri(gateway.Url, "hooks/wms"), WmsSecret));
        tms.SendHooksTo(new HookTarget(new Uri(gateway.Url, "hooks/tms")));
        return new HookWorld(gateway, store!, wms, tms);
    }

    /// <summary>The events of webhooks, when there are so many.</summary>
    public async Task<IReadOnlyList<NewEvent>> EventsAsync(int count)
    {
        for (var tries = 0; ; tries++)
        {
            var events = await Log.ReadEventsAsync(0, 1000, Cancellation);
            if (events.Count >= count || tries == 400) return [.. events.Select(e => e.Event)];
            await Task.Delay(25, Cancellation);
        }
    }

    /// <summary>Sends a webhook signed as the warehouse does; null leaves a header out.</summary>
    public Task<HttpResponseMessage> SendAsync(
        string body, string id = "msg_1", string? secret = WmsSecret, TimeSpan? off = null, string? signed = null, string path = "hooks/wms", string? topic = "order.shipped")
    {
        var timestamp = (TimeProvider.System.GetUtcNow() + (off ?? TimeSpan.Zero)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = secret is null ? null : StandardWebhooks.Sign(secret, id, timestamp, Encoding.UTF8.GetBytes(signed ?? body));
        return SendAsync(body, path, ("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature), ("x-webhook-topic", topic));
    }

    /// <summary>Sends a webhook signed as the carrier platform does.</summary>
    /// <param name="signer">Whose key it is; the platform's when left out.</param>
    /// <param name="change">What becomes of its headers on the way.</param>
    public Task<HttpResponseMessage> CarrierSendsAsync(
        string body, TmsSigner? signer = null, TimeSpan? off = null, string? signed = null, Func<(string Name, string Value), (string Name, string? Value)>? change = null)
    {
        var timestamp = (TimeProvider.System.GetUtcNow() + (off ?? TimeSpan.Zero)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var headers = (signer ?? Tms.Signer).Sign(timestamp, Encoding.UTF8.GetBytes(signed ?? body));
        return SendAsync(body, "hooks/tms", [.. headers.Select(header => change?.Invoke(header) ?? header)]);
    }

    /// <summary>Sends a CloudEvent, or several, signed.</summary>
    /// <param name="type">What the body is; null for no body.</param>
    public Task<HttpResponseMessage> TellAsync(string? type, string body, params (string Name, string? Value)[] headers)
    {
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = StandardWebhooks.Sign(WmsSecret, "msg_1", timestamp, Encoding.UTF8.GetBytes(body));
        return SendAsync(type, body, "hooks/erp", [("webhook-id", "msg_1"), ("webhook-timestamp", timestamp), ("webhook-signature", signature), .. headers]);
    }

    public Task<HttpResponseMessage> SendAsync(string body, string path, params (string Name, string? Value)[] headers) => SendAsync("application/json", body, path, headers);

    private async Task<HttpResponseMessage> SendAsync(string? type, string body, string path, (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (type is not null) (request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))).Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        foreach (var (name, value) in headers)
            if (value is not null) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, Cancellation);
    }

    public Task<HttpResponseMessage> SendUnsignedAsync(HttpContent body) => _http.PostAsync("hooks/wms", body, Cancellation);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path, Cancellation);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Wms.DisposeAsync();
        await Tms.DisposeAsync();
        await _gateway.DisposeAsync();
    }
}

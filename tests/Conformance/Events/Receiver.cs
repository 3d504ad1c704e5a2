using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>A webhook as an endpoint got it.</summary>
internal sealed record Delivered(string Id, string Timestamp, string Signature, byte[] Body)
{
    public JsonNode Event { get; } = JsonNode.Parse(Body)!;

    /// <summary>Which of its endpoint's connections it came by.</summary>
    public string Connection { get; init; } = "";

    public bool IsSigned(string secret) => WebhookSignature.Verify(Id, Timestamp, Body, Signature, [secret], DateTimeOffset.UtcNow);
}

/// <summary>An endpoint on loopback that takes everything, until it is told to answer otherwise.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Delivered> _received = [];

    private Receiver(WebApplication app) => _app = app;

    /// <summary>What it answers from now on.</summary>
    public int Status { get; set; } = 204;

    public string Url => _app.Urls.Single() + "/";

    public IReadOnlyList<Delivered> Received => [.. _received];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public async Task UntilAsync(int count)
    {
        for (var tries = 0; tries < 600 && _received.Count < count; tries++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.True(_received.Count >= count, $"{_received.Count} of {count} have come");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        string Header(string name) => http.Request.Headers[name].ToString();
        _received.Enqueue(new Delivered(Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), body.ToArray()) { Connection = http.Connection.Id });
        http.Response.StatusCode = Status;
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Functional.Support;

/// <summary>What an endpoint got: which event, of which ordering key, under which <c>webhook-id</c>.</summary>
internal sealed record Arrived(string Endpoint, string WebhookId, string Event, string Subject);

/// <summary>A partner with as many endpoints as are asked for, <c>/NAME</c>. It takes a moment to answer, so that something is always under way.</summary>
internal sealed class KeyedPartner : IAsyncDisposable
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(50);

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Arrived> _arrived = [];

    private KeyedPartner(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<Arrived> Arrived => [.. _arrived];

    public static async Task<KeyedPartner> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var partner = new KeyedPartner(builder.Build());
        partner._app.Run(partner.ReceiveAsync);
        await partner._app.StartAsync();
        return partner;
    }

    /// <summary>Which endpoints have got an event.</summary>
    public HashSet<string> Having(string @event) => [.. _arrived.Where(a => a.Event == @event).Select(a => a.Endpoint)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        _arrived.Enqueue(new Arrived(
            http.Request.Path.Value!.TrimStart('/'), http.Request.Headers["webhook-id"].ToString(), body.RootElement.GetProperty("id").GetString()!, body.RootElement.GetProperty("subject").GetString()!));
        await Task.Delay(Work);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}

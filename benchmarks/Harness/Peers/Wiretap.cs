using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Benchmarks.Peers;

/// <summary>One call that went by: what was asked, and how long the answer was.</summary>
internal sealed record TappedCall(string Method, string PathAndQuery, byte[] Body, int AnswerBytes);

/// <summary>Stands before a backend, passes on what is asked and what is answered, and keeps it: so it is known which calls a flow makes.</summary>
internal sealed class Wiretap : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private readonly ConcurrentQueue<TappedCall> _calls = new();
    private readonly Uri _backend;
    private readonly WebApplication _app;

    private Wiretap(WebApplication app, Uri url, Uri backend) => (_app, Url, _backend) = (app, url, backend);

    public Uri Url { get; }

    /// <summary>What has gone by so far, in its order.</summary>
    public IReadOnlyList<TappedCall> Calls => [.. _calls];

    public static async Task<Wiretap> StartAsync(Uri backend)
    {
        var url = Running.Ports.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.AbsoluteUri);
        var tap = new Wiretap(builder.Build(), url, backend);
        tap._app.Run(tap.PassAsync);
        await tap._app.StartAsync();
        return tap;
    }

    private async Task PassAsync(HttpContext http)
    {
        var asked = new MemoryStream();
        await http.Request.Body.CopyToAsync(asked, http.RequestAborted);
        var target = http.Request.Path + http.Request.QueryString;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(_backend, target));
        if (asked.Length > 0) request.Content = new ByteArrayContent(asked.ToArray());
        foreach (var (name, values) in http.Request.Headers.Where(h => h.Key is not ("Host" or "Content-Length")))
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        using var answer = await _client.SendAsync(request, http.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
        _calls.Enqueue(new TappedCall(http.Request.Method, target, asked.ToArray(), body.Length));
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }
}

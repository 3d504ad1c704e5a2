using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Conformance.Forwarding;

internal enum Mood
{
    Fine,

    /// <summary>Takes the request, and never answers.</summary>
    Hangs,

    /// <summary>Answers at once, and never comes to the answer's end.</summary>
    Drips,

    /// <summary>Takes the request, and breaks the connection.</summary>
    Resets,

    /// <summary>503.</summary>
    Away,

    /// <summary>503 with Retry-After.</summary>
    Busy,

    /// <summary>429 with Retry-After.</summary>
    Throttles,

    /// <summary>500.</summary>
    Fails,
}

/// <summary>A destination on a real socket, in any mood; it says its name, and keeps what it was asked.</summary>
internal sealed class MoodyBackend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _open;

    private MoodyBackend(WebApplication app, string name) => (_app, Name) = (app, name);

    public string Name { get; }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Connections that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    public Mood Mood { get; set; }

    /// <summary>Whether it says that it is well.</summary>
    public bool IsWell { get; set; } = true;

    /// <summary>Whether it answers when it is asked that.</summary>
    public bool TellsIt { get; set; } = true;

    /// <summary>What it was asked whether it is well with.</summary>
    public ConcurrentQueue<Asked> Checks { get; } = [];

    public ConcurrentQueue<Asked> Requests { get; } = [];

    /// <param name="certificate">It speaks TLS and shows this one; null where it does not.</param>
    public static async Task<MoodyBackend> StartAsync(string name, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null)
    {
        MoodyBackend? backend = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, at =>
        {
            at.Protocols = protocols;
            at.Use(next => connection => backend!.CountAsync(connection, next));
            if (certificate is not null) at.UseHttps(certificate);
        }));
        var app = builder.Build();
        backend = new MoodyBackend(app, name);
        app.Run(backend.AnswerAsync);
        await app.StartAsync();
        return backend;
    }

    private async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _open);
        await next(connection);
        Interlocked.Decrement(ref _open);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/well")
        {
            Checks.Enqueue(Asked.Of(http));
            if (!TellsIt) await _released.Task.WaitAsync(http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            http.Response.StatusCode = IsWell ? 200 : 500;
            return;
        }
        Requests.Enqueue(Asked.Of(http));
        switch (Mood)
        {
            case Mood.Hangs:
                await _released.Task.WaitAsync(http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                if (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted) goto default;
                break;
            case Mood.Drips:
                await http.Response.WriteAsync(Name);
                await http.Response.Body.FlushAsync();
                goto case Mood.Hangs;
            case Mood.Resets:
                http.Abort();
                break;
            case Mood.Away or Mood.Busy:
                http.Response.StatusCode = 503;
                if (Mood == Mood.Busy) http.Response.Headers.RetryAfter = "7";
                break;
            case Mood.Throttles:
                http.Response.StatusCode = 429;
                http.Response.Headers.RetryAfter = "30";
                break;
            case Mood.Fails:
                http.Response.StatusCode = 500;
                break;
            default:
                http.Response.Headers.Location = new Uri(Url, "/v1/elsewhere").AbsoluteUri;
                await http.Response.WriteAsync(Name);
                break;
        }
    }

    /// <summary>What hangs, now and from now on, comes to an end.</summary>
    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <param name="Connection">Which of its connections it came by.</param>
internal sealed record Asked(string Line, string Protocol, string Connection, IReadOnlyDictionary<string, string> Headers)
{
    public static Asked Of(HttpContext http) => new(
        $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}", http.Request.Protocol, http.Connection.Id, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
}

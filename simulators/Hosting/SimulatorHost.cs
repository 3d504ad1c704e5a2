using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.Simulators;

/// <summary>
/// The listener under every simulator: Kestrel on loopback, the chaos, and the two control endpoints
/// <c>POST /_chaos</c> and <c>GET /_state</c>, which no chaos hits.
/// </summary>
internal sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<HttpRequest, string> _pathOf;
    private int _requests;

    private SimulatorHost(WebApplication app, Chaos chaos, Func<HttpRequest, string> pathOf) => (_app, Chaos, _pathOf) = (app, chaos, pathOf);

    public Chaos Chaos { get; }

    /// <summary>The address to call, without a trailing path.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>How many requests came in, control endpoints not counted.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The W3C <c>traceparent</c> of the last request, as it came; null without one.</summary>
    public string? LastTraceParent { get; private set; }

    /// <summary>Starts listening.</summary>
    /// <param name="options">Port and clock.</param>
    /// <param name="map">Adds the simulator's own endpoints.</param>
    /// <param name="state">What the simulator adds to <c>/_state</c>.</param>
    /// <param name="closed">The body of an answer in a maintenance window; null for the words of nobody in particular.</param>
    /// <param name="pathOf">What rules of chaos know a request by, where its own path does not say what it is about; may read the body.</param>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions options, Action<IEndpointRouteBuilder> map,
        Func<JsonObject> state, Func<JsonObject>? closed = null, Func<HttpRequest, string>? pathOf = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        var host = new SimulatorHost(app, new Chaos(options.Clock, closed ?? (() => new JsonObject { ["error"] = "maintenance" })), pathOf ?? (static request => request.Path));
        app.Use(host.UnderChaosAsync);
        app.UseRouting();
        app.MapPost("/_chaos", host.ChangeChaosAsync);
        app.MapGet("/_state", http => Answer.JsonAsync(http, 200, host.State(state())));
        map(app);
        await app.StartAsync();
        return host;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Chaos.Set(new ChaosRule(ChaosMode.Down));
        await _app.DisposeAsync();
    }

    private async Task UnderChaosAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/_chaos") || http.Request.Path.StartsWithSegments("/_state"))
        {
            await next(http);
            return;
        }
        Interlocked.Increment(ref _requests);
        // What asks by itself, as at a start, belongs to no trace.
        if (http.Request.Headers["traceparent"] is [{ Length: > 0 } told]) LastTraceParent = told;
        // A real server has the whole request before it works: a caller that dies while its request is held can't undo it.
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        body.Position = 0;
        http.Request.Body = body;
        var path = _pathOf(http.Request);
        body.Position = 0;
        await Chaos.RunAsync(http, path, next);
    }

    private async Task ChangeChaosAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var parsed = document is JsonArray { Count: > 0 } several ? [.. several.Select(ChaosRule.Parse)] : new[] { ChaosRule.Parse(document) };
        var wrong = parsed.Select(one => one.Wrong).FirstOrDefault(text => text is not null);
        if (wrong is null)
            Chaos.Set([.. parsed.Select(one => one.Rule!)]);
        await Answer.JsonAsync(http, wrong is null ? 200 : 400, wrong is null ? InForce() : new JsonObject { ["error"] = wrong });
    }

    /// <summary>One rule by itself, several as a list.</summary>
    private JsonNode InForce() => Chaos.Rules is [var one] ? one.ToJson() : new JsonArray([.. Chaos.Rules.Select(rule => (JsonNode)rule.ToJson())]);

    private JsonObject State(JsonObject own)
    {
        own["requests"] = Requests;
        own["lastTraceParent"] = LastTraceParent;
        own["chaos"] = InForce();
        own["chaosHits"] = Chaos.Hits;
        own["held"] = Chaos.Held;
        return own;
    }
}

/// <summary>Reading and writing JSON, the same for all simulators.</summary>
internal static class Answer
{
    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task JsonAsync(HttpContext http, int status, JsonNode? body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        return SendAsync(http, body?.ToJsonString(Plain) ?? "null");
    }

    public static Task HtmlAsync(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        return SendAsync(http, body);
    }

    /// <summary>The request's body as JSON, or why it is none.</summary>
    public static async Task<(JsonNode? Document, JsonException? Broken)> ReadJsonAsync(HttpContext http)
    {
        try
        {
            return (await JsonNode.ParseAsync(http.Request.Body), null);
        }
        catch (JsonException broken)
        {
            return (null, broken);
        }
    }

    private static Task SendAsync(HttpContext http, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes).AsTask();
    }
}

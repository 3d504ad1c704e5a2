using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>A backend that answers what it was sent: method, path, headers and body.</summary>
internal sealed class Echo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Echo(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<Echo> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var answer = new JsonObject
            {
                ["method"] = http.Request.Method,
                ["path"] = http.Request.Path + http.Request.QueryString.Value,
                ["headers"] = new JsonObject(http.Request.Headers.Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value.ToString()))),
                ["body"] = await reader.ReadToEndAsync(http.RequestAborted),
            };
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answer.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), http.RequestAborted);
        });
        await app.StartAsync();
        return new Echo(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

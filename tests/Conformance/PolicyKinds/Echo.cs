using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>
/// A backend that answers what it was sent: method, path, headers and body; or what the header <c>X-Answer</c> tells it to:
/// <c>404 {"code":"gone"}</c>, <c>200 text/plain hello</c>, <c>204</c>, <c>long 20000000</c> (so many bytes), <c>broken</c> (half an answer).
/// The header <c>X-Answer-Retry-After</c> adds a Retry-After to that.
/// </summary>
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
            if (http.Request.Headers["X-Answer"].ToString() is { Length: > 0 } wanted)
            {
                if (http.Request.Headers["X-Answer-Retry-After"] is [{ } pause]) http.Response.Headers.RetryAfter = pause;
                await AnswerAsync(http.Response, wanted);
                return;
            }
            // Of its own life, which is none of the callers' business.
            http.Response.Headers["Deprecation"] = "@1";
            http.Response.Headers["Sunset"] = "Thu, 31 Dec 2026 00:00:00 GMT";
            http.Response.Headers.StrictTransportSecurity = "max-age=1";
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answer.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), http.RequestAborted);
        });
        await app.StartAsync();
        return new Echo(app);
    }

    private static async Task AnswerAsync(HttpResponse response, string wanted)
    {
        var parts = wanted.Split(' ', 3);
        if (parts[0] == "long")
        {
            var length = int.Parse(parts[1], CultureInfo.InvariantCulture);
            await response.WriteAsync($"\"{new string('x', length)}\"");
            return;
        }
        if (parts[0] == "broken")
        {
            response.ContentLength = 100;
            await response.WriteAsync("{\"code\":");
            await response.Body.FlushAsync();
            await Task.Delay(100);
            response.HttpContext.Abort();
            return;
        }
        response.StatusCode = int.Parse(parts[0], CultureInfo.InvariantCulture);
        if (parts.Length == 1) return;
        var typed = parts[1].Contains('/', StringComparison.Ordinal);
        response.ContentType = typed ? parts[1] : "application/json";
        response.Headers["X-From-Backend"] = "yes";
        await response.WriteAsync(typed ? parts[2] : wanted[(parts[0].Length + 1)..]);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

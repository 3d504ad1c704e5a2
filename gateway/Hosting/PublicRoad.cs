using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gateway.Hosting;

/// <summary>The public port, from the first middleware to the routes of the Plan.</summary>
internal static class PublicRoad
{
    public static void UsePublicRoad(this WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<PublicEndpoints>();
        var plans = app.Services.GetRequiredService<CurrentPlan>();
        var conversation = app.Services.GetRequiredService<Conversation>();
        endpoints.Publish(plans.Current);
        plans.Taking += endpoints.Publish;
        var edge = new Edge(app.Services.GetRequiredService<ILoggerFactory>());
        edge.Take(plans.Current);
        plans.Taking += edge.Take;
        // Before the limit by address: a load balancer's callers are told apart.
        app.Use((http, next) =>
        {
            edge.Receive(http);
            return next(http);
        });
        var server = new ServerKeeping(app.Services.GetRequiredService<IOptions<KestrelServerOptions>>());
        server.Take(plans.Current);
        plans.Taking += server.Take;
        AddressLimit.Stretch(app);
        app.UseRouting();
        app.Use((http, next) => Enter(http, next, plans.Current));
        app.MapGet("/problems/{page}", http => ProblemPage(http, plans.Current));
        app.MapMethods("/openapi.json", [HttpMethods.Get, HttpMethods.Head], http => OpenApi(http, plans.Current));
        // Which destination gets a request is chosen where one has to be (Backends/Spread): YARP's own steps would run for every request.
        app.MapReverseProxy(proxy =>
            proxy.Use((http, next) => conversation.RunForwardedAsync(http, http.GetEndpoint()!.Metadata.GetRequiredMetadata<PlanRoute>(), next)))
            .Add(endpoints.Adopt);
        ((IEndpointRouteBuilder)app).DataSources.Add(endpoints);
    }

    /// <summary>What two programs could read differently goes no further; of a draft, nobody learns even that.</summary>
    private static Task Enter(HttpContext http, RequestDelegate next, Plan plan)
    {
        var route = http.GetEndpoint()?.Metadata.GetMetadata<PlanRoute>();
        if (Intake.Judge(http, route, plan.Server) is not { } refusal) return Unmatched(http, next, plan);
        return Problems.WriteAsync(http, route?.Life is { IsDraft: true } ? Unserved.Of(plan.Routes, http.Request) : refusal, plan.Problem);
    }

    /// <summary>What no route takes is a problem document too: 404, or 405 with the methods that the path takes (RFC 9110 section 15.5.6).</summary>
    private static Task Unmatched(HttpContext http, RequestDelegate next, Plan plan) => http.GetEndpoint() switch
    {
        RouteEndpoint => next(http),
        // The question of a browser about a method that has no answer for pages.
        null when HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0 => Problems.WriteAsync(http, Unserved.Of(plan.Routes, http.Request), plan.Problem),
        null => Problems.WriteAsync(http, new Refusal(Failure.NotFound, Unserved.Nothing), plan.Problem),
        var none when none == VersionSelector.NoVersion => Problems.WriteAsync(http, Unserved.Of(plan.Routes, http.Request), plan.Problem),
        var other => OtherMethod(http, other, plan),
    };

    /// <summary>Routing's own answer to a known path with another method: it sets the status and Allow.</summary>
    private static async Task OtherMethod(HttpContext http, Endpoint answer, Plan plan)
    {
        await answer.RequestDelegate!(http);
        if (http.Response.StatusCode != StatusCodes.Status405MethodNotAllowed) return;
        var methods = http.Response.Headers.Allow.ToString().Split(", ");
        http.Response.Headers.Allow = default;
        // Of webhooks, the last part may be a secret.
        if (Unserved.Hides(plan.Routes, http.Request.Path) || http.Request.Path.StartsWithSegments("/hooks")) Activity.Current?.SetTag("url.path", "-");
        await Problems.WriteAsync(http, Unserved.Of(plan.Routes, http, methods), plan.Problem);
    }

    /// <summary>What callers may know of the Plan that is served now. Its tag is its content's: variables change it too.</summary>
    private static async Task OpenApi(HttpContext http, Plan plan)
    {
        var (request, response) = (http.Request.GetTypedHeaders(), http.Response);
        var document = plan.OpenApi.Value;
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(document.Span))[..16]}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "no-cache";
        OfOurOwn(response.Headers);
        if (request.IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = "application/json";
        response.ContentLength = document.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(document, http.RequestAborted);
    }

    /// <summary>What the gateway itself serves is text, and no part of any page.</summary>
    private static void OfOurOwn(IHeaderDictionary headers)
    {
        Answers.WriteSafety(headers);
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    }

    /// <summary>The page a problem's type leads to: docs/problems, carried inside the program.</summary>
    private static async Task ProblemPage(HttpContext http, Plan plan)
    {
        var page = http.GetRouteValue("page");
        await using var text = Assembly.GetExecutingAssembly().GetManifestResourceStream($"problems/{page}.md");
        if (text is null)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no such problem page."), plan.Problem);
            return;
        }
        OfOurOwn(http.Response.Headers);
        http.Response.ContentType = "text/markdown; charset=utf-8";
        await text.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}

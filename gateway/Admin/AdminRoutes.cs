using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>
/// How endpoints of the admin port are declared: each says who may ask, and under which name the audit knows it. There is no other way to
/// add one, and none without an <see cref="EndpointAccess"/>.
/// </summary>
internal sealed class AdminRoutes(IEndpointRouteBuilder app, Gate gate, Operations operations, CurrentPlan plans)
{
    /// <summary>For everybody who reaches the port.</summary>
    public void Open(string path, string action, RequestDelegate show) =>
        app.MapGet(path, show).WithMetadata(new EndpointAccess(null, action));

    /// <summary>For operators who look.</summary>
    public void View(string path, string action, Func<HttpContext, Task> show, Role role = Role.Viewer) =>
        app.MapGet(path, http => ShowAsync(http, role, show)).WithMetadata(new EndpointAccess(role, action));

    /// <summary>For operators who look at what is about callers and people: the audit tells who looked.</summary>
    public void Recorded(string path, string action, Func<HttpContext, Task> show, Role role = Role.Viewer) =>
        app.MapGet(path, http => operations.ShowAsync(http, role, action, show)).WithMetadata(new EndpointAccess(role, action));

    /// <summary>For operators who do something: they say why, and the audit tells.</summary>
    /// <param name="longestBody">In bytes.</param>
    public void Act(string method, string path, Role role, string action, Func<OperatorRequest, Task<Acted>> act, int longestBody = Operations.LongestBody) =>
        app.MapMethods(path, [method], http => operations.RunAsync(http, role, action, act, longestBody)).WithMetadata(new EndpointAccess(role, action));

    /// <summary>Before all endpoints. What is under no path and no method is told to operators; for others everything needs credentials.</summary>
    public async Task EnterAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (http.GetEndpoint() is RouteEndpoint)
        {
            await next(http);
            return;
        }
        var (_, refusal) = await gate.AdmitAsync(http, Role.Viewer);
        if (refusal is null && http.GetEndpoint() is not null) await next(http);
        else await Problems.WriteAsync(http, refusal ?? new Refusal(Failure.NotFound, "There is nothing under this path of the admin port."), plans.Current.Problem);
    }

    /// <summary>Metrics, to whom the workspace lets have them.</summary>
    public async Task ScrapeAsync(HttpContext http, RequestDelegate next)
    {
        if (await gate.AdmitScraperAsync(http) is { } refusal) await Problems.WriteAsync(http, refusal, plans.Current.Problem);
        else await next(http);
    }

    private async Task ShowAsync(HttpContext http, Role role, Func<HttpContext, Task> show)
    {
        if ((await gate.AdmitAsync(http, role)).Refusal is { } refusal) await Problems.WriteAsync(http, refusal, plans.Current.Problem);
        else await show(http);
    }
}

/// <summary>Who may ask an endpoint of the admin port.</summary>
/// <param name="Role">The role that is needed; null where the endpoint itself decides what to tell whom.</param>
/// <param name="Action">Its name in the audit: <c>deliveries.retry</c>.</param>
internal sealed record EndpointAccess(Role? Role, string Action);

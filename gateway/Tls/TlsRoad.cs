using Gateway.Pipeline;
using Microsoft.AspNetCore.Http.Extensions;

namespace Gateway.Tls;

/// <summary>What TLS means for requests of the public port. Where no address is https, nothing is added to their road.</summary>
internal static class TlsRoad
{
    /// <param name="publicPort">The port that https is served at, once it is.</param>
    public static void UseTls(this WebApplication app, TlsPorts ports, Func<int> publicPort)
    {
        if (!ports.ServesHttps) return;
        var plans = app.Services.GetRequiredService<CurrentPlan>();
        app.Use((http, next) =>
        {
            if (!http.Request.IsHttps) return Plain(http, ports.Declared, publicPort, plans.Current);
            // Last of all: what a backend says of its own host does not hold for this one.
            http.Response.OnStarting(static state =>
            {
                var (response, tls) = ((HttpResponse, PlanTls))state;
                response.Headers.StrictTransportSecurity = tls.Hsts;
                return Task.CompletedTask;
            }, (http.Response, ports.Declared));
            return next(http);
        });
    }

    /// <summary>To a name that a certificate is for, and to no other that a request may claim.</summary>
    private static Task Plain(HttpContext http, PlanTls tls, Func<int> publicPort, Plan plan)
    {
        var request = http.Request;
        if (tls.Options.Plain == PlainHttp.Redirect && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && tls.IsFor(request.Host.Host))
        {
            var port = tls.Options.PublicPort ?? publicPort();
            var host = port == 443 ? new HostString(request.Host.Host) : new HostString(request.Host.Host, port);
            http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            http.Response.Headers.Location = UriHelper.BuildAbsolute(Uri.UriSchemeHttps, host, request.PathBase, request.Path, request.QueryString);
            return Task.CompletedTask;
        }
        return Problems.WriteAsync(http, new Refusal(Failure.HttpsRequired, "Requests are taken by https only. Credentials that were sent in clear should be replaced."), plan.Problem);
    }
}

using Gateway.Hosting;
using Gateway.Pipeline;
using OpenTelemetry.Metrics;

namespace Gateway.Admin;

/// <summary>The admin port: health, metrics, the Plan, audit and deliveries. Loopback by default; it shares no routing with the public port.</summary>
internal static class AdminPort
{
    public static WebApplication Build(GatewayOptions options, IServiceProvider gateway)
    {
        var app = WebHosts.Create(options, options.AdminUrls).Build();
        var plans = gateway.GetRequiredService<CurrentPlan>();
        var store = gateway.GetRequiredService<IStore>();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(gateway.GetRequiredService<MeterProvider>(), null, "/metrics", null, null);
        app.MapGet("/livez", http => http.Response.WriteAsync("ok\n"));
        app.MapGet("/readyz", http => Views.Ready(http, plans));
        app.MapGet("/plan", http => Views.Plan(http, plans));
        app.MapGet("/audit", http => Views.Audit(http, store));
        app.MapGet("/events", http => Views.Events(http, store));
        app.MapGet("/deliveries", http => Views.Deliveries(http, store));
        return app;
    }
}

using System.Net;
using Gateway.Configuration;
using Gateway.Delivery.Audit;
using Gateway.Delivery.Flows;
using Gateway.Delivery.Redis;
using Gateway.Delivery.Webhooks;
using Gateway.Hosting;
using Gateway.Keys;
using Gateway.Pipeline;
using Gateway.Pipeline.Accepted;
using Gateway.Pipeline.Changes;
using Gateway.Tls;
using Microsoft.AspNetCore.RateLimiting;
using OpenTelemetry.Metrics;

namespace Gateway.Admin;

/// <summary>The admin port: health, metrics, the Plan, audit and deliveries, and what operators do about them. It shares no routing with the public port.</summary>
internal static class AdminPort
{
    /// <summary>Without operators the port is for the machine it runs on, and bound to nothing else.</summary>
    /// <exception cref="StartRefusedException">It would be bound to more.</exception>
    public static void RefuseToBeOpen(GatewayOptions options, Plan plan)
    {
        if (plan.Admin.Operators.Count > 0) return;
        if (options.AdminUrls.Split(';').FirstOrDefault(url => !IsLoopback(url)) is { } open)
            throw new StartRefusedException($"The admin port would listen on {open}, and nobody is declared who may come there. Declare operators: in the workspace, or leave --admin-urls on loopback.");
    }

    private static bool IsLoopback(string url) => BindingAddress.Parse(url) is var address
        && (address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    public static WebApplication Build(GatewayOptions options, IServiceProvider gateway)
    {
        var plans = gateway.GetRequiredService<CurrentPlan>();
        var builder = WebHosts.Create(options, options.AdminUrls, _ => gateway.GetRequiredService<TlsPorts>().SecureAdmin);
        builder.Services.AddSingleton(_ => new AddressLimit(plans, options.Clock, gateway.GetRequiredService<AddressRefusals>()));
        builder.Services.AddRateLimiter();
        builder.Services.AddOptions<RateLimiterOptions>().Configure<AddressLimit>((limiter, net) => net.Configure(limiter));
        var app = builder.Build();
        var credentials = gateway.GetRequiredService<CredentialWatch>();
        var redis = gateway.GetRequiredService<RedisConnection>();
        var feeds = gateway.GetRequiredService<FeedBoard>();
        var store = gateway.GetRequiredService<IStore>();
        var gate = new Gate(plans, options.Clock, gateway.GetRequiredService<ILogger<Gate>>());
        var operations = new Operations(gate, plans, store, options.Clock, gateway.GetRequiredService<ILogger<Operations>>());
        var routes = new AdminRoutes(app, gate, operations, plans);
        app.Use((http, next) =>
        {
            Answers.WriteSafety(http.Response.Headers);
            http.Response.Headers.CacheControl = Answers.NoStore;
            return next(http);
        });
        AddressLimit.Stretch(app);
        app.UseRouting();
        app.Use(routes.EnterAsync);
        routes.Open("/livez", "livez", http => http.Response.WriteAsync("ok\n"));
        routes.Open("/readyz", "readyz", async http => await Views.Ready(http, plans, credentials, redis, feeds, options.Clock, whole: await gate.IsViewerAsync(http)));
        app.MapPrometheusScrapingEndpoint("/metrics", gateway.GetRequiredService<MeterProvider>(), scraping => scraping.Use(routes.ScrapeAsync), null)
            .WithMetadata(new EndpointAccess(null, "metrics"));
        routes.View("/plan", "plan.read", http => Views.Plan(http, plans));
        var events = new EventViews(store, plans);
        routes.View("/events", "events.read", events.ListAsync);
        routes.Recorded("/events/{position}", "events.show", events.ShowAsync, Role.Operator);
        routes.View("/deliveries", "deliveries.read", http => Views.Deliveries(http, store));
        routes.View("/backends", "backends.read", http => TrafficViews.Backends(http, plans.Current));
        routes.View("/usage", "usage.read", http => TrafficViews.UsageAsync(http, plans.Current, store, gateway.GetRequiredService<KeptState>()));

        var bell = new EndpointBell(store, gateway.GetService<EndpointsHere>());
        var deliveries = new DeliveryActs(store, plans, options.Clock, bell);
        routes.Recorded("/deliveries/{id}", "deliveries.show", deliveries.ShowAsync, Role.Operator);
        routes.Act(HttpMethods.Post, "/deliveries/{id}/retry", Role.Operator, "deliveries.retry", deliveries.RetryAsync);
        routes.Act(HttpMethods.Post, "/deliveries/{id}/skip", Role.Operator, "deliveries.skip", deliveries.SkipAsync);
        var letters = new DeadLetterViews(store, plans, options.Clock);
        routes.View("/deadletters", "deadletters.read", letters.ListAsync);
        routes.View("/deadletters/groups", "deadletters.groups", letters.GroupsAsync);
        routes.View("/deadletters/{id}", "deadletters.show", letters.ShowAsync);
        routes.Recorded("/deadletters/{id}/payload", "deadletters.payload", letters.PayloadAsync, Role.Operator);
        var book = gateway.GetRequiredService<SubscriptionBook>();
        var dead = new DeadLetterActs(store, plans, book, options.Clock, bell);
        routes.Act(HttpMethods.Post, "/deadletters/retry", Role.Operator, "deadletters.retry", dead.RetryAsync);
        routes.Act(HttpMethods.Post, "/deadletters/skip", Role.Operator, "deadletters.skip", dead.SkipAsync);
        var letter = new DeadLetterDesk(store, plans, book, options.Clock, bell);
        routes.Act(HttpMethods.Post, "/deadletters/{id}/retry", Role.Operator, "deadletters.retry", letter.RetryAsync);
        routes.Act(HttpMethods.Post, "/deadletters/{id}/skip", Role.Operator, "deadletters.skip", letter.SkipAsync);
        routes.Act(HttpMethods.Post, "/deadletters/{id}/edit", Role.Operator, "deadletters.edit", letter.EditAsync, DeadLetterDesk.LongestEdit);
        var webhooks = new WebhookActs(store, plans, book, options.Clock, bell);
        routes.View("/webhooks", "endpoints.read", webhooks.ListAsync);
        routes.Act(HttpMethods.Post, "/webhooks/{partner}/{name}/enable", Role.Operator, "endpoints.enable", webhooks.EnableAsync);
        routes.Act(HttpMethods.Post, "/webhooks/{partner}/{name}/disable", Role.Operator, "endpoints.disable", webhooks.DisableAsync);
        routes.Act(HttpMethods.Post, "/webhooks/{partner}/{name}/replay", Role.Operator, "endpoints.replay", webhooks.ReplayAsync);

        var decisions = new Decisions(plans, store, gateway.GetRequiredService<WorkAtHand>(), gateway.GetRequiredService<IssuedKeys>(), gateway.GetRequiredService<Endings>(), options.Clock);
        var intents = new IntentActs(store, decisions, plans, gateway.GetRequiredService<Forwarding>());
        routes.View("/intents", "intents.read", intents.ListAsync);
        routes.View("/intents/lines", "intents.lines", intents.LinesAsync);
        routes.Recorded("/intents/{id}", "intents.show", intents.ShowAsync, Role.Operator);
        routes.Act(HttpMethods.Post, "/intents/{id}/settle", Role.Operator, "intents.settle", intents.SettleAsync);
        var waiting = new WaitingActs(store, decisions, gateway.GetRequiredService<WorkAtHand>(), intents);
        routes.Act(HttpMethods.Post, "/intents/{id}/retry", Role.Operator, "intents.retry", waiting.RetryAsync);
        routes.Act(HttpMethods.Post, "/intents/{id}/reject", Role.Operator, "intents.reject", waiting.RejectAsync);
        routes.Act(HttpMethods.Post, "/plan/reload", Role.Operator, "plan.reload", new PlanActs(plans, options).ReloadAsync);

        var flows = new FlowViews(store, gateway.GetRequiredService<FlowBook>(), plans, options.Clock);
        routes.View("/flows", "flows.read", flows.ListAsync);
        routes.View("/flows/counts", "flows.counts", flows.CountsAsync);
        routes.View("/flows/declared", "flows.declared", flows.DeclaredAsync);
        routes.View("/flows/figures", "flows.figures", new FlowFigureViews(store, gateway.GetRequiredService<FlowBook>(), plans, options.Clock).ShowAsync);
        routes.Recorded("/flows/{id}", "flows.show", flows.ShowAsync, Role.Operator);
        routes.Recorded("/trace", "flows.trace", flows.TraceAsync, Role.Operator);
        var flow = new FlowActs(store, gateway.GetRequiredService<FlowBook>(), plans, options.Clock, gateway.GetService<FlowsHere>());
        var migrations = new FlowMigrations(store, gateway.GetRequiredService<FlowBook>(), plans, options.Clock, gateway.GetService<FlowsHere>());
        routes.Act(HttpMethods.Post, "/flows/migrate", Role.Operator, "flows.migrate", migrations.MigrateAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/retry", Role.Operator, "flows.retry", flow.RetryAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/skip", Role.Operator, "flows.skip", flow.SkipAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/cancel", Role.Operator, "flows.cancel", flow.CancelAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/pause", Role.Operator, "flows.pause", flow.PauseAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/resume", Role.Operator, "flows.resume", flow.ResumeAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/approve", Role.Viewer, "flows.approve", flow.ApproveAsync);
        routes.Act(HttpMethods.Post, "/flows/{id}/refuse", Role.Viewer, "flows.refuse", flow.RefuseAsync);

        var keys = new KeyActs(gateway.GetRequiredService<KeyBook>(), plans, options.Clock);
        routes.Recorded("/keys", "keys.read", keys.ListAsync);
        routes.Act(HttpMethods.Post, "/keys", Role.Operator, "keys.issue", keys.IssueAsync);
        routes.Act(HttpMethods.Post, "/keys/{id}/rotate", Role.Operator, "keys.rotate", keys.RotateAsync);
        routes.Act(HttpMethods.Post, "/keys/{id}/revoke", Role.Operator, "keys.revoke", keys.RevokeAsync);

        var audit = new AuditViews(store, gateway.GetRequiredService<KeptHeads>(), options.Clock);
        routes.Recorded("/audit", "audit.read", audit.Search);
        routes.View("/audit/head", "audit.head", audit.Heads);
        routes.View("/audit/verify", "audit.verify", audit.Verify);
        routes.Recorded("/audit/export", "audit.export", audit.Export);
        routes.Act(HttpMethods.Post, "/audit/erase", Role.Administrator, "audit.erase", new ErasureActs(store).EraseAsync);
        return app;
    }
}

// What a .NET team would write instead of a gateway to take orders into Odoo exactly once, with the guarantees the gateway gives:
//   HandWrittenOrders --urls URL --odoo URL --data DIR --keys DIR --issuer URL --audience NAME
// TakeOrder.cs is the road, Contract.cs and OrderRules.cs the contract, Mapping.cs the mapping, Odoo.cs the backend, Ledger.cs what is stored.
using System.Threading.RateLimiting;
using HandWritten;
using HandWrittenOrders;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
var odooUrl = new Uri(settings["odoo"]!);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

// A token is validated once: the gateway does the same.
builder.Services.AddMemoryCache(cache => cache.SizeLimit = 100_000);
builder.Services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddScheme<JwtBearerOptions, CachedJwtBearerHandler>(JwtBearerDefaults.AuthenticationScheme, null, jwt =>
{
    jwt.Authority = settings["issuer"];
    jwt.Audience = settings["audience"];
    jwt.RequireHttpsMetadata = false;
    jwt.MapInboundClaims = false;
    jwt.TokenValidationParameters.ValidAlgorithms = ["RS256"];
});
builder.Services.AddAuthorization();
var perClient = Limits.PerClient();
builder.Services.AddRateLimiter(limiter =>
{
    limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
    limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(Limits.PerAddress(), perClient);
});
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter(TakeOrder.MeterName, "Microsoft.AspNetCore.Server.Kestrel").AddRuntimeInstrumentation().AddPrometheusExporter());
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "rest", ClusterId = "odoo", Match = new RouteMatch { Path = "{**rest}" }, AuthorizationPolicy = "default" }],
    [
        new ClusterConfig
        {
            ClusterId = "odoo",
            Destinations = new Dictionary<string, DestinationConfig> { ["odoo"] = new() { Address = odooUrl.AbsoluteUri } },
        },
    ]);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(new Partner("bench", new HashSet<string> { "BUYER-1" }, "WH"));
builder.Services.AddSingleton(new Odoo(odooUrl, "bench", "benchmark-odoo-key"));
builder.Services.AddSingleton(new Ledger(settings["data"]!, DataProtectionProvider.Create(new DirectoryInfo(settings["keys"]!), keys => keys.SetApplicationName("orders")
    .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM })), TimeProvider.System));
builder.Services.AddSingleton<TakeOrder>();
builder.Services.AddHostedService<Recovery>();

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.UseRateLimiter();
app.MapPost("/v1/orders", (HttpContext http, TakeOrder orders) => orders.RunAsync(http, perClient)).RequireAuthorization();
app.MapPrometheusScrapingEndpoint();
app.MapReverseProxy();
app.Run();

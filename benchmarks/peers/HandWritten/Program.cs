// What a .NET team would write instead of a gateway: YARP behind JwtBearer and AddRateLimiter.
//   HandWritten --urls URL --origin URL --issuer URL --audience NAME [--cache true]
// With --cache, what a validated token says is kept in memory until the token ends: the first thing such a team does about the cost.
using System.Security.Claims;
using System.Threading.RateLimiting;
using HandWritten;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var authentication = builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme);
if (settings["cache"] == "true")
{
    builder.Services.AddMemoryCache(cache => cache.SizeLimit = 100_000);
    authentication.AddScheme<JwtBearerOptions, CachedJwtBearerHandler>(JwtBearerDefaults.AuthenticationScheme, null, Configure);
    builder.Services.AddSingleton<Microsoft.Extensions.Options.IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>();
}
else
{
    authentication.AddJwtBearer(Configure);
}
builder.Services.AddAuthorization();
builder.Services.AddRateLimiter(limiter => limiter.AddPolicy("per-client", http => RateLimitPartition.GetTokenBucketLimiter(
    http.User.FindFirstValue("azp") ?? "-",
    _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = 10_000_000,
        TokensPerPeriod = 10_000_000,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1),
        QueueLimit = 0,
    })));
builder.Services.AddReverseProxy().LoadFromMemory(
    [
        new RouteConfig
        {
            RouteId = "all",
            ClusterId = "origin",
            Match = new RouteMatch { Path = "{**rest}" },
            AuthorizationPolicy = "default",
            RateLimiterPolicy = "per-client",
        },
    ],
    [
        new ClusterConfig
        {
            ClusterId = "origin",
            Destinations = new Dictionary<string, DestinationConfig> { ["origin"] = new() { Address = settings["origin"]! } },
        },
    ]);
var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.UseRateLimiter();
app.MapReverseProxy();
app.Run();

void Configure(JwtBearerOptions jwt)
{
    jwt.Authority = settings["issuer"];
    jwt.Audience = settings["audience"];
    jwt.RequireHttpsMetadata = false;
    jwt.MapInboundClaims = false;
    jwt.TokenValidationParameters.ValidAlgorithms = ["RS256"];
}

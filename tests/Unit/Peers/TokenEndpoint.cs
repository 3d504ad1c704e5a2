using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Gateway.Tests.Peers;

/// <summary>A backend's authorization server: OpenIddict, which gives tokens to the client <c>gateway</c>.</summary>
internal sealed class TokenEndpoint : IAsyncDisposable
{
    /// <summary>Made once: keys of RSA, as the server would make them, take their time.</summary>
    private static readonly ECDsaSecurityKey Signing = new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private static readonly SymmetricSecurityKey Sealing = new(RandomNumberGenerator.GetBytes(32));

    private readonly WebApplication _app;

    private TokenEndpoint(WebApplication app) => _app = app;

    public Uri Url => new(new Uri(_app.Urls.Single()), "/token");

    /// <summary>What the client must know.</summary>
    public string ClientSecret { get; set; } = "s3cr:t&of/the gateway";

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Answered in place of a token; null for none.</summary>
    public int? Fails { get; set; }

    /// <summary>Held up until it is completed.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The parameters of every call.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Asked { get; } = [];

    public int Calls => Asked.Count;

    public static async Task<TokenEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging();
        TokenEndpoint? endpoint = null;
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.SetTokenEndpointUris("/token").AllowClientCredentialsFlow().EnableDegradedMode().DisableAccessTokenEncryption();
            server.AddEncryptionKey(Sealing).AddSigningKey(Signing).RegisterScopes("stock.read", "orders.read");
            server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context => endpoint!.Judge(context)));
            server.AddEventHandler<OpenIddictServerEvents.HandleTokenRequestContext>(handler => handler.UseInlineHandler(context => endpoint!.Give(context)));
            server.UseAspNetCore().DisableTransportSecurityRequirement();
        });
        var app = builder.Build();
        endpoint = new TokenEndpoint(app);
        app.Use(endpoint.ReceiveAsync);
        app.UseAuthentication();
        await app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http, RequestDelegate next)
    {
        var form = await http.Request.ReadFormAsync();
        Asked.Enqueue(form.ToDictionary(f => f.Key, f => f.Value.ToString()));
        await Gate;
        if (Fails is { } status) http.Response.StatusCode = status;
        else await next(http);
    }

    private ValueTask Judge(OpenIddictServerEvents.ValidateTokenRequestContext context)
    {
        if (context.ClientId != "gateway" || context.ClientSecret != ClientSecret) context.Reject(OpenIddictConstants.Errors.InvalidClient, "this is not the gateway");
        return default;
    }

    private ValueTask Give(OpenIddictServerEvents.HandleTokenRequestContext context)
    {
        var identity = new ClaimsIdentity("test");
        identity.AddClaim(new Claim(JwtRegisteredClaimNames.Sub, "gateway"));
        context.Principal = new ClaimsPrincipal(identity);
        context.Principal.SetScopes(context.Request.GetScopes());
        context.Principal.SetAccessTokenLifetime(Lifetime);
        return default;
    }
}

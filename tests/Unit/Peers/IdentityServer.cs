using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Gateway.Tests.Peers;

/// <summary>
/// An OpenIddict server on loopback: client credentials (RFC 6749 section 4.4) for JWTs or opaque tokens, discovery, keys, introspection
/// (RFC 7662) and revocation (RFC 7009). Its clients are <see cref="Api"/>, which asks about tokens, and those that a test adds.
/// </summary>
internal sealed class IdentityServer : IAsyncDisposable
{
    /// <summary>Audience of every token, and the client that may ask about them.</summary>
    public const string Api = "api";

    public const string Secret = "a secret/with + signs & more";

    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private int _asked;
    private int _keysRead;

    private IdentityServer(WebApplication app) => _app = app;

    /// <summary>What <c>iss</c> says.</summary>
    public string Issuer => _app.Urls.Single() + "/";

    /// <summary>How often it was asked about a token.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How often its keys were read.</summary>
    public int KeysRead => Volatile.Read(ref _keysRead);

    /// <summary>Everything is answered with 503.</summary>
    public bool Down { get; set; }

    /// <summary>How long each introspection takes, so that others come meanwhile.</summary>
    public TimeSpan Thinks { get; set; }

    /// <summary>Of tokens from now on.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whom tokens from now on are for.</summary>
    public string Audience { get; set; } = Api;

    public static async Task<IdentityServer> StartAsync(bool opaque = false, params string[] clients)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        IdentityServer? server = null;
        Configure(builder.Services, opaque, context => server!.SignIn(context));
        var app = builder.Build();
        server = new IdentityServer(app);
        app.Use(server.CountAsync);
        app.UseAuthentication();
        app.Run(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        foreach (var client in (string[])[Api, "shop-client", .. clients]) await server.AddClientAsync(client);
        return server;
    }

    /// <summary>A token of a client, for these scopes.</summary>
    public async Task<string> TokenAsync(string client = "shop-client", string scope = "")
    {
        var answer = await PostAsync("connect/token", client, ("grant_type", "client_credentials"), ("scope", scope));
        return (string)answer["access_token"]!;
    }

    public Task RevokeAsync(string token, string client = "shop-client") => PostAsync("connect/revoke", client, ("token", token));

    /// <summary>Signs with another key from now on, and publishes the old one no more.</summary>
    public void ChangeKey()
    {
        var options = _app.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        options.SigningCredentials.Clear();
        options.SigningCredentials.Add(new SigningCredentials(NewKey(), SecurityAlgorithms.RsaSha256));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private static void Configure(IServiceCollection services, bool opaque, Action<OpenIddictServerEvents.HandleTokenRequestContext> signIn)
    {
        var database = Guid.NewGuid().ToString();
        services.AddAuthentication();
        services.AddDbContext<DbContext>(options => options.UseInMemoryDatabase(database).UseOpenIddict());
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>().DisableBulkOperations())
            .AddServer(server =>
            {
                server.SetTokenEndpointUris("connect/token").SetIntrospectionEndpointUris("connect/introspect").SetRevocationEndpointUris("connect/revoke");
                server.AllowClientCredentialsFlow().RegisterScopes("orders.read", "orders.write");
                server.AddSigningKey(NewKey()).AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).DisableAccessTokenEncryption();
                if (opaque) server.UseReferenceAccessTokens();
                server.UseAspNetCore().DisableTransportSecurityRequirement();
                server.AddEventHandler<OpenIddictServerEvents.HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
                {
                    signIn(context);
                    return ValueTask.CompletedTask;
                }));
            });
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private void SignIn(OpenIddictServerEvents.HandleTokenRequestContext context)
    {
        var identity = new ClaimsIdentity("client");
        identity.SetClaim(OpenIddictConstants.Claims.Subject, context.ClientId);
        identity.SetScopes(context.Request!.GetScopes());
        identity.SetResources(Audience);
        identity.SetAccessTokenLifetime(Lifetime);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    private async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path == "/connect/introspect")
        {
            Interlocked.Increment(ref _asked);
            await Task.Delay(Thinks, http.RequestAborted);
        }
        if (http.Request.Path == "/.well-known/jwks") Interlocked.Increment(ref _keysRead);
        if (Down) http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else await next(http);
    }

    private async Task AddClientAsync(string client)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = client,
            ClientSecret = Secret,
            ClientType = OpenIddictConstants.ClientTypes.Confidential,
            Permissions =
            {
                OpenIddictConstants.Permissions.Endpoints.Token,
                OpenIddictConstants.Permissions.Endpoints.Introspection,
                OpenIddictConstants.Permissions.Endpoints.Revocation,
                OpenIddictConstants.Permissions.GrantTypes.ClientCredentials,
                OpenIddictConstants.Permissions.Prefixes.Scope + "orders.read",
                OpenIddictConstants.Permissions.Prefixes.Scope + "orders.write",
            },
        });
    }

    private async Task<JsonObject> PostAsync(string path, string client, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Append(("client_id", client)).Append(("client_secret", Secret)).Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
        using var answer = await _http.PostAsync(Issuer + path, content);
        var said = await answer.Content.ReadFromJsonAsync<JsonObject>() ?? [];
        return answer.IsSuccessStatusCode ? said : throw new InvalidOperationException(said.ToJsonString());
    }
}

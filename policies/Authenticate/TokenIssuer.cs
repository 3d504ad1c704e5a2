using System.Collections.Frozen;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// One declared issuer. Its options are those of ASP.NET Core's JWT bearer authentication, configured by Microsoft.Identity.Web where the
/// issuer is Entra ID; such a token goes through the authentication handler, which has Identity.Web's checks in its events. A token of any
/// other issuer goes straight to the token handler beneath, which is all that the authentication handler would do for it.
/// It has a service container of its own, so that a reload brings new issuers without touching the host's.
/// Keys are fetched by discovery on the first token and again when an unknown key id comes.
/// </summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    /// <summary>Claims that name the caller, most exact first: an application by its id, else the subject.</summary>
    private static readonly string[] SubjectClaims = ["azp", "client_id", "appid", "sub"];

    /// <summary>Claims that say what a token is good for: RFC 9068 section 2.2.3, Entra's for users, Entra's for applications.</summary>
    private static readonly string[] ScopeClaims = ["scope", "scp", "roles"];

    /// <summary>Claims that say which groups the caller belongs to: most issuers', and Entra's for roles of an application.</summary>
    private static readonly string[] GroupClaims = ["groups", "roles"];

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services;
    private readonly AuthenticationScheme _scheme;
    private readonly IOptionsMonitor<JwtBearerOptions> _options;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;
    private readonly IConfigurationManager<OpenIdConnectConfiguration> _keys;
    private readonly string _issuer;

    public TokenIssuer(string name, IssuerOptions declared, Outside outside, TimeProvider clock)
    {
        Name = name;
        Kind = declared.Kind;
        _issuer = declared.Issuer.OriginalString;
        _scheme = new AuthenticationScheme(name, null, typeof(JwtBearerHandler));
        var services = new ServiceCollection();
        // Microsoft.Identity.Web asks for one, even though all its options are given here.
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        var authentication = services.AddAuthentication();
        if (declared.Kind == IssuerKind.Entra) AddEntra(authentication, declared, Configure);
        else authentication.AddJwtBearer(name, Configure);
        _services = services.BuildServiceProvider();
        _options = _services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>();
        _parameters = _options.Get(name).TokenValidationParameters;
        _keys = _options.Get(name).ConfigurationManager!;
        KeysInForce = () => _keys.GetConfigurationAsync(CancellationToken.None) is { IsCompletedSuccessfully: true } read ? read.Result : null;
        if (_keys is not BaseConfigurationManager manager) return;
        // The framework would take keys that the issuer has withdrawn for another hour.
        manager.UseLastKnownGoodConfiguration = false;
        // The token handler takes the keys from there, and asks for them anew when a key id is unknown.
        _parameters.ConfigurationManager = manager;

        void Configure(JwtBearerOptions jwt) => TokenIssuer.Configure(jwt, declared, outside.Issuer(name, declared), clock);
    }

    public string Name { get; }

    public IssuerKind Kind { get; }

    public bool Issues(string issuer) => issuer.TrimEnd('/') == _issuer.TrimEnd('/');

    /// <summary>
    /// Checks a token, which stands in the request's Authorization header: signature, issuer, audience, life time, algorithm.
    /// Returns whom it names, or a reason code for the operator's log, or that the issuer can't be asked.
    /// </summary>
    public async ValueTask<Validation> ValidateAsync(HttpContext http, JsonWebToken token)
    {
        object keys;
        try
        {
            keys = await _keys.GetConfigurationAsync(http.RequestAborted);
        }
        catch (Exception unreachable) when (unreachable is InvalidOperationException or IOException or HttpRequestException)
        {
            return new Validation([], "issuer-unreachable") { Unavailable = true };
        }
        // Keys that are fetched while the token is checked are not the ones that are remembered with it: the next request checks again.
        return (Kind == IssuerKind.Entra ? await AuthenticateAsync(http) : await CheckAsync(token)) with { Keys = keys };
    }

    private async ValueTask<Validation> CheckAsync(JsonWebToken token)
    {
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        return result.IsValid
            ? Good(SubjectClaims.Select(claim => token.TryGetPayloadValue<string>(claim, out var value) ? value : null), token.Claims, token.ValidTo)
            : new Validation([], Reason(result.Exception));
    }

    private async ValueTask<Validation> AuthenticateAsync(HttpContext http)
    {
        var handler = new JwtBearerHandler(_options, NullLoggerFactory.Instance, UrlEncoder.Default);
        await handler.InitializeAsync(_scheme, http);
        var result = await handler.AuthenticateAsync();
        return result.Principal is { } principal
            ? Good(SubjectClaims.Select(principal.FindFirstValue), principal.Claims, result.Properties?.ExpiresUtc)
            : new Validation([], Reason(result.Failure));
    }

    private static Validation Good(IEnumerable<string?> subjects, IEnumerable<Claim> claims, DateTimeOffset? until)
    {
        var scopes = claims.Where(c => ScopeClaims.Contains(c.Type)).Select(c => c.Value).ToList();
        return new Validation([.. subjects.OfType<string>()], "")
        {
            Until = until,
            Scopes = scopes.Count == 0 ? null : scopes.SelectMany(s => s.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToFrozenSet(),
            Groups = [.. claims.Where(c => GroupClaims.Contains(c.Type)).Select(c => c.Value)],
        };
    }

    /// <summary>
    /// The keys in force, as an identity: another object after every change of them; null while there are none.
    /// Asking also lets the framework look for new ones when it is time.
    /// </summary>
    public Func<object?> KeysInForce { get; }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private void AddEntra(AuthenticationBuilder authentication, IssuerOptions declared, Action<JwtBearerOptions> configure) => authentication.AddMicrosoftIdentityWebApi(
        configure,
        identity =>
        {
            identity.Instance = declared.Issuer.GetLeftPart(UriPartial.Authority);
            identity.TenantId = declared.Issuer.Segments is [_, var tenant, ..] ? tenant.Trim('/') : "";
            identity.ClientId = declared.Audience;
            identity.AllowWebApiToBeAuthorizedByACL = true;
        },
        Name);

    private static void Configure(JwtBearerOptions jwt, IssuerOptions declared, HttpMessageHandler? connections, TimeProvider clock)
    {
        jwt.Authority = declared.Issuer.OriginalString;
        jwt.Audience = declared.Audience;
        jwt.RequireHttpsMetadata = declared.Issuer.Scheme == Uri.UriSchemeHttps;
        jwt.MapInboundClaims = false;
        jwt.SaveToken = false;
        jwt.BackchannelTimeout = TimeSpan.FromSeconds(5);
        jwt.BackchannelHttpHandler = connections;
        jwt.TokenValidationParameters.ValidAlgorithms = declared.Algorithms;
        jwt.TokenValidationParameters.LifetimeValidator = (begins, ends, _, _) => IsAlive(begins, ends, clock.GetUtcNow().UtcDateTime);
        if (declared.Kind == IssuerKind.Oidc) jwt.TokenValidationParameters.ValidIssuer = declared.Issuer.OriginalString;
    }

    /// <summary>
    /// Whether a token's time has begun and not ended (RFC 7519 sections 4.1.4 and 4.1.5), half a minute more or less. The framework would ask
    /// the system's clock.
    /// </summary>
    private static bool IsAlive(DateTime? begins, DateTime? ends, DateTime now)
    {
        if (ends is not { } end) throw new SecurityTokenNoExpirationException();
        if (end + Skew < now) throw new SecurityTokenExpiredException();
        return begins is not { } begin || begin - Skew <= now ? true : throw new SecurityTokenNotYetValidException();
    }

    /// <summary>A reason code: the class of the failure, without the token's content.</summary>
    private static string Reason(Exception? failure) => failure switch
    {
        null => "token-missing",
        AggregateException several => Reason(several.InnerExceptions[0]),
        _ => failure.GetType().Name.Replace("SecurityToken", "token-").Replace("Exception", "").ToLowerInvariant(),
    };
}

/// <summary>What came of one token: whom it names and when it ends, or a reason code for the operator's log.</summary>
/// <param name="Subjects">Values of the claims that name the caller, most exact first; empty where the token is not good.</param>
/// <param name="Reason">Empty where the token is good.</param>
internal sealed record Validation(IReadOnlyList<string> Subjects, string Reason)
{
    /// <summary>When the token ends; null when the handler did not say.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What the token is good for; null where it does not say.</summary>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>Groups and roles of the caller, as the issuer names them.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What it was checked with, see <see cref="TokenIssuer.KeysInForce"/>.</summary>
    public object? Keys { get; init; }

    /// <summary>The issuer can't be asked for its keys.</summary>
    public bool Unavailable { get; init; }
}

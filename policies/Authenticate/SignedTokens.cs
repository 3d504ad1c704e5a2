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
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Tokens that an issuer signed, checked by its keys. Its options are those of ASP.NET Core's JWT bearer authentication, configured by
/// Microsoft.Identity.Web where the issuer is Entra ID; such a token goes through the authentication handler, which has Identity.Web's checks in
/// its events. A token of any other issuer goes straight to the token handler beneath, which is all that the authentication handler would do for it.
/// It has a service container of its own, so that a reload brings new issuers without touching the host's.
/// </summary>
internal sealed class SignedTokens : IAsyncDisposable
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services;
    private readonly AuthenticationScheme _scheme;
    private readonly IOptionsMonitor<JwtBearerOptions> _options;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;
    private readonly IssuerOptions _declared;
    private readonly IssuerKeys _keys;
    private readonly Func<object?> _keysInForce;

    /// <summary>The header of the last token that was found to have a good one: until an issuer changes its key it is the header of all.</summary>
    private string _head = "";

    public SignedTokens(string name, IssuerOptions declared, IssuerKeys keys, TimeProvider clock)
    {
        (_declared, _keys) = (declared, keys);
        _keysInForce = () => keys.Current;
        _scheme = new AuthenticationScheme(name, null, typeof(JwtBearerHandler));
        var services = new ServiceCollection();
        // Microsoft.Identity.Web asks for one, even though all its options are given here.
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        var authentication = services.AddAuthentication();
        if (declared.Kind == IssuerKind.Entra) AddEntra(authentication, name, declared, Configure);
        else authentication.AddJwtBearer(name, Configure);
        _services = services.BuildServiceProvider();
        _options = _services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>();
        _parameters = _options.Get(name).TokenValidationParameters;

        void Configure(JwtBearerOptions jwt) => SignedTokens.Configure(jwt, declared, keys, clock);
    }

    /// <summary>
    /// Checks a token, which stands in the request's Authorization header: signature, issuer, audience, life time, algorithm.
    /// Returns whom it names, or a reason code for the operator's log, or that the issuer can't be asked.
    /// </summary>
    public async ValueTask<Validation> ValidateAsync(HttpContext http, JsonWebToken token)
    {
        if (Oddity(token) is { } odd) return Validation.Refuse(odd);
        if (_declared.Kind == IssuerKind.Entra && OtherThanItsTenant(token) is { } other) return Validation.Refuse(other);
        // Keys that are fetched while the token is checked are not the ones that are remembered with it: the next request checks again.
        if (await _keys.GetAsync(http.RequestAborted) is not { } keys) return Validation.CantSay("issuer-unreachable");
        return (_declared.Kind == IssuerKind.Entra ? await AuthenticateAsync(http) : (await _handler.ValidateTokenAsync(token, _parameters)).Exception) is { } failure
            ? Validation.Refuse(Reason(failure))
            : Validation.Good([.. token.Claims], token.ValidTo, _declared.CallerClaims, TenantOf(token)) with { Keys = keys, KeysInForce = _keysInForce };
    }

    /// <summary>What stands before the names of callers: the tenant, where there are several.</summary>
    public string TenantOf(JsonWebToken token) => _declared.Tenants.Count > 0 && token.TryGetPayloadValue<string>("tid", out var tenant) ? tenant + "/" : "";

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private string? Oddity(JsonWebToken token)
    {
        var head = token.EncodedHeader;
        if (head == Volatile.Read(ref _head)) return TokenShape.OddBody(token.EncodedPayload);
        if (TokenShape.OddHead(head, _declared.Types) is { } odd) return odd;
        Volatile.Write(ref _head, head);
        return TokenShape.OddBody(token.EncodedPayload);
    }

    /// <summary>A reason code where a token is not of the version that is declared, or names another tenant than the issuer that it was routed by.</summary>
    private static string? OtherThanItsTenant(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<string>("ver", out var version) || version != "2.0") return "token-version";
        return token.TryGetPayloadValue<string>("tid", out var tenant) && token.Issuer.EndsWith($"/{tenant}/v2.0", StringComparison.Ordinal) ? null : "token-tenant";
    }

    /// <summary>Why not; null when it is good.</summary>
    private async ValueTask<Exception?> AuthenticateAsync(HttpContext http)
    {
        var handler = new JwtBearerHandler(_options, NullLoggerFactory.Instance, UrlEncoder.Default);
        await handler.InitializeAsync(_scheme, http);
        var result = await handler.AuthenticateAsync();
        return result.Succeeded ? null : result.Failure ?? new SecurityTokenException();
    }

    private static void AddEntra(AuthenticationBuilder authentication, string name, IssuerOptions declared, Action<JwtBearerOptions> configure) => authentication.AddMicrosoftIdentityWebApi(
        configure,
        identity =>
        {
            identity.Instance = declared.Issuer.GetLeftPart(UriPartial.Authority);
            identity.TenantId = declared.Issuer.Segments is [_, var tenant, ..] ? tenant.Trim('/') : "";
            identity.ClientId = declared.Audience;
            identity.AllowWebApiToBeAuthorizedByACL = true;
        },
        name);

    private static void Configure(JwtBearerOptions jwt, IssuerOptions declared, IssuerKeys keys, TimeProvider clock)
    {
        jwt.Authority = declared.Issuer.OriginalString;
        jwt.Audience = declared.Audience;
        jwt.RequireHttpsMetadata = declared.Issuer.Scheme == Uri.UriSchemeHttps;
        jwt.MapInboundClaims = false;
        jwt.SaveToken = false;
        jwt.ConfigurationManager = keys;
        var parameters = jwt.TokenValidationParameters;
        // The token handler takes the keys from there, and asks for them anew when a key id is unknown.
        parameters.ConfigurationManager = keys;
        parameters.ValidAlgorithms = declared.Algorithms;
        parameters.ValidAudience = declared.Audience;
        // Identity.Web's validator of issuers finds them here, and asks nobody: it would take every tenant that Entra has.
        parameters.ValidIssuers = declared.Kind == IssuerKind.Entra ? declared.Signers : [declared.Issuer.OriginalString];
        parameters.LifetimeValidator = (begins, ends, _, _) => IsAlive(begins, ends, clock.GetUtcNow().UtcDateTime);
    }

    /// <summary>
    /// Whether a token's time has begun and not ended (RFC 7519 sections 4.1.4 and 4.1.5), half a minute more or less. The framework would ask
    /// the system's clock. A token may say the first or the last day of the calendar, so it is the clock that is moved.
    /// </summary>
    private static bool IsAlive(DateTime? begins, DateTime? ends, DateTime now)
    {
        if (ends is not { } end) throw new SecurityTokenNoExpirationException();
        if (end < now - Skew) throw new SecurityTokenExpiredException();
        return begins is not { } begin || begin <= now + Skew ? true : throw new SecurityTokenNotYetValidException();
    }

    /// <summary>A reason code: the class of the failure, without the token's content.</summary>
    private static string Reason(Exception failure) => failure switch
    {
        AggregateException several => Reason(several.InnerExceptions[0]),
        _ => failure.GetType().Name.Replace("SecurityToken", "token-").Replace("Exception", "").ToLowerInvariant(),
    };
}

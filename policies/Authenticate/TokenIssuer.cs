using System.Buffers;
using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// One declared issuer: ASP.NET Core's JWT bearer handler, configured by Microsoft.Identity.Web where the issuer is Entra ID.
/// It has a service container of its own, so that a reload brings new issuers without touching the host's.
/// Keys are fetched by discovery on the first token and again when an unknown key id comes.
/// </summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly AuthenticationScheme _scheme;
    private readonly IOptionsMonitor<JwtBearerOptions> _options;
    private readonly string _issuer;

    public TokenIssuer(string name, IssuerOptions declared)
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
        if (declared.Kind == IssuerKind.Entra) AddEntra(authentication, declared);
        else authentication.AddJwtBearer(name, jwt => Configure(jwt, declared));
        _services = services.BuildServiceProvider();
        _options = _services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>();
        // The framework would take keys that the issuer has withdrawn for another hour.
        if (_options.Get(name).ConfigurationManager is BaseConfigurationManager keys) keys.UseLastKnownGoodConfiguration = false;
    }

    public string Name { get; }

    public IssuerKind Kind { get; }

    public bool Issues(string issuer) => issuer.TrimEnd('/') == _issuer.TrimEnd('/');

    /// <summary>
    /// Checks the Authorization header of a request: signature, issuer, audience, life time, algorithm.
    /// Returns the principal, or a reason code for the operator's log, or that the issuer can't be asked.
    /// </summary>
    public async ValueTask<Validation> ValidateAsync(HttpContext http)
    {
        var jwt = _options.Get(Name);
        try
        {
            if (jwt.ConfigurationManager is { } keys) await keys.GetConfigurationAsync(http.RequestAborted);
        }
        catch (Exception unreachable) when (unreachable is InvalidOperationException or IOException or HttpRequestException)
        {
            return new Validation(null, "issuer-unreachable") { Unavailable = true };
        }
        var handler = new JwtBearerHandler(_options, NullLoggerFactory.Instance, UrlEncoder.Default);
        await handler.InitializeAsync(_scheme, http);
        var result = await handler.AuthenticateAsync();
        return result.Succeeded
            ? new Validation(result.Principal, "") { Until = result.Properties?.ExpiresUtc }
            : new Validation(null, Reason(result.Failure));
    }

    /// <summary>The keys in force, as an identity: another object after every change of them; null while there are none.</summary>
    public object? Keys => _options.Get(Name).ConfigurationManager?.GetConfigurationAsync(CancellationToken.None) is { IsCompletedSuccessfully: true } read ? read.Result : null;

    /// <summary>Tells whether these keys are still the ones in force. Asking also lets the framework look for new ones when it is time.</summary>
    public Func<bool> Holds(object keys) => () => ReferenceEquals(keys, Keys);

    /// <summary>The issuer a token claims (RFC 7519 section 4.1.1), before anything of it is checked; null when it is no token.</summary>
    public static string? ClaimedBy(ReadOnlySpan<char> token)
    {
        var start = token.IndexOf('.') + 1;
        var length = token[start..].IndexOf('.');
        if (start == 0 || length <= 0) return null;
        var payload = ArrayPool<byte>.Shared.Rent(Base64Url.GetMaxDecodedLength(length));
        try
        {
            return Base64Url.TryDecodeFromChars(token.Slice(start, length), payload, out var written) ? ClaimedBy(payload.AsSpan(0, written)) : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    private static string? ClaimedBy(ReadOnlySpan<byte> claims)
    {
        var json = new Utf8JsonReader(claims);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var found = json.ValueTextEquals("iss"u8);
            json.Read();
            if (found) return json.GetString();
            json.Skip();
        }
        return "";
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private void AddEntra(AuthenticationBuilder authentication, IssuerOptions declared) => authentication.AddMicrosoftIdentityWebApi(
        jwt => Configure(jwt, declared),
        identity =>
        {
            identity.Instance = declared.Issuer.GetLeftPart(UriPartial.Authority);
            identity.TenantId = declared.Issuer.Segments is [_, var tenant, ..] ? tenant.Trim('/') : "";
            identity.ClientId = declared.Audience;
            identity.AllowWebApiToBeAuthorizedByACL = true;
        },
        Name);

    private static void Configure(JwtBearerOptions jwt, IssuerOptions declared)
    {
        jwt.Authority = declared.Issuer.OriginalString;
        jwt.Audience = declared.Audience;
        jwt.RequireHttpsMetadata = declared.Issuer.Scheme == Uri.UriSchemeHttps;
        jwt.MapInboundClaims = false;
        jwt.SaveToken = false;
        jwt.BackchannelTimeout = TimeSpan.FromSeconds(5);
        jwt.TokenValidationParameters.ValidAlgorithms = declared.Algorithms;
        jwt.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
        if (declared.Kind == IssuerKind.Oidc) jwt.TokenValidationParameters.ValidIssuer = declared.Issuer.OriginalString;
    }

    /// <summary>A reason code: the class of the failure, without the token's content.</summary>
    private static string Reason(Exception? failure) => failure switch
    {
        null => "token-missing",
        AggregateException several => Reason(several.InnerExceptions[0]),
        _ => failure.GetType().Name.Replace("SecurityToken", "token-").Replace("Exception", "").ToLowerInvariant(),
    };
}

/// <summary>What came of one token: its principal and when it ends, or a reason code for the operator's log.</summary>
/// <param name="Reason">Empty where there is a principal.</param>
internal sealed record Validation(ClaimsPrincipal? Principal, string Reason)
{
    /// <summary>When the token ends; null when the handler did not say.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The issuer can't be asked for its keys.</summary>
    public bool Unavailable { get; init; }
}

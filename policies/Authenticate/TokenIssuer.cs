using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gateway.Policies.Authenticate;

/// <summary>One declared issuer: it says of tokens whose they are, by its keys (<see cref="SignedTokens"/>) or when it is asked (<see cref="Authenticate.Introspection"/>).</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private const int MaxAnswer = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _connections;
    private readonly string[] _signers;
    private readonly SignedTokens? _signed;
    private readonly IssuerOptions _declared;

    public TokenIssuer(string name, IssuerOptions declared, Outside outside, TimeProvider clock)
    {
        (Name, _declared) = (name, declared);
        _signers = [.. declared.Signers];
        _connections = new HttpClient(outside.Issuer(name, declared) ?? OwnConnections()) { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswer };
        var keys = new IssuerKeys(declared.Issuer, _connections, clock);
        if (declared.Kind != IssuerKind.Introspection) _signed = new SignedTokens(name, declared, keys, clock);
        if (declared.Introspection is { } asked) Introspection = new Introspection(name, declared, asked, keys, _connections, clock);
    }

    public string Name { get; }

    /// <summary>The way to ask it about a token; null where its keys tell all.</summary>
    public Introspection? Introspection { get; }

    /// <summary>Whether a token with this <c>iss</c> is of this issuer.</summary>
    public bool Issues(string issuer) => _signers.Contains(issuer.TrimEnd('/'));

    /// <summary>Checks a JWT, which stands in the request's Authorization header: whom it names, or why it is refused, or that the issuer can't be asked.</summary>
    public ValueTask<Validation> ValidateAsync(HttpContext http, JsonWebToken token) =>
        _signed?.ValidateAsync(http, token) ?? Introspection!.AskAsync(token.EncodedToken, http.RequestAborted);

    /// <summary>Whom a JWT names, whether that is true or not.</summary>
    public IEnumerable<string> Claimed(JsonWebToken token) => Validation.SubjectsOf([.. token.Claims], _declared.CallerClaims, _signed?.TenantOf(token) ?? "");

    public async ValueTask DisposeAsync()
    {
        if (_signed is not null) await _signed.DisposeAsync();
        _connections.Dispose();
    }

    /// <summary>So few that a flood of unknown tokens does not become a flood of connections; renewed, so that a changed address is seen.</summary>
    private static SocketsHttpHandler OwnConnections() => new()
    {
        MaxConnectionsPerServer = 32,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = Patience,
        AllowAutoRedirect = false,
        UseCookies = false,
    };
}

using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Credentials;

/// <summary>A declared credential, opened: a value in a header, a certificate in TLS, or both.</summary>
internal sealed class SignIn : Credential
{
    private readonly CredentialOptions _declared;
    private readonly HeaderValue? _value;
    private readonly Followed<SslStreamCertificateContext>? _certificate;
    private readonly Followed<X509Certificate2Collection>? _authorities;

    /// <exception cref="ArgumentException">A secret holds what can't be shown.</exception>
    private SignIn(string backend, BackendOptions options, TimeProvider clock, Outside outside, ILogger log)
    {
        _declared = options.Credential ?? new CredentialOptions();
        if (_declared.Certificate is { File: var file } certificate && file.Reveal().Length > 0)
            _certificate = new Followed<SslStreamCertificateContext>([file, certificate.Key, certificate.Passphrase], () => ClientCertificate.Read(certificate));
        if (options.Authorities is { } authorities && authorities.Reveal().Length > 0)
            _authorities = new Followed<X509Certificate2Collection>([authorities], () => ClientCertificate.ReadAuthorities(authorities));
        TlsIdentity = string.Join(' ', new[] { _declared.Certificate?.File, _declared.Certificate?.Key, _declared.Certificate?.Passphrase, options.Authorities }.Select(s => s?.Reference ?? "-"));
        _value = ValueOf(_declared) is { } value ? new SecretValue(value.Secret, value.Compose, outside)
            : _declared.Oauth2 is { } oauth2 ? new TokenSource(backend, oauth2, () => Connect(ToTokens), outside, clock, log)
            : null;
        if (_value is SecretValue fixedValue && fixedValue.Now().Trouble is { } trouble) throw new ArgumentException(trouble, nameof(options));
    }

    public static Credential Open(string backend, BackendOptions options, TimeProvider clock, Outside outside, ILoggerFactory logs) =>
        options is { Credential: null, Authorities: null } ? None : new SignIn(backend, options, clock, outside, logs.CreateLogger("Gateway.Adapters.Credentials"));

    public override string Text => _declared.Text;

    public override string? Header => _value is null ? null : _declared.Key is null ? "Authorization" : _declared.Header;

    public override string TlsIdentity { get; }

    public override DateTimeOffset? Expires => _certificate is { } certificate && new DateTimeOffset(certificate.Now.TargetCertificate.NotAfter).ToUniversalTime() is var ends && !(_declared.Expires <= ends)
        ? ends
        : _declared.Expires;

    public override string? Trouble => _certificate?.Trouble ?? _authorities?.Trouble;

    public override ValueTask<Shown> ShowAsync(CancellationToken cancellation) => _value?.ShowAsync(cancellation) ?? default;

    public override bool Renew(string refused) => _value?.Renew(refused) ?? false;

    public override HttpMessageHandler Connect(Func<SocketsHttpHandler> connections) =>
        _certificate is null && _authorities is null ? connections() : new TlsConnections(_certificate, _authorities, connections);

    public override ValueTask DisposeAsync()
    {
        _value?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The secret that is shown by itself, and how.</summary>
    private static (Secret Secret, Func<string, string> Compose)? ValueOf(CredentialOptions declared)
    {
        if (declared.Basic is { } basic) return (basic.Password, password => SecretValue.Basic(basic.User, password));
        if (declared.Key is not { } key) return null;
        var scheme = declared.Scheme.Length > 0 && declared.Header.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? declared.Scheme + " " : "";
        return (key, value => scheme + value);
    }

    /// <summary>Connections to the authorization server: it may ask for the same certificate (RFC 8705).</summary>
    private static SocketsHttpHandler ToTokens() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
    };
}

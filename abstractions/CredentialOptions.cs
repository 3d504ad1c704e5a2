using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>How the gateway signs in at a backend: by one of key, basic and oauth2, and in TLS by a certificate, alone or beside it.</summary>
public sealed record CredentialOptions
{
    [Description("A key, sent in a header.")]
    public Secret? Key { get; init; }

    [Description("The header that carries the key.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    public string Header { get; init; } = "Authorization";

    [Description("Scheme before the key in Authorization (RFC 9110 section 11.4); empty when the key holds it itself. Other headers take none.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{0,64}$")]
    public string Scheme { get; init; } = "Bearer";

    [Description("User and password (RFC 7617).")]
    public BasicOptions? Basic { get; init; }

    [Description("Tokens that the backend's authorization server gives to the gateway itself: OAuth 2.0 client credentials (RFC 6749 section 4.4).")]
    public Oauth2Options? Oauth2 { get; init; }

    [Description("A certificate that is shown in TLS (mutual TLS).")]
    public ClientCertificateOptions? Certificate { get; init; }

    [Description("When the key, the password or the client secret ends; a day begins at midnight UTC. It is warned of from two weeks before. A certificate says it itself.")]
    public DateTimeOffset? Expires { get; init; }

    /// <summary>For people: <c>a key in API-Key</c>; empty where nothing is said.</summary>
    public string Text
    {
        get
        {
            var shown = Key is not null ? $"a key in {Header}" : Basic is not null ? $"the password of {Basic.User}" : Oauth2 is not null ? $"tokens of {Oauth2.TokenUrl.Host} for {Oauth2.ClientId}" : null;
            return Certificate is null ? shown ?? "" : shown is null ? "a certificate" : $"{shown}, and a certificate";
        }
    }
}

public sealed record BasicOptions
{
    [Description("The user; it has no colon.")]
    [RegularExpression("^[^:\\x00-\\x1f\\x7f]*$")]
    public required string User { get; init; }

    [Description("The password.")]
    public required Secret Password { get; init; }
}

public sealed record Oauth2Options
{
    [Description("The token endpoint: https, or on loopback.")]
    public required Uri TokenUrl { get; init; }

    [Description("The gateway's own id there.")]
    public required string ClientId { get; init; }

    [Description("The secret to it.")]
    public required Secret ClientSecret { get; init; }

    [Description("header: id and secret in Authorization. body: beside the other parameters (RFC 6749 section 2.3.1), where the server wants it so.")]
    public SecretPlace SecretIn { get; init; } = SecretPlace.Header;

    [Description("Scopes to ask for.")]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    [Description("Whom the tokens are for, where the server asks for an audience.")]
    public string? Audience { get; init; }

    [Description("Time for one call of the token endpoint.")]
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Where a token endpoint reads the client's secret.</summary>
public enum SecretPlace
{
    /// <summary>In Authorization, as Basic.</summary>
    Header,

    /// <summary>In the form.</summary>
    Body,
}

public sealed record ClientCertificateOptions
{
    [Description("The certificate, and behind it those between it and its authority: PEM, or PKCS #12 (in an environment variable as base64). It may hold the key as well.")]
    public required Secret File { get; init; }

    [Description("Its private key in PEM, where it stands in a file of its own.")]
    public Secret? Key { get; init; }

    [Description("The passphrase of the key or of the PKCS #12 file.")]
    public Secret? Passphrase { get; init; }
}

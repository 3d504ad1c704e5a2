using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>TLS of the ports. Which addresses are https is said where the gateway is started.</summary>
public sealed record TlsOptions
{
    [Description("Certificates of the public port. The name that a caller asks for (SNI) chooses; the first is shown where none is for it.")]
    public required IReadOnlyList<CertificateOptions> Certificates { get; init; }

    [Description("Certificates of the admin port, where its address is https. Default: those of the public port.")]
    public IReadOnlyList<CertificateOptions> AdminCertificates { get; init; } = [];

    [Description("The oldest version of TLS that is taken: tls12 or tls13.")]
    public TlsVersion Oldest { get; init; } = TlsVersion.Tls12;

    [Description("For how long callers shall come by https only, once they have (Strict-Transport-Security, RFC 6797). 0s takes it back.")]
    public TimeSpan Hsts { get; init; } = TimeSpan.FromDays(365);

    [Description("Whether that holds for all names below the host's too.")]
    public bool HstsSubdomains { get; init; }

    [Description("What http addresses beside https do: redirect (what reads, to a name that a certificate is for; all else is refused) or refuse. Without it there may be none.")]
    public PlainHttp? Plain { get; init; }

    [Description("The port under which callers reach https, for redirects. Default: the one that the gateway listens on.")]
    [Range(1, 65_535)]
    public int? PublicPort { get; init; }
}

/// <summary>One certificate with its chain and its private key, by reference.</summary>
public sealed record CertificateOptions
{
    [Description("PEM: the certificate, then those between it and its root.")]
    public Material? Chain { get; init; }

    [Description("PEM: the private key.")]
    public Material? Key { get; init; }

    [Description("PKCS #12: certificate, chain and key in one.")]
    public Material? Pfx { get; init; }

    [Description("What opens the key, or the PKCS #12 file.")]
    public Secret? Password { get; init; }
}

public enum TlsVersion
{
    /// <summary>RFC 5246.</summary>
    Tls12,

    /// <summary>RFC 8446.</summary>
    Tls13,
}

/// <summary>What an http address beside https does.</summary>
public enum PlainHttp
{
    /// <summary>Sends who reads to https, and refuses the rest: what changes something was sent in clear already.</summary>
    Redirect,

    /// <summary>Refuses everybody.</summary>
    Refuse,
}

/// <summary>An authority whose certificates callers may come with.</summary>
public sealed record AuthorityOptions
{
    [Description("PEM: its root certificates, and those below them that callers may leave out. A file of the workspace, certificates/NAME.pem, or a reference.")]
    public required Material Certificates { get; init; }

    [Description("Its revocation lists (RFC 5280 section 5), PEM or DER; they are followed when their files change.")]
    public IReadOnlyList<Material> Revocation { get; init; } = [];

    [Description("Refuse a certificate that no revocation list in force speaks about.")]
    public bool RequireRevocation { get; init; }
}

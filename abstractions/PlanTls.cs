using System.Globalization;

namespace Gateway;

/// <summary>TLS of the ports as a Plan runs it.</summary>
public sealed record PlanTls(TlsOptions Options, IReadOnlyList<Followed<ServerCertificate>> Public, IReadOnlyList<Followed<ServerCertificate>> Admin)
{
    /// <summary><c>Strict-Transport-Security</c> (RFC 6797 section 6.1).</summary>
    public string Hsts { get; } = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)Options.Hsts.TotalSeconds}{(Options.HstsSubdomains ? "; includeSubDomains" : "")}");

    /// <summary>The certificate for a host; the first where none is for it, or the caller names none. Null where none runs.</summary>
    public static ServerCertificate? Find(IReadOnlyList<Followed<ServerCertificate>> shown, string? host)
    {
        if (host is { Length: > 0 } && ForHost(shown, host) is { } named) return named;
        foreach (var followed in shown)
        {
            if (followed.Current is { } any) return any;
        }
        return null;
    }

    /// <summary>Whether one of the public port's certificates is for a host.</summary>
    public bool IsFor(string host) => ForHost(Public, host) is not null;

    private static ServerCertificate? ForHost(IReadOnlyList<Followed<ServerCertificate>> shown, string host)
    {
        foreach (var followed in shown)
        {
            if (followed.Current is { } current && current.IsFor(host)) return current;
        }
        return null;
    }
}

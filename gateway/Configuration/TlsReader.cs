using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>TLS of the ports. A certificate that ran goes on when its files have been broken since; one that never could be used is an error.</summary>
internal sealed class TlsReader(Places places, KeptState kept, TimeProvider clock, ICollection<Diagnostic> diagnostics)
{
    public PlanTls? Read(TlsOptions? tls)
    {
        if (tls is null) return null;
        if (tls.Certificates.Count == 0)
            Error("GW2071", places.Of(tls, nameof(tls.Certificates)), "tls: names no certificate", "add certificates: [{ chain: secret://file/PATH, key: secret://file/PATH }], or remove tls:");
        List<Followed<ServerCertificate>> shown = [.. tls.Certificates.Select(Open).OfType<Followed<ServerCertificate>>()];
        return new PlanTls(tls, shown, tls.AdminCertificates.Count == 0 ? shown : [.. tls.AdminCertificates.Select(Open).OfType<Followed<ServerCertificate>>()]);
    }

    /// <summary>Where routes take certificates, some must be able to come.</summary>
    public void CheckReachable(IReadOnlyList<PlanRoute> routes, TlsOptions? tls, Proxies? proxies)
    {
        if (tls is not null || proxies is { Certificates: not CertificateHeader.None }) return;
        if (routes.FirstOrDefault(r => r.Surface.Credentials.SelectMany(c => c.Parts).Any(c => c is SurfaceCredential.Certificate)) is { } route)
            diagnostics.Add(new Diagnostic("GW2077", Severity.Warning, route.Place, $"the route '{route.Name}' takes client certificates, and none can reach the gateway", "declare tls:, or governance.proxies.certificateHeader where a proxy ends TLS"));
    }

    private Followed<ServerCertificate>? Open(CertificateOptions written)
    {
        var (chain, key, pfx) = (places.Has(written, nameof(written.Chain)), places.Has(written, nameof(written.Key)), places.Has(written, nameof(written.Pfx)));
        if (chain != key || chain == pfx)
        {
            Error("GW2071", places.Of(written), "a certificate is either chain and key, or pfx", "write chain: and key: for PEM, or pfx: for PKCS #12");
            return null;
        }
        if (written.Pfx is null && (written.Chain is null || written.Key is null)) return null;
        IReadOnlyList<Material> materials = written.Pfx is { } one ? [one] : [written.Chain!, written.Key!];
        var certificate = kept.Get($"tls/{string.Join('|', materials.Select(m => m.Identity))}|{written.Password?.Reveal().GetHashCode(StringComparison.Ordinal)}", () => new Followed<ServerCertificate>(
            $"tls {materials[0]}",
            materials,
            (contents, now) => ServerCertificate.Of(written, contents, now),
            c => c.NotAfter,
            (c, now) => c.Complain(now)));
        var looked = clock.GetUtcNow();
        certificate.Look(looked);
        if (certificate.Current is null && certificate.TroubleAt(looked) is { } trouble)
            Error("GW2072", places.Of(written), $"the certificate {materials[0]} can't be used: {trouble}", "put a certificate there that holds, with its private key");
        return certificate;
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

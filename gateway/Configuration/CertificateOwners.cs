using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Certificates of consumers: each is of a declared authority and is one consumer's alone.</summary>
internal sealed class CertificateOwners(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
{
    private readonly Dictionary<ConsumerCertificate, string> _owners = [];

    public IReadOnlyList<ConsumerCertificate> Read(IReadOnlyList<ConsumerCertificateDocument> written, string consumer) =>
        [.. written.Select(w => Read(w, consumer)).OfType<ConsumerCertificate>()];

    private ConsumerCertificate? Read(ConsumerCertificateDocument written, string consumer)
    {
        if (!document.Authorities.ContainsKey(written.Authority) && !places.Has(document.Authorities, written.Authority))
            Error("GW2075", places.Of(written, nameof(written.Authority)), $"there is no authority '{written.Authority}'", $"declare it under authorities; {Nearest.Cure(written.Authority, document.Authorities.Keys)}");
        if (written.Names.ToList() is not [var (kind, value)])
        {
            Error("GW2074", places.Of(written), "a certificate is told by one thing: a name in it, or its thumbprint", "write one of dns:, uri:, email:, sha256:");
            return null;
        }
        var certificate = new ConsumerCertificate(written.Authority, ConsumerCertificate.NameOf(kind, value));
        if (!_owners.TryAdd(certificate, consumer) && _owners[certificate] is var owner && owner != consumer)
            Error("GW2076", places.Of(written), $"the certificate {certificate} belongs to the consumer '{owner}' already", "let one consumer have it");
        return certificate;
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}

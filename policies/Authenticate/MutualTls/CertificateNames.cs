using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Policies.Authenticate;

/// <summary>The names that an authority certified, from the subject alternative name (RFC 5280 section 4.2.1.6). The subject's common name is no name.</summary>
internal static class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary><c>dns:edi.acme.example</c>, <c>uri:spiffe://acme/edi</c>, <c>email:edi@acme.example</c>.</summary>
    public static IEnumerable<string> Of(X509Certificate2 certificate) => certificate.Extensions
        .Where(e => e.Oid?.Value == SubjectAlternativeName)
        .SelectMany(e => Read(e.RawData));

    private static List<string> Read(byte[] extension)
    {
        var names = new List<string>();
        try
        {
            var all = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (all.HasData)
            {
                var tag = all.PeekTag();
                var kind = tag.TagClass != TagClass.ContextSpecific ? null : tag.TagValue switch { 1 => ConsumerCertificate.Email, 2 => ConsumerCertificate.Dns, 6 => ConsumerCertificate.Uri, _ => null };
                if (kind is null) all.ReadEncodedValue();
                else names.Add(ConsumerCertificate.NameOf(kind, all.ReadCharacterString(UniversalTagNumber.IA5String, tag)));
            }
        }
        catch (AsnContentException)
        {
            return [];
        }
        return names;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies.Authenticate;

/// <summary>Headers in which a proxy tells the certificate of who connected to it: RFC 9440, and Envoy's.</summary>
public static class CertificateHeaders
{
    /// <summary>RFC 9440 section 2.2: a byte sequence (RFC 9651 section 3.3.5) with the certificate, DER.</summary>
    public const string ClientCert = "Client-Cert";

    /// <summary>RFC 9440 section 2.3: a list of such, without the certificate itself.</summary>
    public const string ClientCertChain = "Client-Cert-Chain";

    /// <summary>Envoy: elements of <c>Key=Value;…</c>; <c>Cert</c> and <c>Chain</c> are PEM, percent-encoded.</summary>
    public const string ForwardedClientCert = "X-Forwarded-Client-Cert";

    public static readonly IReadOnlyList<string> All = [ClientCert, ClientCertChain, ForwardedClientCert];

    /// <summary>Null where a header is malformed, or there twice.</summary>
    public static PeerCertificate? OfClientCert(StringValues certificate, StringValues chain)
    {
        if (certificate is not [{ } written] || Bytes(written) is not { } raw) return null;
        var others = new List<ReadOnlyMemory<byte>>();
        foreach (var item in chain.SelectMany(line => line?.Split(',') ?? []).Take(PeerCertificate.MostIntermediates))
        {
            if (Bytes(item) is not { } other) return null;
            others.Add(other);
        }
        return new PeerCertificate(raw, others);
    }

    /// <summary>Null where the header is malformed, or more than one hop wrote into it: who wrote the others, nobody knows.</summary>
    public static PeerCertificate? OfForwardedClientCert(StringValues header)
    {
        if (header is not [{ } written] || Members(written) is not { } members) return null;
        if (members.Count(m => IsNamed(m, "Cert")) != 1 || members.Count(m => IsNamed(m, "Chain")) > 1) return null;
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(Uri.UnescapeDataString(members.First(m => IsNamed(m, "Cert")).Value));
            if (all.Count != 1) return null;
            var leaf = all[0].RawData;
            if (members.Find(m => IsNamed(m, "Chain")).Value is { } chain) all.ImportFromPem(Uri.UnescapeDataString(chain));
            return new PeerCertificate(leaf, [.. all.Skip(1).Select(c => (ReadOnlyMemory<byte>)c.RawData).Where(c => !c.Span.SequenceEqual(leaf)).Take(PeerCertificate.MostIntermediates)]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool IsNamed((string Name, string Value) member, string name) => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static byte[]? Bytes(string item)
    {
        var text = item.AsSpan().Trim(' ');
        if (text is not [':', .. var inside, ':'] || inside.IsEmpty) return null;
        var bytes = new byte[inside.Length];
        return Convert.TryFromBase64Chars(inside, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>The members of the one element; values may be quoted, and what is within quotes separates nothing. Null where there are more elements, or it is malformed.</summary>
    private static List<(string Name, string Value)>? Members(string header)
    {
        var members = new List<(string, string)>();
        var at = 0;
        while (at < header.Length)
        {
            var equals = header.IndexOf('=', at);
            if (equals < 0) return null;
            var name = header[at..equals].Trim();
            at = equals + 1;
            if (Value(header, ref at) is not { } value) return null;
            members.Add((name, value));
            if (at == header.Length) break;
            if (header[at++] != ';') return null;
        }
        return members;
    }

    private static string? Value(string header, ref int at)
    {
        var value = new StringBuilder();
        var quoted = at < header.Length && header[at] == '"';
        if (quoted) at++;
        for (; at < header.Length; at++)
        {
            var c = header[at];
            if (quoted && c == '"')
            {
                at++;
                return value.ToString();
            }
            if (!quoted && c is ';' or ',') break;
            if (quoted && c == '\\' && ++at == header.Length) return null;
            value.Append(header[at]);
        }
        return quoted ? null : value.ToString();
    }
}

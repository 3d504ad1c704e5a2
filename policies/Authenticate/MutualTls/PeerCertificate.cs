using System.Security.Cryptography;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// The certificate that a caller showed, and what it sent to stand between it and its root. That the caller has the private key, the TLS
/// handshake has proved, here or at a declared proxy; nothing else of it is known to be true.
/// </summary>
/// <param name="raw">X.509, DER.</param>
/// <param name="chain">The same of the others, at most <see cref="MostIntermediates"/>.</param>
public sealed class PeerCertificate(ReadOnlyMemory<byte> raw, IReadOnlyList<ReadOnlyMemory<byte>> chain)
{
    public const int MostIntermediates = 8;

    public ReadOnlyMemory<byte> Raw { get; } = raw;

    public IReadOnlyList<ReadOnlyMemory<byte>> Chain { get; } = chain;

    /// <summary>SHA-256, 64 hex digits in lower case.</summary>
    public string Thumbprint { get; } = Convert.ToHexStringLower(SHA256.HashData(raw.Span));
}

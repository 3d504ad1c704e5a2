namespace Gateway.Policies.Authenticate;

/// <summary>Stands beside a request that a declared proxy sent, one that tells the certificates of its callers. Nobody else is believed such a header.</summary>
public sealed record CertificateTeller(CertificateHeader Header);

using System.Collections.Frozen;
using System.ComponentModel;

namespace Gateway.Policies.Authenticate;

public sealed record MutualTlsOptions : WayOptions
{
    [Description("Names of the authorities whose certificates are taken; declared under authorities.")]
    public required IReadOnlyList<string> Authorities { get; init; }

    /// <summary>No scheme of HTTP stands for a certificate; a 401 must name one all the same (RFC 9110 section 15.5.2).</summary>
    internal override string Challenge => "ClientCertificate realm=\"gateway\"";

    /// <summary>None: a certificate is no header, and those by which proxies tell one reach no backend anyway.</summary>
    public override IEnumerable<string> Headers => [];

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => Authorities.Where(scope.Authorities.ContainsKey).Select(name => new SurfaceCredential.Certificate(name));

    internal override string Explain(Consumer? consumer)
    {
        var certificates = consumer?.Certificates.Where(c => Authorities.Contains(c.Authority)).ToList();
        var whose = certificates switch { null => "", [] => $", of which {consumer!.Name} has none", _ => $", in which {consumer!.Name} is {string.Join(" or ", certificates.Select(c => c.Name))}" };
        return $"a client certificate of {string.Join(" or ", Authorities)}{whose}";
    }

    internal override WayIn Open(PolicyScope scope) => MutualTlsWay.Of(this, scope);
}

/// <summary>Certificates of callers (RFC 8446 section 4.4.2), and the consumers they stand for.</summary>
internal sealed class MutualTlsWay(IReadOnlyList<Authority> authorities, FrozenDictionary<string, Consumer> owners, TimeProvider clock) : WayIn
{
    /// <summary>The reason that tells least: any other of another authority is told instead.</summary>
    public const string UnknownAuthority = "certificate-authority-unknown";

    private readonly KnownCertificates _known = new(clock);

    /// <summary>The certificates of these authorities; policies that name the same ones share them, and what was found to hold.</summary>
    public static MutualTlsWay Of(MutualTlsOptions options, PolicyScope scope)
    {
        foreach (var unknown in options.Authorities.Where(name => !scope.Authorities.ContainsKey(name)))
            scope.Error("GW2075", scope.PlaceOf(options, nameof(options.Authorities)), $"there is no authority '{unknown}'", $"declare it under authorities; {Nearest.Cure(unknown, scope.Authorities.Keys)}");
        var names = options.Authorities.Where(scope.Authorities.ContainsKey).ToList();
        return scope.Shared($"mutualTls/{string.Join('/', names)}", () => new MutualTlsWay(
            [.. names.Select(name => Authority.Open(name, scope))],
            scope.Shared("certificates", () => OwnersOf(scope.Consumers)),
            scope.Clock));
    }

    public override bool IsPresented(Exchange exchange) => CertificateSource.IsPresented(exchange.Http);

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        if (CertificateSource.Of(exchange.Http) is not { } certificate) return Refuse("certificate-header-malformed");
        return _known.Find(certificate) is { } consumer ? Verdict.Admit(consumer) : VerifyAsync(certificate);
    }

    public override void TakeOff(Exchange exchange) => CertificateSource.TakeOff(exchange.Http);

    private async ValueTask<Verdict> VerifyAsync(PeerCertificate certificate)
    {
        await SocketThread.LeaveAsync();
        var reason = UnknownAuthority;
        foreach (var authority in authorities)
        {
            if (authority.Trust.Current is not { } trust) continue;
            var judged = trust.Judge(certificate, clock.GetUtcNow());
            var (owner, why) = judged.Refused is { } refused ? (null, refused) : OwnerOf(authority.Name, certificate, judged.Names);
            if (owner is null)
            {
                if (why != UnknownAuthority) reason = why;
                continue;
            }
            _known.Keep(certificate, owner, authority, trust, judged.Until);
            return Verdict.Admit(owner);
        }
        return Refuse(reason);
    }

    /// <summary>Whom a certificate stands for: by its thumbprint, else by its names, which must all be one consumer's that are anybody's.</summary>
    private (Consumer? Owner, string Why) OwnerOf(string authority, PeerCertificate certificate, IReadOnlyList<string> names)
    {
        if (owners.TryGetValue($"{authority}/{ConsumerCertificate.NameOf(ConsumerCertificate.Sha256, certificate.Thumbprint)}", out var pinned)) return (pinned, "");
        var named = names.Select(name => owners.GetValueOrDefault($"{authority}/{name}")).OfType<Consumer>().DistinctBy(c => c.Name).ToList();
        return named switch { [var one] => (one, ""), [] => (null, "certificate-subject-unknown"), _ => (null, "certificate-of-several") };
    }

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The client certificate is not taken here.");

    private static FrozenDictionary<string, Consumer> OwnersOf(IEnumerable<Consumer> consumers) => consumers
        .SelectMany(c => c.Certificates.Select(certificate => KeyValuePair.Create(certificate.ToString(), c)))
        .DistinctBy(o => o.Key)
        .ToFrozenDictionary(StringComparer.Ordinal);
}

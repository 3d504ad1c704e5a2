namespace Gateway.Planning;

/// <summary>What becomes of TLS: what the ports take, and which certificates of callers are believed.</summary>
internal static class TlsChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var place = after.Document.Tls is { } declared ? after.Workspace.Places.Of(declared) : Place.None;
        return
        [
            .. Ports(before.Document.Tls, after.Document.Tls).Select(e => new Effect(e.Class, "tls", e.Text) { Place = place }),
            .. Proxies(before.Plan.Proxies?.Certificates ?? CertificateHeader.None, after.Plan.Proxies?.Certificates ?? CertificateHeader.None),
            .. from authority in after.Document.Authorities
               let then = before.Document.Authorities.GetValueOrDefault(authority.Key)
               where then is not null
               from effect in Authority(then, authority.Value)
               select new Effect(effect.Class, authority.Key, effect.Text) { Place = after.Workspace.Places.Of(authority.Value) },
        ];
    }

    private static IEnumerable<PolicyEffect> Ports(TlsOptions? then, TlsOptions? now)
    {
        if (then is null && now is null) yield break;
        if (then is null || now is null)
        {
            yield return now is null
                ? new PolicyEffect(EffectClass.SecurityWeakening, "the ports are declared to be http: what callers send can be read on its way")
                : new PolicyEffect(EffectClass.Breaking, "the public port is https: who comes by http is refused, or sent on");
            yield break;
        }
        if (now.Oldest != then.Oldest)
            yield return now.Oldest < then.Oldest ? new PolicyEffect(EffectClass.SecurityWeakening, "TLS 1.2 is taken too") : new PolicyEffect(EffectClass.Breaking, "TLS 1.2 is refused");
        if (now.Plain != then.Plain) yield return new PolicyEffect(EffectClass.Attention, $"http beside https: {Text(now.Plain)}, was {Text(then.Plain)}");
        if (now.Hsts < then.Hsts || (then.HstsSubdomains && !now.HstsSubdomains)) yield return new PolicyEffect(EffectClass.SecurityWeakening, "callers are told for less that https is to be used");
        if (now.Hsts > then.Hsts || (now.HstsSubdomains && !then.HstsSubdomains)) yield return new PolicyEffect(EffectClass.Attention, "callers are told for more that https is to be used, and keep to it");
        if (!References(then).SequenceEqual(References(now))) yield return new PolicyEffect(EffectClass.Attention, "the ports show other certificates");
    }

    private static string Text(PlainHttp? plain) => plain is { } does ? does.ToString().ToLowerInvariant() : "none";

    private static IEnumerable<string> References(TlsOptions tls) =>
        tls.Certificates.Concat(tls.AdminCertificates).SelectMany(c => new[] { c.Chain, c.Key, c.Pfx }).OfType<Material>().Select(m => m.Reference);

    private static IEnumerable<Effect> Proxies(CertificateHeader then, CertificateHeader now)
    {
        if (then == now) yield break;
        yield return now == CertificateHeader.None
            ? new Effect(EffectClass.Breaking, "governance", "proxies are not believed any more which certificate their caller showed")
            : new Effect(EffectClass.SecurityWeakening, "governance", "proxies are believed which certificate their caller showed");
    }

    private static IEnumerable<PolicyEffect> Authority(AuthorityOptions then, AuthorityOptions now)
    {
        if (then.Certificates.Identity != now.Certificates.Identity)
        {
            yield return new PolicyEffect(EffectClass.SecurityWeakening, "certificates below other roots are taken");
            yield return new PolicyEffect(EffectClass.Breaking, "certificates below roots that are gone are refused");
        }
        if (then.Revocation.Select(m => m.Identity).Except(now.Revocation.Select(m => m.Identity)).Any())
            yield return new PolicyEffect(EffectClass.SecurityWeakening, "a revocation list is not read any more: what it revokes is taken again");
        if (then.RequireRevocation != now.RequireRevocation)
        {
            yield return now.RequireRevocation
                ? new PolicyEffect(EffectClass.Breaking, "certificates that no revocation list speaks about are refused")
                : new PolicyEffect(EffectClass.SecurityWeakening, "certificates that no revocation list speaks about are taken");
        }
    }
}

namespace Gateway.Linting.Rules;

/// <summary>Client certificates can be taken back.</summary>
internal static class CertificateRules
{
    public static readonly IReadOnlyList<LintRule> All =
        [new("authority-revocation", Severity.Warning, "Every authority whose certificates open a route tells which of them it has revoked.", Revokes)];

    private static IEnumerable<LintFinding> Revokes(LintSubject subject)
    {
        var taken = subject.Plan.Routes.SelectMany(r => r.Surface.Credentials).SelectMany(c => c.Parts).OfType<SurfaceCredential.Certificate>().Select(c => c.Authority).ToHashSet();
        return subject.Document.Authorities
            .Where(authority => taken.Contains(authority.Key) && authority.Value.Revocation.Count == 0)
            .Select(authority => new LintFinding([authority.Key], subject.Place(subject.Document.Authorities, authority.Key), $"a certificate of '{authority.Key}' that was stolen opens routes until it ends", "add revocation: [secret://file/PATH]"));
    }
}

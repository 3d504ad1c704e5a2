using Gateway.Linting.Rules;

namespace Gateway.Linting;

/// <summary>Every rule, in the order of docs/lint.md, which says of each why it is there. To add one: a line in one of these lists, and its part of the page.</summary>
internal static class LintRules
{
    public static readonly IReadOnlyList<LintRule> All = [.. ApiRules.All, .. RouteRules.All, .. PrivilegeRules.All, .. SignatureRules.All, .. SecretRules.All, .. CertificateRules.All, .. OperatorRules.All, .. WebhookRules.All, .. ChangeRules.All];

    /// <summary>What the waivers themselves are judged by; no waiver holds against them.</summary>
    public static readonly IReadOnlyList<string> OfWaivers = [Waivers.Expired, Waivers.Unused];
}

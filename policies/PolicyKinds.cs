namespace Gateway.Policies;

/// <summary>
/// Every policy kind, in the order its first phase runs. To add one: a folder with its options, behaviour, example.yaml and cases.yaml,
/// and one line here.
/// </summary>
public static class PolicyKinds
{
    public static readonly IReadOnlyList<PolicyKind> All =
    [
        new Authenticate.AuthenticateKind(),
        new Authorize.AuthorizeKind(),
        new RateLimit.RateLimitKind(),
        new Quota.QuotaKind(),
        new Idempotency.IdempotencyKind(),
        new Contract.ContractKind(),
        new Transform.TransformKind(),
        new Cache.CacheKind(),
    ];
}

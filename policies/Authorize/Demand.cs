using System.Text.Json;

namespace Gateway.Policies.Authorize;

/// <summary>One thing that a caller must be, have or show. <see cref="AuthorizeOptions.Demands"/> lists those of a policy.</summary>
internal abstract class Demand
{
    /// <summary>What others read: it tells nothing of what would let them in.</summary>
    protected const string NotAllowed = "This caller may not do this.";

    /// <summary>When it can be judged.</summary>
    public virtual Phase Phase => Phase.Authorize;

    /// <summary>In a few words, for who reads <c>explain</c>.</summary>
    /// <param name="consumer">Who calls; null where nobody in particular does.</param>
    public abstract string Explain(Consumer? consumer);

    /// <summary>Null where it is met.</summary>
    public abstract Refusal? Judge(Exchange exchange);

    protected static Refusal Forbid(string reason) => new(Failure.Forbidden, NotAllowed) { Reason = reason };
}

/// <summary>Scopes, all of them. What is missing is said (RFC 6750 section 3.1).</summary>
internal sealed class ScopeDemand(string[] scopes) : Demand
{
    public string Challenge { get; } = $"Bearer realm=\"gateway\", error=\"insufficient_scope\", scope=\"{string.Join(' ', scopes)}\"";

    public override string Explain(Consumer? consumer)
    {
        var lacks = scopes.Where(s => consumer?.Scopes.Contains(s) == false).ToList();
        var whose = consumer is null ? "" : lacks.Count == 0 ? $", which {consumer.Name} has" : $": {consumer.Name} lacks {string.Join(", ", lacks)}";
        return $"the scope {string.Join(" and ", scopes)}, else 403{whose}";
    }

    public override Refusal? Judge(Exchange exchange)
    {
        foreach (var scope in scopes)
        {
            if (exchange.Consumer?.Scopes.Contains(scope) != true) return Lacks(scope);
        }
        return null;
    }

    private Refusal Lacks(string scope) => new(Failure.InsufficientScope, $"The scope {scope} is needed, and these credentials do not have it.")
    {
        Reason = $"scope-missing: {scope}",
        Challenge = Challenge,
    };
}

/// <summary>Roles, one of them.</summary>
internal sealed class RoleDemand(string[] roles) : Demand
{
    public override string Explain(Consumer? consumer)
    {
        var whose = consumer is null ? "" : Has(consumer) ? $", which {consumer.Name} has" : $": {consumer.Name} has none of them";
        return $"the role {string.Join(" or ", roles)}, else 403{whose}";
    }

    public override Refusal? Judge(Exchange exchange) => exchange.Consumer is { } consumer && Has(consumer) ? null : Forbid("role-missing");

    private bool Has(Consumer consumer)
    {
        foreach (var role in consumer.Roles)
        {
            if (Array.IndexOf(roles, role.Name) >= 0) return true;
        }
        return false;
    }
}

/// <summary>A claim of the caller's token with one of some values. A claim that is a list has one of them among its items.</summary>
internal sealed class ClaimDemand(string claim, IReadOnlyList<string> values) : Demand
{
    public override string Explain(Consumer? consumer) => $"a token whose {claim} is {string.Join(" or ", values)}, else 403";

    public override Refusal? Judge(Exchange exchange) =>
        exchange.Consumer?.Claims is { Json: { ValueKind: JsonValueKind.Object } claims } && claims.TryGetProperty(claim, out var said) && Matches(said) ? null : Forbid($"claim-missing: {claim}");

    private bool Matches(JsonElement said) => said.ValueKind == JsonValueKind.Array ? said.EnumerateArray().Any(IsOne) : IsOne(said);

    private bool IsOne(JsonElement said) => said.ValueKind switch
    {
        JsonValueKind.String => values.Contains(said.GetString()),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => values.Contains(said.GetRawText()),
        _ => false,
    };
}

namespace Gateway.Policies.Authorize;

/// <summary>What a change of <c>authorize</c> does to callers. What more of them may do is weakening, what fewer of them may is breaking.</summary>
internal sealed class AuthorizeChanges(AuthorizeOptions before, AuthorizeOptions after, IReadOnlyCollection<ComparedCaller> callers)
{
    public IEnumerable<PolicyEffect> Find() =>
    [
        .. Scopes(),
        .. OneOf(before.Roles, after.Roles, "the role", "role"),
        .. Claims(),
        .. OneOf(before.Networks, after.Networks, "the network", "network"),
        .. OneOf([.. before.Hours.Select(h => h.Text)], [.. after.Hours.Select(h => h.Text)], "the time", "time"),
        .. Conditions(),
    ];

    private IEnumerable<PolicyEffect> Scopes()
    {
        foreach (var gone in before.Scopes.Except(after.Scopes))
            yield return Weakens($"the scope {gone} is no longer required{PolicyEffect.Affects(callers.Where(c => !c.Then.Scopes.Contains(gone)).Select(c => c.Now.Name))}");
        foreach (var more in after.Scopes.Except(before.Scopes))
        {
            var lacking = callers.Where(c => !c.Now.Scopes.Contains(more)).Select(c => c.Now.Name).ToList();
            yield return new PolicyEffect(lacking.Count > 0 || callers.Count == 0 ? EffectClass.Breaking : EffectClass.Attention, $"the scope {more} is required now{PolicyEffect.Affects(lacking)}");
        }
    }

    /// <summary>Of several things one is enough: another one lets more in, and none at all lets everybody in.</summary>
    private static IEnumerable<PolicyEffect> OneOf(IReadOnlyList<string> then, IReadOnlyList<string> now, string one, string kind)
    {
        if (then.Count > 0 && now.Count == 0) return [Weakens($"no {kind} is required any more, was {string.Join(" or ", then)}")];
        if (then.Count == 0 && now.Count > 0) return [Breaks($"a {kind} is required now: {string.Join(" or ", now)}")];
        return [.. now.Except(then).Select(more => Weakens($"{one} {more} is enough now")), .. then.Except(now).Select(gone => Breaks($"{one} {gone} is no longer enough"))];
    }

    private IEnumerable<PolicyEffect> Claims() => before.Claims.Keys.Union(after.Claims.Keys)
        .SelectMany(claim => OneOf(before.Claims.GetValueOrDefault(claim) ?? [], after.Claims.GetValueOrDefault(claim) ?? [], $"the claim {claim} as", $"claim {claim}"));

    /// <summary>By their reasons. What another text lets through, nobody can tell but who reads it.</summary>
    private IEnumerable<PolicyEffect> Conditions()
    {
        foreach (var then in before.When)
        {
            if (after.When.FirstOrDefault(c => c.Reason == then.Reason) is not { } now) yield return Weakens($"the condition {then.Reason} is gone: {Line(then)}");
            else if (Line(then) != Line(now)) yield return Weakens($"the condition {then.Reason} is another, and may let more through: {Line(now)}; was {Line(then)}");
            else if (then.Else != now.Else) yield return now.Else == 403 ? Weakens($"the condition {then.Reason} answers 403, was 404: it tells that there is something") : Breaks($"the condition {then.Reason} answers 404, was 403");
        }
        foreach (var more in after.When.Where(c => before.When.All(then => then.Reason != c.Reason))) yield return Breaks($"a condition is new: {Line(more)}");
    }

    private static string Line(ConditionOptions condition) => condition.If.ReplaceLineEndings(" ").Trim();

    private static PolicyEffect Weakens(string text) => new(EffectClass.SecurityWeakening, text);

    private static PolicyEffect Breaks(string text) => new(EffectClass.Breaking, text);
}

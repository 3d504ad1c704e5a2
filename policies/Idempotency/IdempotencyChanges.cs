namespace Gateway.Policies.Idempotency;

/// <summary>What a change of the policy does to callers.</summary>
internal static class IdempotencyChanges
{
    public static IEnumerable<PolicyEffect> Between(IdempotencyOptions? before, IdempotencyOptions? after)
    {
        if (after is null) return [new PolicyEffect(EffectClass.Breaking, "idempotency is dropped: a request that is sent again is carried out again")];
        if (before is null)
        {
            return after.Header == KeyDemand.Required
                ? [new PolicyEffect(EffectClass.Breaking, "an Idempotency-Key is required now")]
                : [new PolicyEffect(EffectClass.Safe, "a request that is sent again is carried out once now")];
        }
        return [.. OfHeader(before, after), .. OfContent(before, after), .. OfLife(before, after)];
    }

    private static IEnumerable<PolicyEffect> OfHeader(IdempotencyOptions before, IdempotencyOptions after)
    {
        if (before.Header != after.Header)
        {
            yield return after.Header == KeyDemand.Required
                ? new PolicyEffect(EffectClass.Breaking, "an Idempotency-Key is required now")
                : new PolicyEffect(EffectClass.Safe, "an Idempotency-Key is no longer required");
        }
        if (before.Strict != after.Strict)
        {
            yield return after.Strict
                ? new PolicyEffect(EffectClass.Breaking, "an Idempotency-Key without quotes is refused now")
                : new PolicyEffect(EffectClass.Safe, "an Idempotency-Key may come without quotes");
        }
    }

    private static IEnumerable<PolicyEffect> OfContent(IdempotencyOptions before, IdempotencyOptions after)
    {
        if (!before.Key.SequenceEqual(after.Key))
            yield return new PolicyEffect(EffectClass.Breaking, $"the business key was {NameOf(before.Key)} and is {NameOf(after.Key)}: what was one object before may be another now");
        if (!before.Headers.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(after.Headers))
        {
            yield return new PolicyEffect(EffectClass.Breaking,
                $"headers that are content were {NameOf(before.Headers)} and are {NameOf(after.Headers)}: what was sent before is other content when it is sent again");
        }
    }

    private static IEnumerable<PolicyEffect> OfLife(IdempotencyOptions before, IdempotencyOptions after)
    {
        if (before.KeepFor == after.KeepFor) yield break;
        yield return new PolicyEffect(after.KeepFor < before.KeepFor ? EffectClass.Attention : EffectClass.Safe,
            $"answers are given again for {after.KeepFor.TotalHours:0.##} h, was {before.KeepFor.TotalHours:0.##} h");
    }

    private static string NameOf(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(" and ", names);
}

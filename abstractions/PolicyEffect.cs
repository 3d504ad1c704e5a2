namespace Gateway;

/// <summary>How much a change asks of those it meets, least first.</summary>
public enum EffectClass
{
    /// <summary>Nobody who keeps to what was agreed notices.</summary>
    Safe,

    /// <summary>Somebody should have a look.</summary>
    Attention,

    /// <summary>Callers who keep to what was agreed may fail.</summary>
    Breaking,

    /// <summary>Somebody may do, or see, what he could not before.</summary>
    SecurityWeakening,
}

/// <summary>What the change of a policy does to the callers of a route.</summary>
/// <param name="Text">In plain English: <c>limit for tier gold 600 -> 60 in 60 s (affects acme)</c>.</param>
public sealed record PolicyEffect(EffectClass Class, string Text)
{
    /// <summary>How the names begin.</summary>
    public const string AffectsStart = " (affects ";

    /// <summary>Names in brackets, at most ten of them: <c> (affects acme, globex)</c>; nothing without names.</summary>
    public static string Affects(IEnumerable<string> names)
    {
        var all = names.Distinct().Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? "" : $"{AffectsStart}{string.Join(", ", all.Take(10))}{(all.Count > 10 ? $" and {all.Count - 10} more" : "")})";
    }
}

/// <summary>A consumer that is there before and after a change.</summary>
public sealed record ComparedCaller(Consumer Then, Consumer Now);

/// <summary>What is around a policy that changes.</summary>
/// <param name="Callers">Everybody who was there before and is there after.</param>
/// <param name="Before">What the server took of anybody before.</param>
/// <param name="After">What the server takes of anybody after.</param>
public sealed record Compared(IReadOnlyCollection<ComparedCaller> Callers, ServerLimits Before, ServerLimits After);

using System.Globalization;
using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>What becomes of what an API promises and of what its data are, and of the rules that are waived.</summary>
internal static class ApiChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after) =>
    [
        .. from api in after.Document.Apis
           let then = before.Document.Apis.GetValueOrDefault(api.Key)
           where then is not null
           from effect in Of(then, api.Value)
           select new Effect(effect.Class, api.Key, effect.Text) { Place = after.Workspace.Places.Of(api.Value) },
        .. after.Document.Governance.Waivers.Except(before.Document.Governance.Waivers, Same).Select(w =>
            new Effect(EffectClass.Attention, "governance", $"the rule {w.Rule} is waived{(w.For.Count == 0 ? "" : $" for {string.Join(", ", w.For)}")} until {Day(w.Until)}: {w.Reason}") { Place = after.Workspace.Places.Of(w) }),
    ];

    /// <summary>Two waivers that say the same.</summary>
    private static readonly IEqualityComparer<WaiverDocument> Same = EqualityComparer<WaiverDocument>.Create(
        (one, other) => one!.Rule == other!.Rule && one.Until == other.Until && one.For.Order(StringComparer.Ordinal).SequenceEqual(other.For.Order(StringComparer.Ordinal)),
        waiver => HashCode.Combine(waiver.Rule, waiver.Until));

    private static IEnumerable<PolicyEffect> Of(ApiDocument then, ApiDocument now)
    {
        // The class decides how long the audit keeps what was called, and whether paths are about persons.
        if (then.DataClass != now.DataClass)
            yield return new PolicyEffect(now.DataClass < then.DataClass || now.DataClass is null ? EffectClass.SecurityWeakening : EffectClass.Attention, $"its data are {Word(now.DataClass)}, were {Word(then.DataClass)}");
        if (now.Slo?.Availability < then.Slo?.Availability || (then.Slo?.Availability is not null && now.Slo?.Availability is null))
            yield return new PolicyEffect(EffectClass.Attention, string.Create(CultureInfo.InvariantCulture, $"it promises {now.Slo?.Availability?.ToString("0.###", CultureInfo.InvariantCulture) ?? "no"} % of availability, was {then.Slo!.Availability:0.###} %"));
        if (now.Slo?.Latency > then.Slo?.Latency || (then.Slo?.Latency is not null && now.Slo?.Latency is null))
            yield return new PolicyEffect(EffectClass.Attention, string.Create(CultureInfo.InvariantCulture, $"it promises answers within {now.Slo?.Latency?.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) ?? "any number of"} s, was {then.Slo!.Latency!.Value.TotalSeconds:0.###} s"));
    }

    private static string Word(DataClass? dataClass) => dataClass?.ToString().ToLowerInvariant() ?? "of no class";

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

namespace Gateway.Planning;

/// <summary>What becomes of the audit: how long its records are kept.</summary>
internal static class AuditChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Plan.AuditRetention, after.Plan.AuditRetention);
        foreach (var about in Enum.GetValues<AuditClass>().Where(about => then.Of(about) != now.Of(about)))
        {
            var (was, days) = (then.Of(about).TotalDays, now.Of(about).TotalDays);
            var older = days < was ? "; older ones are dropped within an hour" : "";
            yield return new Effect(EffectClass.Attention, "governance", $"audit records of the class {about.ToString().ToLowerInvariant()} are kept {days:0.##} days, were {was:0.##}{older}");
        }
    }
}

using System.Globalization;

namespace Gateway.Policies.RateLimit;

/// <summary>What is wrong with the options of one use of <c>rateLimit</c> on its route.</summary>
/// <param name="taken">Names of the limits that the route has already.</param>
internal sealed class RateLimitChecks(RateLimitOptions options, PolicyScope scope, IReadOnlyCollection<string> taken)
{
    private static readonly string[] MethodsWithBody = ["POST", "PUT", "PATCH"];

    private bool _isWhole = true;

    /// <summary>False where something was found, so that the limits can't be made.</summary>
    public bool Check()
    {
        if (options.Limits.Count > 0)
        {
            if ((options.Limit ?? (object?)options.Window) is not null || options.Tiers.Count > 0)
                Error("GW5022", scope.PlaceOf(options, options.Limit is not null ? nameof(options.Limit) : ""), "a limit stands beside limits:, and nobody can tell whether it counts", "put it under limits: with a name");
            CheckCommon(options);
        }
        else if (scope.PlaceOf(options, nameof(options.Limits)) != scope.PlaceOf(options, ""))
        {
            Error("GW5022", scope.PlaceOf(options, nameof(options.Limits)), "under limits: there is no limit", "write each as NAME: { limit: 100, window: 1m }");
            return false;
        }
        var written = options.Limits.Count > 0 ? options.Limits.Select(l => (l.Key, l.Value)) : [(scope.PolicyName, options)];
        foreach (var (name, limit) in written)
        {
            if (taken.Contains(name))
                Error("GW5026", PlaceOf(limit, name), $"the route '{scope.RouteName}' has two limits called '{name}', and callers could not tell them apart", "put both under limits: of one policy, each with its own name");
            CheckAmount(limit, name);
            CheckTiers(limit);
            CheckCommon(limit);
        }
        return _isWhole;
    }

    private Place PlaceOf(LimitOptions limit, string name) => options.Limits.Count > 0 ? scope.PlaceOf(options.Limits, name) : scope.PlaceOf(limit, "");

    /// <summary>What was written and could not be read was told by then; the limit can't be made of it.</summary>
    private bool IsWritten(LimitOptions limit, string member)
    {
        if (scope.PlaceOf(limit, member) == scope.PlaceOf(limit, "")) return false;
        _isWhole = false;
        return true;
    }

    private void CheckAmount(LimitOptions limit, string name)
    {
        if (limit.Limit is null && !IsWritten(limit, nameof(limit.Limit)))
            Error("GW5022", PlaceOf(limit, name), "it says no limit", "write limit: 100, or several under limits:");
        else if (limit.IsConcurrency && limit.Window is not null)
            Error("GW5022", scope.PlaceOf(limit, nameof(limit.Window)), "what is at work at the same time has no window", "remove window:, or the algorithm");
        else if (!limit.IsConcurrency && limit.Window is null && !IsWritten(limit, nameof(limit.Window)))
            Error("GW5022", PlaceOf(limit, name), "the limit has no window", "write window: 1m");
        else if (limit.Window is { } window && (window < TimeSpan.FromSeconds(1) || window.Ticks % TimeSpan.TicksPerSecond != 0))
            Error("GW5020", scope.PlaceOf(limit, nameof(limit.Window)), "a window is whole seconds, at least one", "write window: 1s, 1m or 1h");
        foreach (var (tier, most) in limit.Tiers.Where(t => t.Value is < 1 or > LimitOptions.MaxLimit))
            Error("GW5021", scope.PlaceOf(limit.Tiers, tier), $"the limit {most} of the tier '{tier}' is not between 1 and {LimitOptions.MaxLimit}", "write a value in that range");
        foreach (var tier in limit.Tiers.Keys.Where(t => !scope.Tiers.Contains(t)))
            Error("GW2005", scope.PlaceOf(limit, nameof(limit.Tiers)), $"there is no tier '{tier}'", $"declare it under tiers; {Nearest.Cure(tier, scope.Tiers)}");
    }

    /// <summary>One count can't be held to several limits.</summary>
    private void CheckTiers(LimitOptions limit)
    {
        var by = limit.By.Count > 0 ? limit.By : options.CountedBy;
        if (limit.Tiers.Count > 0 && by.All(CallerKey.IsCommon))
            Error("GW5028", scope.PlaceOf(limit, nameof(limit.Tiers)), $"tiers have no meaning where callers are counted {(by.Contains(CallerKey.Everybody) ? "all together" : "by route")}: there is one count, and it has one limit", "remove tiers:, or count by consumer or partner");
    }

    /// <summary>What may stand beside limits as well.</summary>
    private void CheckCommon(LimitOptions limit)
    {
        for (var i = 0; i < limit.By.Count; i++)
        {
            var place = scope.PlaceOf(limit.By, i.ToString(CultureInfo.InvariantCulture));
            if (!CallerKey.IsKnown(limit.By[i]))
                Error("GW5023", place, $"nobody can be counted by '{limit.By[i]}'", limit.By[i].Contains(':') ? "write claim:NAME for what a token says, header:NAME for what a request says" : Nearest.Cure(limit.By[i], CallerKey.Words));
            else if (limit.By.Take(i).Contains(limit.By[i]))
                Error("GW5023", place, $"'{limit.By[i]}' stands twice under by:", "write it once");
        }
        if (limit.Counted is { } cost) CheckCost(limit, cost);
        if (limit.Reserve is { } reserve && reserve.Low < reserve.Normal)
            Error("GW5027", scope.PlaceOf(reserve, ""), $"requests of low priority leave {reserve.Low} %, and those of normal priority {reserve.Normal} %: the low ones would come first", "let low: leave as much as normal: or more");
    }

    private void CheckCost(LimitOptions limit, RequestCost cost)
    {
        var place = scope.PlaceOf(limit, nameof(limit.Cost));
        foreach (var found in cost.Diagnostics)
            Error("GW5024", place, $"the cost is not valid at its line {found.Line}, column {found.Column}: {found.Message} ({found.Code})", found.Cure);
        if (cost.Diagnostics.Count > 0) return;
        if (limit.IsConcurrency)
            Error("GW5025", place, "what is at work at the same time is counted one by one", "remove cost:");
        else if (cost.ReadsBody && !MethodsWithBody.Contains(scope.Method))
            Error("GW5025", place, $"the cost looks at a body, and a {scope.Method} has none", "look at a variable: $params, $consumer, $partner");
        else if (cost.WrongWithoutData() is { } wrong)
            Error("GW5025", place, $"the cost can't be counted: {wrong}", "write what counts: $count(orderLines), $sum(orderLines.quantity)");
    }

    private void Error(string code, Place place, string message, string cure)
    {
        _isWhole = false;
        scope.Error(code, place, message, cure);
    }
}

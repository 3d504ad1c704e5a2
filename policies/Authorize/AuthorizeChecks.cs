using System.Globalization;

namespace Gateway.Policies.Authorize;

/// <summary>What is wrong with the options of one use of <c>authorize</c> on its route.</summary>
internal sealed class AuthorizeChecks(AuthorizeOptions options, PolicyScope scope)
{
    private static readonly string[] MethodsWithBody = ["POST", "PUT", "PATCH"];

    public void Check()
    {
        if (options.Demands.Count == 0)
            scope.Error("GW5012", scope.PlaceOf(options, nameof(options.Scopes)), "authorize demands nothing", "name what the caller must be allowed to do, as scopes: [NAME], or remove the policy");
        Known("GW2050", options.Scopes, scope.Scopes, "scope");
        Known("GW5061", options.Roles, scope.Roles, "role");
        foreach (var (claim, values) in options.Claims)
        {
            if (values.Count == 0)
                scope.Error("GW5067", scope.PlaceOf(options.Claims, claim), $"the claim '{claim}' is demanded without a value, so no token has it", "name the values that are taken");
        }
        foreach (var network in Each(options.Networks).Where(n => NetworkDemand.Parse(n.Text) is null))
            scope.Error("GW5067", network.Place, $"'{network.Text}' is neither a network nor an address", "write the first address and the length of the prefix, as 203.0.113.0/24, or one address");
        foreach (var hours in options.Hours) Check(hours);
        foreach (var condition in options.Conditions) Check(condition);
        foreach (var twice in options.When.GroupBy(c => c.Reason).Where(g => g.Count() > 1))
            scope.Error("GW5069", scope.PlaceOf(twice.Last(), nameof(ConditionOptions.Reason)), $"two conditions have the reason '{twice.Key}', so no log tells which of them refused", "give each its own");
    }

    private void Known(string code, IReadOnlyList<string> names, IReadOnlyCollection<string> declared, string what)
    {
        foreach (var (name, place) in Each(names).Where(n => !declared.Contains(n.Text)))
            scope.Error(code, place, $"there is no {what} '{name}'", $"declare it under {what}s; {Nearest.Cure(name, declared)}");
    }

    private IEnumerable<(string Text, Place Place)> Each(IReadOnlyList<string> list) => list.Select((text, i) => (text, scope.PlaceOf(list, i.ToString(CultureInfo.InvariantCulture))));

    private void Check(HoursOptions hours)
    {
        if (hours.From == hours.To)
            scope.Error("GW5068", scope.PlaceOf(hours, nameof(hours.To)), $"nobody can tell whether {hours.From} to {hours.To} is a whole day or none of it", "write from: \"00:00\" and to: \"24:00\" for a whole day");
        if (hours.Zone is { } zone && HoursDemand.Zone(zone) is null)
            scope.Error("GW5068", scope.PlaceOf(hours, nameof(hours.Zone)), $"there is no time zone '{zone}'", Nearest.Cure(zone, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)));
    }

    private void Check(Condition condition)
    {
        var (written, reach) = (condition.Written, condition.Reach);
        var place = scope.PlaceOf(written, nameof(written.If));
        foreach (var found in condition.Diagnostics)
            scope.Error("GW5062", place, $"the condition is not valid at its line {found.Line}, column {found.Column}: {found.Message} ({found.Code})", found.Cure);
        if (condition.Diagnostics.Count > 0) return;
        if (reach.Names.Contains("eval"))
            scope.Error("GW5062", place, "the condition makes its own text by $eval, so nobody can tell what it looks at", "write the expression itself");
        if (reach.GivesTruth == false)
            scope.Error("GW5063", place, "the condition never gives true or false, so it would let nobody in", "compare something: $params.location = $consumer.location");
        else if (reach is { ReadsInput: false, Names.Count: 0 })
            scope.Error("GW5063", place, "the condition looks at nothing, so it is the same for every request", "compare something: $params.location = $consumer.location");
        if (condition.Phase == Phase.AuthorizeAnswer) CheckAnswer(place);
        if (reach.ReadsInput && !MethodsWithBody.Contains(scope.Method))
            scope.Error("GW5065", place, $"the condition looks at a body, and a {scope.Method} has none", "look at a variable: $params, $consumer, $partner; the backend's answer is $answer");
        if (condition.HidesObjects && written.Detail is not null)
            scope.Error("GW5066", scope.PlaceOf(written, nameof(written.Detail)), "a 404 that says why tells that there is something", "remove detail:, or answer 403");
    }

    private void CheckAnswer(Place place)
    {
        var changes = scope.Target is PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes };
        if (scope.Method != "GET" || changes)
            scope.Error("GW5064", place, $"the condition looks at the answer, and {(scope.Method == "HEAD" ? "that to a HEAD has no body" : changes ? "the operation has changed something by then" : $"the {scope.Method} may have changed something by then")}", "look at the caller, the parameters or the body, which are there before anything is done");
    }
}

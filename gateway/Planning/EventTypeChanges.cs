using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline.Own;
using Gateway.Usage;

namespace Gateway.Planning;

/// <summary>What becomes of the event catalogue, and for whom: partners whose webhooks wait for a type, and consumers who may read the log.</summary>
internal static partial class EventTypeChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Document.Events, after.Document.Events);
        foreach (var type in then.Keys.Except(now.Keys))
            yield return new Effect(EffectClass.Breaking, type, "the type is no longer in the catalogue" + Affects(before, type));
        foreach (var type in now.Keys.Except(then.Keys))
            yield return At(after, now[type], EffectClass.Safe, type, $"a new type of events, of {now[type].Contract}");
        foreach (var type in now.Keys.Where(then.ContainsKey))
            foreach (var effect in Changes(then[type], now[type]))
                yield return At(after, now[type], effect.Class, type, effect.Text + (effect.Class == EffectClass.Safe ? "" : Affects(before, type)));
    }

    private static IEnumerable<PolicyEffect> Changes(EventTypeDocument then, EventTypeDocument now)
    {
        if (then.Contract != now.Contract)
            yield return new PolicyEffect(EffectClass.Breaking, $"its data are {now.Contract}, were {then.Contract}{(NameOf(then.Contract) == NameOf(now.Contract) ? ": another version, which belongs to a type of its own" : "")}");
        if ((then.OrderingKey ?? "subject") is var old && (now.OrderingKey ?? "subject") is var key && old != key)
            yield return new PolicyEffect(EffectClass.Breaking, $"its events keep an order by {key}, did by {old}: their sequence goes on under other keys");
        if (now.Retention < then.Retention) yield return new PolicyEffect(EffectClass.Breaking, $"it can be read for {Scalars.Written(now.Retention)}, was {Scalars.Written(then.Retention)}: who reads less often misses some");
        if (now.Retention > then.Retention) yield return new PolicyEffect(EffectClass.Safe, $"it can be read for {Scalars.Written(now.Retention)}, was {Scalars.Written(then.Retention)}");
        if (now.Replay != then.Replay)
            yield return new PolicyEffect(EffectClass.Attention, now.Replay == EventReplay.Never ? "it is not sent again any more once its time is over" : "it may be sent again long after it was");
        if (now.DuplicateWindow < then.DuplicateWindow)
            yield return new PolicyEffect(EffectClass.Attention, $"a repeat is known for {Scalars.Written(now.DuplicateWindow)}, was {Scalars.Written(then.DuplicateWindow)}");
        if (now.DuplicateWindow > then.DuplicateWindow)
            yield return new PolicyEffect(EffectClass.Attention, $"receivers are to know a repeat for {Scalars.Written(now.DuplicateWindow)}, was {Scalars.Written(then.DuplicateWindow)}");
        if (!now.About.ToHashSet().SetEquals(then.About))
            yield return new PolicyEffect(EffectClass.Attention, $"its events are found by {Listed(now.About)}, were by {Listed(then.About)}; those that are stored stay as they are");
        if (now.From != then.From)
            yield return new PolicyEffect(now.From is null || then.From is not null ? EffectClass.Attention : EffectClass.Breaking, $"it is told by {Teller(now)}, was by {Teller(then)}");
        if (now.Owner != then.Owner) yield return new PolicyEffect(EffectClass.Attention, $"{now.Owner} answers for it, was {then.Owner}");
    }

    /// <summary>Who gets a type, or may: subscriptions that partners have made themselves are in no workspace.</summary>
    private static string Affects(PlannedWorkspace workspace, string type)
    {
        // What a backend tells comes to no partner.
        if (workspace.Document.Events[type].From is not null) return "";
        var callers = new RouteCallers(workspace.Document);
        var told = workspace.Document.Partners.Where(p => p.Value.Webhooks.Values.Any(w => w.Events.Contains(type) || w.Events.Contains(Subscription.EveryType))).Select(p => p.Key);
        var readers = workspace.Plan.Routes.Where(r => r.Target is PlanTarget.Call { Operation: EventsOperation }).SelectMany(callers.Of);
        return PolicyEffect.Affects(told.Concat(readers));
    }

    private static string Teller(EventTypeDocument type) => type.From is { } backend ? $"the backend '{backend}' alone" : "what names it";

    private static string Listed(IReadOnlyList<string> members) => members.Count == 0 ? "their subject alone" : string.Join(", ", members.Order(StringComparer.Ordinal));

    private static string NameOf(string contract) => Version().Replace(contract, "");

    private static Effect At(PlannedWorkspace after, EventTypeDocument type, EffectClass @class, string name, string text) => new(@class, name, text) { Place = after.Workspace.Places.Of(type) };

    [GeneratedRegex("@[0-9]+$")]
    private static partial Regex Version();
}

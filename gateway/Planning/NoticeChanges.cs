using Gateway.Configuration;

namespace Gateway.Planning;

/// <summary>What becomes of events that partners get of what backends tell.</summary>
internal static class NoticeChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (NoticesOf(before), NoticesOf(after));
        foreach (var type in then.Keys.Except(now.Keys)) yield return new Effect(EffectClass.Breaking, type, "the event is told to nobody any more");
        foreach (var type in now.Keys.Except(then.Keys)) yield return At(after, now[type], EffectClass.Safe, type, $"a new event, of {now[type].From}");
        foreach (var type in now.Keys.Where(then.ContainsKey))
        {
            var (old, changed) = (then[type], now[type]);
            if (old.From != changed.From) yield return At(after, changed, EffectClass.Attention, type, $"it is told of {changed.From}, was of {old.From}");
            // Whose an event is decides who reads it.
            if (old.Buyer != changed.Buyer) yield return At(after, changed, EffectClass.SecurityWeakening, type, $"whose it is says {changed.Buyer}, said {old.Buyer}");
            if (old.Mapping != changed.Mapping) yield return At(after, changed, EffectClass.Attention, type, $"it is mapped by {changed.Mapping ?? "nothing"}, was by {old.Mapping ?? "nothing"}");
            if (old.Contract != changed.Contract) yield return At(after, changed, EffectClass.Attention, type, $"its data are {changed.Contract}, were {old.Contract}");
        }
    }

    private static Effect At(PlannedWorkspace after, NoticeDocument notice, EffectClass @class, string type, string text) =>
        new(@class, type, text) { Place = after.Workspace.Places.Of(notice) };

    private static Dictionary<string, NoticeDocument> NoticesOf(PlannedWorkspace workspace) => workspace.Document.Apis.Values.SelectMany(a => a.Notices).ToDictionary(n => n.Key, n => n.Value);
}

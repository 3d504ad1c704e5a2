using Gateway.Configuration;
using Gateway.JsonSchema;
using Gateway.Policies.Contract;

namespace Gateway.Planning;

/// <summary>What becomes of the contracts of a route: which it has, and what they say.</summary>
internal sealed class ContractChanges(WorkspaceFiles before, WorkspaceFiles after)
{
    private readonly Dictionary<(string Older, string Newer, SchemaDirection Direction), IReadOnlyList<SchemaChange>> _known = [];

    public IEnumerable<Effect> Of(PlanRoute then, PlanRoute now)
    {
        var (older, newer) = (PartsOf(then.Surface), PartsOf(now.Surface));
        var effects = Modes(then, now, older.Count > 0 && newer.Count > 0);
        foreach (var part in older.Keys.Union(newer.Keys).Order(StringComparer.Ordinal))
        {
            effects = effects.Concat(Part(now.Name, part, older.GetValueOrDefault(part), newer.GetValueOrDefault(part), DirectionOf(part)));
        }
        // A contract that only reports refuses nobody.
        return now.Surface.Reports ? effects.Select(e => e.Class == EffectClass.Breaking ? e with { Class = EffectClass.Attention } : e) : effects;
    }

    /// <summary>What breaks callers in contracts that go by the same name and version in both.</summary>
    public IEnumerable<(string Contract, SchemaChange Change)> BreakingWithinVersion(PlanRoute then, PlanRoute now)
    {
        var (older, newer) = (PartsOf(then.Surface), PartsOf(now.Surface));
        return older.Where(part => newer.GetValueOrDefault(part.Key) == part.Value)
            .SelectMany(part => ChangesOf(part.Value, part.Value, DirectionOf(part.Key)).Where(c => c.Breaking).Select(change => (part.Value, change)));
    }

    private static SchemaDirection DirectionOf(string part) =>
        part.StartsWith("answer", StringComparison.Ordinal) ? SchemaDirection.Response : SchemaDirection.Request;

    private static IEnumerable<Effect> Modes(PlanRoute then, PlanRoute now, bool governed)
    {
        if (governed && !then.Surface.Reports && now.Surface.Reports)
            yield return new Effect(EffectClass.SecurityWeakening, now.Name, "contracts only report now: what breaks them passes");
        if (governed && then.Surface.Reports && !now.Surface.Reports)
            yield return new Effect(EffectClass.Breaking, now.Name, "contracts are enforced now: what was only reported is refused");
        foreach (var gone in then.Surface.MediaTypes.Except(now.Surface.MediaTypes).Where(_ => now.Surface.Request is not null))
            yield return new Effect(EffectClass.Breaking, now.Name, $"the media type {gone} is no longer taken");
        foreach (var more in now.Surface.MediaTypes.Except(then.Surface.MediaTypes))
            yield return new Effect(EffectClass.Safe, now.Name, $"the media type {more} is taken too");
    }

    /// <summary>What has a contract on a route, by a name for people, with that contract.</summary>
    private static Dictionary<string, string> PartsOf(Surface surface)
    {
        var parts = surface.Responses.ToDictionary(r => "answer " + r.Key, r => r.Value);
        foreach (var (part, contract) in surface.Parameters) parts[part] = contract;
        if (surface.Request is { } body) parts["body"] = body;
        return parts;
    }

    private IEnumerable<Effect> Part(string route, string part, string? older, string? newer, SchemaDirection direction)
    {
        if (older is null)
            return [new Effect(direction == SchemaDirection.Request ? EffectClass.Breaking : EffectClass.Attention, route, $"{part}: has the contract {newer} now")];
        if (newer is null)
            return [new Effect(direction == SchemaDirection.Request ? EffectClass.SecurityWeakening : EffectClass.Breaking, route, $"{part}: has no contract any more, was {older}")];
        var name = older == newer ? $"contract {newer}" : $"contract {older} becomes {newer}";
        return ChangesOf(older, newer, direction).Select(change => new Effect(
            change.Breaking ? EffectClass.Breaking : EffectClass.Safe, route, $"{name}, {part}: {change.Pointer} {change.Keyword}: {change.Reason}"));
    }

    private IReadOnlyList<SchemaChange> ChangesOf(string older, string newer, SchemaDirection direction)
    {
        if (_known.TryGetValue((older, newer, direction), out var known)) return known;
        var changes = SchemaComparison.Compare(
            before[CompiledContract.Path(older)]!.Value, CompiledContract.Options(older, path => before[path]),
            after[CompiledContract.Path(newer)]!.Value, CompiledContract.Options(newer, path => after[path]), direction);
        return _known[(older, newer, direction)] = changes;
    }
}

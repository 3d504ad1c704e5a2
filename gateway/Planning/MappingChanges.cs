using System.Text.Json;
using Gateway.Configuration;
using Gateway.Policies.Transform;

namespace Gateway.Planning;

/// <summary>Mappings and code tables that say something else than before: what a document becomes may be another, and only cases can tell.</summary>
internal static class MappingChanges
{
    public static IEnumerable<Effect> Between(PlannedWorkspace before, PlannedWorkspace after)
    {
        var (then, now) = (before.Workspace.Files, after.Workspace.Files);
        foreach (var path in then.Paths.Intersect(now.Paths).Where(p => p.EndsWith(Mapping.Extension, StringComparison.Ordinal) && !Mapping.SaysTheSame(p, then[p]!.Value, now[p]!.Value)))
        {
            var uses = Users(after.Plan, path).ToList();
            if (uses.Count > 0)
                yield return new Effect(EffectClass.Attention, path, $"the mapping says something else{PolicyEffect.Affects(uses)}") { Place = new Place(path, 1, 1) };
        }
        foreach (var (name, table) in after.Document.Codes)
        {
            if (before.Document.Codes.GetValueOrDefault(name) is { } older && Said(older) != Said(table))
                yield return new Effect(EffectClass.Attention, name, "the code table says something else") { Place = after.Workspace.Places.Of(table) };
        }
    }

    /// <summary>A table without the places where its entries stand.</summary>
    private static string Said(CodeTableDocument table) => JsonSerializer.Serialize(new
    {
        table.From,
        table.To,
        Values = table.Values.Items.Select(i => (string[])[i.Value, i.Code]),
        Back = table.Back.Items.Select(i => (string[])[i.Value, i.Code]),
        table.Default,
        table.BackDefault,
        table.Optional,
        table.OneWay,
    });

    /// <summary>Routes that map by a file: it is the mapping, or the functions of its folder.</summary>
    private static IEnumerable<string> Users(Plan plan, string path) =>
        from route in plan.Routes
        from use in route.Uses
        let options = use.Options as TransformOptions
        where options is not null && new[] { options.Request, options.Response }.OfType<string>().Any(name => Mapping.Path(name) == path || Mapping.ReadsFunctionsOf(name, path))
        select route.Name;
}

using System.Globalization;
using System.Text;
using Gateway.Adapters.Odoo;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Usage;

/// <summary>
/// What a workspace that compiled declares and nothing uses, and what it waits for and nothing brings: warnings, since the gateway runs without them.
/// Mostly a name is misspelt at the other end.
/// </summary>
internal sealed class LooseEnds(LoadedWorkspace workspace, Plan plan)
{
    private readonly WorkspaceDocument _document = workspace.Document!;
    private readonly FileUse _use = new(workspace.Files);

    public static IEnumerable<Diagnostic> Of(LoadedWorkspace workspace, Plan plan) => new LooseEnds(workspace, plan).Find();

    private IEnumerable<Diagnostic> Find() => Declarations().Concat(CodeTables()).Concat(Files()).Concat(Events()).Concat(Objects());

    private IEnumerable<Diagnostic> Declarations()
    {
        var backends = plan.Routes.Select(r => r.Target is PlanTarget.Forward forward ? forward.Backend : ((PlanTarget.Call)r.Target).Operation.Backend)
            .Concat(plan.Notices.Select(n => n.Backend)).Concat(Calls().Select(c => c.Operation.Backend))
            .Concat(plan.Backends.Values.Where(b => b.Hook is { } hook && plan.Flows.All.SelectMany(f => f.Heard).Any(type => hook.WrongType(type) is null)).Select(b => b.Name));
        var issuers = plan.Routes.SelectMany(r => r.Surface.Credentials).SelectMany(c => c.Parts).OfType<SurfaceCredential.Token>().Select(t => t.Issuer)
            .Concat(plan.Admin.Operators.SelectMany(o => o.Subjects.Concat(o.Groups)).Select(name => name.Split('/')[0]));
        var authorities = plan.Routes.SelectMany(r => r.Surface.Credentials).SelectMany(c => c.Parts).OfType<SurfaceCredential.Certificate>().Select(c => c.Authority);
        var tiers = _document.Partners.Values.Select(p => p.Tier);
        var roles = _document.Partners.Values.SelectMany(p => p.Consumers.Values).SelectMany(c => c.Roles);
        var companies = _document.Partners.Values.SelectMany(p => p.Companies);
        return Unused(_document.Backends, backends, "backend", "no route and no flow leads to it")
            .Concat(Unused(_document.Issuers, issuers, "issuer", "no route takes its tokens, and no operator comes from it"))
            .Concat(Unused(_document.Authorities, authorities, "authority", "no route takes its certificates"))
            .Concat(Unused(_document.Tiers, tiers, "tier", "no partner is of it"))
            .Concat(Unused(_document.Roles, roles, "role", "no consumer has it"))
            .Concat(Unused(_document.Companies, companies, "company", "no partner trades with it"));
    }

    private IEnumerable<Diagnostic> Unused<T>(IReadOnlyDictionary<string, T> declared, IEnumerable<string?> used, string kind, string why) =>
        declared.Keys.Except(used.OfType<string>()).Select(n => Unused(workspace.Places.Of(declared, n), kind, n, why));

    private static Diagnostic Unused(Place place, string kind, string name, string why) => Warning("GW2062", place, $"the {kind} '{name}' is used by nothing: {why}", "use it, or remove it");

    /// <summary>A table may be named in any mapping, alone or with a side. One that says its source is a standard's or a system's, kept whole for whoever comes.</summary>
    private IEnumerable<Diagnostic> CodeTables()
    {
        if (_document.Codes.Count == 0) return [];
        var mappings = string.Concat(workspace.Files.Paths.Where(p => p.EndsWith(Mapping.Extension, StringComparison.Ordinal)).Select(p => Encoding.UTF8.GetString(workspace.Files[p]!.Value.Span)));
        return _document.Codes.Where(c => c.Value.Source.Length == 0).Select(c => c.Key)
            .Where(n => !((string[])[$"\"{n}\"", $"\"{n}/", $"'{n}'", $"'{n}/"]).Any(named => mappings.Contains(named, StringComparison.Ordinal)))
            .Select(n => Unused(workspace.Places.Of(_document.Codes, n), "code table", n, "no mapping looks it up"));
    }

    /// <summary>What has cases is proved for a route to come.</summary>
    private IEnumerable<Diagnostic> Files()
    {
        var proved = Mapping.Names(workspace.Files.Paths).Where(m => workspace.Files[MappingCases.Path(m)] is not null).SelectMany(_use.OfMapping);
        var watched = _document.Backends.Values.OfType<OdooOptions>().SelectMany(o => o.Changes?.Of.Values ?? []).SelectMany(_use.OfMapping);
        var used = plan.Routes.SelectMany(_use.Of).Concat(_document.Apis.Values.SelectMany(a => a.Notices.Values).SelectMany(_use.Of)).Concat(proved).Concat(watched).Concat(_document.Events.Values.SelectMany(_use.Of)).Concat(_document.Flows.Values.SelectMany(_use.Of)).ToHashSet();
        var mappings = Mapping.Names(workspace.Files.Paths).Where(m => !used.Contains(Mapping.Path(m)))
            .Select(m => Unused(new Place(Mapping.Path(m), 0, 0), "mapping", m, "no route and no flow maps by it, and it has no cases"));
        var contracts = workspace.Files.Paths.Where(p => p.EndsWith(CompiledContract.Extension, StringComparison.Ordinal) && p.StartsWith(Mapping.Folder, StringComparison.Ordinal) && !used.Contains(p))
            .Select(p => Unused(new Place(p, 0, 0), "contract", CompiledContract.NameOf(p), "no route, no event, no case and no other contract names it"));
        return mappings.Concat(contracts);
    }

    /// <summary>Where there is a catalogue, it is what webhooks are held against, and that is no warning.</summary>
    private IEnumerable<Diagnostic> Events()
    {
        if (_document.Events.Count > 0) yield break;
        var emitted = plan.Routes.Select(r => r.Target).OfType<PlanTarget.Call>().SelectMany(c => c.Events).Concat(plan.Notices.Select(n => n.Type)).Concat(plan.Feeds.SelectMany(f => f.Kind.Types)).Concat(plan.Flows.All.SelectMany(f => f.Told)).ToHashSet();
        foreach (var events in _document.Partners.Values.SelectMany(p => p.Webhooks.Values).Select(w => w.Events))
            for (var i = 0; i < events.Count; i++)
                if (events[i] != "*" && !emitted.Contains(events[i]))
                    yield return Warning("GW2063", workspace.Places.Of(events, i.ToString(CultureInfo.InvariantCulture)), $"no route, no flow and no watched backend emits the event '{events[i]}'", Nearest.Cure(events[i], emitted));
    }

    private IEnumerable<Diagnostic> Objects()
    {
        var created = plan.Routes.Select(r => r.Target).OfType<PlanTarget.Call>().Select(c => c.Creates).Concat(Calls().Where(c => c.Operation.Descriptor.About is null).Select(c => c.About.Kind)).OfType<string>().ToHashSet();
        foreach (var route in plan.Routes)
            if (route.Target is PlanTarget.Call { Object: var (kind, _) } && !created.Contains(kind))
                yield return Warning("GW2064", PlaceOfObject(route), $"no route creates an object of the kind '{kind}'", Nearest.Cure(kind, created));
    }

    /// <summary>What flows call, and what undoes it.</summary>
    private IEnumerable<FlowStep.Call> Calls() => plan.Flows.All.SelectMany(f => f.All).OfType<FlowStep.Call>().SelectMany(c => c.Undo is { } undo ? [c, undo] : new[] { c });

    private Place PlaceOfObject(PlanRoute route) => workspace.Places.Of(_document.Apis[route.Api].Routes[route.Name].Target, nameof(TargetDocument.Object));

    private static Diagnostic Warning(string code, Place place, string message, string cure) => new(code, Severity.Warning, place, message, cure);
}

using System.Text;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Configuration.Flows;
using Gateway.Configuration.Yaml;
using Gateway.Cases;
using Gateway.Policies.Contract;
using Gateway.Policies.Transform;

namespace Gateway.Usage;

/// <summary>
/// Which files of transforms/ a route, or a flow, rests on: its contracts and what they refer to; its mappings with their cases, the contracts of these, and the
/// functions of their folder.
/// </summary>
internal sealed partial class FileUse(WorkspaceFiles files)
{
    private const string Functions = "functions.";

    private readonly Dictionary<string, IReadOnlyList<string>> _named = [];

    public IReadOnlySet<string> Of(PlanRoute route)
    {
        var used = new HashSet<string>();
        foreach (var contract in route.Surface.Responses.Values.Concat(route.Surface.Parameters.Values).Append(route.Surface.Request).OfType<string>())
            AddContract(CompiledContract.Path(contract), used);
        foreach (var mapping in route.Uses.Select(u => u.Options).OfType<TransformOptions>().SelectMany(t => new[] { t.Request, t.Response }).OfType<string>())
            AddMapping(mapping, used);
        return used;
    }

    public IReadOnlySet<string> Of(NoticeDocument notice)
    {
        var used = new HashSet<string>();
        AddContract(CompiledContract.Path(notice.Contract), used);
        if (notice.Mapping is { } mapping) AddMapping(mapping, used);
        return used;
    }

    public IReadOnlySet<string> Of(EventTypeDocument happened)
    {
        var used = new HashSet<string>();
        AddContract(CompiledContract.Path(happened.Contract), used);
        return used;
    }

    public IReadOnlySet<string> Of(FlowDeclaration flow)
    {
        var used = new HashSet<string>();
        foreach (var mapping in flow.AllSteps().Select(s => s.Transform).OfType<FlowTransformDocument>().SelectMany(t => new[] { t.Request, t.Response }).OfType<string>())
            AddMapping(mapping, used);
        return used;
    }

    /// <summary>What a mapping rests on, itself included.</summary>
    public IReadOnlySet<string> OfMapping(string name)
    {
        var used = new HashSet<string>();
        AddMapping(name, used);
        return used;
    }

    private void AddMapping(string name, HashSet<string> used)
    {
        if (!used.Add(Mapping.Path(name))) return;
        var folder = Mapping.Folder + name[..(name.LastIndexOf('/') + 1)];
        used.UnionWith(files.Paths.Where(p => p.StartsWith(folder + Functions, StringComparison.Ordinal) && p.EndsWith(Mapping.Extension, StringComparison.Ordinal)));
        if (files[MappingCases.Path(name)] is not { } cases) return;
        used.Add(MappingCases.Path(name));
        foreach (var contract in Named(MappingCases.Path(name), () => SidesOf(MappingCases.Path(name), cases))) AddContract(contract, used);
    }

    private void AddContract(string path, HashSet<string> used)
    {
        if (files[path] is not { } content || !used.Add(path)) return;
        foreach (var other in Named(path, () => ReferencesOf(path, content))) AddContract(other, used);
    }

    /// <summary>The contracts that a file names: many routes rest on one file, which is read once.</summary>
    private IReadOnlyList<string> Named(string path, Func<IEnumerable<string>> read) =>
        _named.TryGetValue(path, out var known) ? known : _named[path] = [.. read()];

    private static IEnumerable<string> SidesOf(string path, ReadOnlyMemory<byte> cases) =>
        YamlReader.Read(path, cases.Span, []) is Node.Map document && document["contracts"] is Node.Map sides
            ? sides.Members.Select(m => m.Value).OfType<Node.Scalar>().Select(side => CompiledContract.Path(side.Text))
            : [];

    private static IEnumerable<string> ReferencesOf(string path, ReadOnlyMemory<byte> contract) => Reference().Matches(Encoding.UTF8.GetString(contract.Span))
        .Select(reference => Uri.UnescapeDataString(new Uri(new Uri("file:///" + path), reference.Groups[1].Value).AbsolutePath[1..]));

    [GeneratedRegex("\"\\$ref\"\\s*:\\s*\"([^\"#]+)")]
    private static partial Regex Reference();
}

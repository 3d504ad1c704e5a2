using Gateway.Cases;
using Gateway.Configuration;

namespace Gateway.Usage;

/// <summary>
/// Who looks after which file of a workspace, in the form of CODEOWNERS (GitHub, GitLab, Bitbucket): a path and the handles of its owners, a line a file.
/// Partners, APIs, flows and events say their owner; contracts and mappings belong to all APIs and flows that rest on them, cases to those of what they prove.
/// </summary>
internal sealed class CodeOwners
{
    private static readonly string[] OwnedRooms = ["partners/", "routes/", "events/", "flows/", "transforms/"];

    private readonly SortedDictionary<string, SortedSet<string>> _owners = new(StringComparer.Ordinal);

    private CodeOwners(WorkspaceFiles files)
    {
        foreach (var path in files.Paths.Where(p => OwnedRooms.Any(room => p.StartsWith(room, StringComparison.Ordinal)))) _owners[path] = new(StringComparer.Ordinal);
    }

    /// <summary>The owners of a workspace that compiled.</summary>
    public static CodeOwners Of(LoadedWorkspace workspace, Plan plan)
    {
        var document = workspace.Document!;
        var owners = new CodeOwners(workspace.Files);
        var use = new FileUse(workspace.Files);
        foreach (var (name, partner) in document.Partners)
            if (partner.Owner is { } owner) owners.Add(workspace.Places.Of(document.Partners, name).File, document.Owners[owner].Handle);
        foreach (var (name, happened) in document.Events)
        {
            if (!document.Owners.TryGetValue(happened.Owner, out var owner)) continue;
            owners.Add(workspace.Places.Of(document.Events, name).File, owner.Handle);
            foreach (var used in use.Of(happened)) owners.Add(used, owner.Handle);
        }
        foreach (var (name, flow) in document.Flows)
        {
            if (!document.Owners.TryGetValue(flow.Owner, out var owner)) continue;
            var file = workspace.Places.Of(document.Flows, name).File;
            foreach (var used in use.Of(flow).Append(file).Append(Path.ChangeExtension(file, null) + MappingCases.Extension)) owners.Add(used, owner.Handle);
        }
        foreach (var (name, api) in document.Apis)
        {
            var file = workspace.Places.Of(document.Apis, name).File;
            var handle = document.Owners[api.Owner].Handle;
            owners.Add(file, handle);
            owners.Add(Path.ChangeExtension(file, null) + MappingCases.Extension, handle);
            foreach (var used in plan.Routes.Where(r => r.Api == name).SelectMany(use.Of).Concat(api.Notices.Values.SelectMany(use.Of))) owners.Add(used, handle);
        }
        return owners;
    }

    /// <param name="root">Where the workspace stands in its repository: <c>/</c>, or <c>/gateway/</c>.</param>
    /// <param name="others">Handle for what nobody owns; null: these files are named in a comment.</param>
    public IEnumerable<string> Lines(string root, string? others)
    {
        // The last line that matches a path counts, so the general ones come first.
        if (others is not null) foreach (var room in OwnedRooms.Where(IsThere).Prepend("policies*.yaml")) yield return $"{root}{room} {others}";
        foreach (var (path, handles) in _owners.Where(o => o.Value.Count > 0)) yield return $"{root}{Escaped(path)} {string.Join(' ', handles)}";
        if (others is not null) yield break;
        foreach (var (path, _) in _owners.Where(o => o.Value.Count == 0)) yield return $"# nobody owns {root}{path}";
    }

    /// <summary>A workspace need not have a catalogue of events, nor flows; the other rooms come with the first route.</summary>
    private bool IsThere(string room) => room is not ("events/" or "flows/") || _owners.Keys.Any(path => path.StartsWith(room, StringComparison.Ordinal));

    /// <summary>Only files of the owned rooms have lines: what policies.yaml declares itself belongs to whoever looks after the whole.</summary>
    private void Add(string path, string handle)
    {
        if (_owners.TryGetValue(path, out var handles)) handles.Add(handle);
    }

    private static string Escaped(string path) => path.Replace(" ", "\\ ", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal);
}

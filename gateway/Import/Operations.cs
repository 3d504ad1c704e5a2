using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Policies.Contract;

namespace Gateway.Import;

/// <summary>From the paths of a document to routes.</summary>
/// <param name="taken">Names of routes that the workspace has already.</param>
internal sealed partial class Operations(Specification specification, Contracts contracts, Notes notes, ImportOptions options, string api, IEnumerable<string> taken)
{
    private const int LongestName = 64;
    private const int LongestSummary = 160;

    /// <summary>Members of a path item that are methods; those of 3.2 and <c>trace</c> the gateway does not take.</summary>
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace", "query"];

    private readonly PlainNames _names = new(taken, LongestName);
    private readonly Dictionary<string, string> _matches = [];
    private readonly ParameterSets _parameters = new(specification, contracts);
    private readonly Bodies _bodies = new(specification, contracts);

    /// <summary>How many operations the document has.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<RouteDraft> Read()
    {
        var routes = new List<RouteDraft>();
        foreach (var (path, written) in specification.Root["paths"].Members.Where(p => !p.Name.StartsWith("x-", StringComparison.Ordinal)))
        {
            var (item, problem) = specification.Follow(written);
            if (problem is not null)
            {
                notes.Add(NoteKind.LeftOut, path, problem);
                continue;
            }
            if (item["additionalOperations"].Node is not null)
                notes.Add(NoteKind.LeftOut, path, "methods of its own (additionalOperations) are not taken by the gateway");
            foreach (var method in Methods.Where(m => item[m].Object is not null))
            {
                Count++;
                if (Route(method.ToUpperInvariant(), path, item, item[method]) is { } route) routes.Add(route);
            }
        }
        if (specification.Root["webhooks"].Members.Any()) notes.Add(NoteKind.LeftOut, "#/webhooks", "webhooks are the backend's own calls, and no routes");
        return routes;
    }

    private RouteDraft? Route(string method, string path, Part item, Part operation)
    {
        var place = $"{method} {path}";
        if (!RouteCompiler.Methods.Contains(method)) return LeaveOut(place, $"the gateway does not take {method}");
        if (!path.StartsWith('/')) return LeaveOut(place, "the path does not begin with /");
        var (template, names) = Template(path);
        var (pattern, error, _) = RoutePath.Parse(options.Prefix + template);
        if (pattern is null) return LeaveOut(place, $"the path is not valid here: {error}");
        var key = $"{method} {RoutePath.Shape(pattern)}";
        if (RouteCompiler.OwnPages.Contains(key)) return LeaveOut(place, "the gateway has a page of its own there; import with --prefix");
        if (!_matches.TryAdd(key, path)) return LeaveOut(place, $"{_matches[key]} takes the same requests");

        var id = PlainNames.Of(operation.Text("operationId") ?? "") is { Length: > 0 } given ? given : PlainNames.Of($"{method.ToLowerInvariant()}{path}");
        var name = _names.Take($"{api}.{id}");
        var comments = new List<string>();
        if (operation.Flag("deprecated")) comments.Add("deprecated by the backend");
        var contractName = PlainNames.Kebab(id);
        var parameters = _parameters.Collect(item, operation, NotChecked);
        foreach (var other in parameters.Where(p => p.Text("in") is not ("path" or "query" or "header")))
        {
            NotChecked(other.Text("in") == "cookie"
                ? $"the cookie '{other.Text("name")}' is not checked, and not passed on: cookies of callers end at the gateway"
                : $"the parameter '{other.Text("name")}' is not checked: '{other.Text("in")}' is no place for one");
        }
        if (operation["servers"].Items.Any() || item["servers"].Items.Any())
            Tell(NoteKind.Understood, "it has servers of its own in the document; here it goes to the backend of all");
        if (operation["callbacks"].Members.Any()) NotChecked("its callbacks are not checked: they are the backend's own calls");
        return new RouteDraft(name, method, options.Prefix + template)
        {
            Summary = YamlText.Line(operation.Text("summary") ?? item.Text("summary") ?? FirstSentence(operation.Text("description") ?? ""), LongestSummary),
            TargetPath = options.Prefix.Length > 0 ? template : null,
            PathContract = _parameters.Contract(parameters, ParameterContract.Path, contractName, names, NotChecked),
            QueryContract = _parameters.Contract(parameters, ParameterContract.Query, contractName, null, NotChecked),
            HeaderContract = _parameters.Contract(parameters, ParameterContract.Header, contractName, null, NotChecked),
            Request = _bodies.Request(operation, method, contractName, Tell),
            Answers = _bodies.Answers(operation, method, contractName, Tell),
            Comments = comments,
        };

        void NotChecked(string text) => Tell(NoteKind.NotChecked, text);

        void Tell(NoteKind kind, string text)
        {
            notes.Add(kind, name, text);
            comments.Add(text);
        }
    }

    private RouteDraft? LeaveOut(string place, string why)
    {
        notes.Add(NoteKind.LeftOut, place, why);
        return null;
    }

    /// <summary>
    /// The path as a template of ASP.NET Core routing, and the names of its parameters by those of the document: <c>{id:x}</c>, <c>{*path}</c> and a name
    /// that comes twice would mean something else there. The backend never sees the names.
    /// </summary>
    private static (string Template, Dictionary<string, string> Names) Template(string path)
    {
        var names = new Dictionary<string, string>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var template = Parameter().Replace(path, found =>
        {
            var written = found.Groups[1].Value;
            var name = string.Concat(written.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
            for (var number = 2; !taken.Add(name); number++) name = $"{name.TrimEnd("0123456789".ToCharArray())}{number}";
            names.TryAdd(written, name);
            return $"{{{name}}}";
        });
        return (template, names);
    }

    private static string FirstSentence(string text) => text.Split(["\n\n", "\r\n\r\n", ". "], StringSplitOptions.None)[0];

    [GeneratedRegex(@"\{([^{}/]+)\}")]
    private static partial Regex Parameter();
}

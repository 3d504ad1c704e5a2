using System.Text;

namespace Gateway.Import;

/// <summary>The document of an API, written for people: values in quotes only where they need them, and what did not go over beside each route.</summary>
internal static class RouteFile
{
    private const int LongestComment = 300;
    private const int Width = 110;

    /// <param name="title">What it was made of, for the head of the file.</param>
    /// <param name="backend">The backend to declare; null where the workspace has it.</param>
    public static string Write(string title, string api, string owner, string description, BackendDraft? backend, string target,
        IReadOnlyList<string> policies, bool report, IReadOnlyList<RouteDraft> routes)
    {
        var text = new StringBuilder();
        text.Append($"# {YamlText.Line(title, LongestComment)}\n");
        text.Append("# Made by `import openapi`. What the gateway can't do as that document says stands in a comment at the route.\n");
        if (backend is not null) Write(text, backend);
        text.Append($"apis:\n  {YamlText.Value(api)}:\n    owner: {YamlText.Value(owner)}\n");
        if (description.Length > 0) text.Append($"    description: {YamlText.Value(description)}\n");
        text.Append(routes.Count == 0 ? "    routes: {}\n" : "    routes:\n");
        foreach (var route in routes) Write(text, route, target, policies, report);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Write(StringBuilder text, BackendDraft backend)
    {
        text.Append($"backends:\n  {YamlText.Value(backend.Name)}:\n    adapter: http\n    url: ${{{backend.Variable}_URL:-{backend.Url}}}\n");
        if (backend.Credential is { } credential) text.Append($"    credential: {credential}\n");
        text.Append('\n');
    }

    private static void Write(StringBuilder text, RouteDraft route, string target, IReadOnlyList<string> policies, bool report)
    {
        foreach (var comment in route.Comments.Distinct()) text.Append($"      # {YamlText.Line(comment, LongestComment)}\n");
        text.Append($"      {YamlText.Value(route.Name)}:\n        match: {YamlText.Value($"{route.Method} {route.Path}")}\n");
        if (route.Summary.Length > 0) text.Append($"        summary: {YamlText.Value(route.Summary)}\n");
        var contract = Contract(route, report);
        if (policies.Count > 0 || contract.Count > 0) text.Append("        policies:\n");
        foreach (var policy in policies) text.Append($"          - {YamlText.Value(policy)}\n");
        if (contract.Count > 0)
        {
            var line = $"          - contract: {{ {string.Join(", ", contract)} }}\n";
            text.Append(line.Length <= Width ? line : $"          - contract:\n{string.Concat(contract.Select(c => $"              {c}\n"))}");
        }
        var path = route.TargetPath is { } other ? $", path: {YamlText.Value(other, flow: true)}" : "";
        text.Append($"        target: {{ forward: {YamlText.Value(target, flow: true)}{path} }}\n\n");
    }

    /// <summary>The options of the contract policy, each as a member that may stand in a flow mapping as well as on a line.</summary>
    private static List<string> Contract(RouteDraft route, bool report)
    {
        var members = new List<string>();
        Add("path", route.PathContract);
        Add("query", route.QueryContract);
        Add("headers", route.HeaderContract);
        Add("request", route.Request.Contract);
        if (route.Request.Optional) members.Add("bodyOptional: true");
        if (route.Request.MediaTypes.Count > 0) members.Add($"mediaTypes: [{string.Join(", ", route.Request.MediaTypes.Select(t => YamlText.Value(t, flow: true)))}]");
        Add("response", route.Answers.Success);
        if (route.Answers.ByStatus.Count > 0)
            members.Add($"responses: {{ {string.Join(", ", route.Answers.ByStatus.Select(a => $"\"{a.Key}\": {YamlText.Value(a.Value, flow: true)}"))} }}");
        if (members.Count > 0 && report) members.Insert(0, "mode: report");
        return members;

        void Add(string member, string? name)
        {
            if (name is not null) members.Add($"{member}: {YamlText.Value(name, flow: true)}");
        }
    }
}

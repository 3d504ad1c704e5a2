using System.Text.RegularExpressions;

namespace Gateway.Import;

/// <summary>The backend of a document: its first server, and the first way to authenticate that the gateway can use there.</summary>
internal sealed partial record BackendDraft(string Name, string Url)
{
    /// <summary>How the gateway signs in, as it stands in YAML; null where it need not.</summary>
    public string? Credential { get; private init; }

    /// <summary>What variables of the environment begin with: <c>MY_WMS</c> for <c>my-wms</c>.</summary>
    public string Variable => (char.IsAsciiDigit(Name[0]) ? "API_" : "") + NotVariable().Replace(Name.ToUpperInvariant(), "_");

    public static BackendDraft Of(Specification specification, string name, Notes notes)
    {
        var backend = new BackendDraft(name, UrlOf(specification, name, notes));
        var used = specification.Root["security"].Items
            .Concat(specification.Root["paths"].Members.SelectMany(p => p.Part.Members).SelectMany(o => o.Part["security"].Items))
            .SelectMany(s => s.Members.Select(m => m.Name));
        var declared = specification.Root["components"]["securitySchemes"].Members.ToDictionary(m => m.Name, m => specification.Follow(m.Part).Found);
        var names = used.Concat(declared.Keys).Distinct().Where(declared.ContainsKey).ToList();
        foreach (var scheme in names.Select(n => declared[n]))
        {
            switch (scheme.Text("type"), scheme.Text("in"), scheme.Text("scheme")?.ToLowerInvariant())
            {
                case ("apiKey", "header", _) when scheme.Text("name") is { } header && HeaderName().IsMatch(header):
                    var isAuthorization = header.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
                    return backend with { Credential = backend.Key(isAuthorization ? ", scheme: \"\"" : $", header: {YamlText.Value(header, flow: true)}") };
                case ("http", _, "basic"):
                    return backend with { Credential = $"{{ basic: {{ user: \"${{{backend.Variable}_USER:-gateway}}\", password: secret://env/{backend.Variable}_PASSWORD }} }}" };
                case ("oauth2", _, _) when scheme["flows"]["clientCredentials"].Text("tokenUrl") is { } url && Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps:
                    return backend with { Credential = $"{{ oauth2: {{ tokenUrl: {YamlText.Value(address.AbsoluteUri, flow: true)}, clientId: \"${{{backend.Variable}_CLIENT:-gateway}}\", clientSecret: secret://env/{backend.Variable}_SECRET }} }}" };
                case ("http", _, "bearer") or ("oauth2", _, _) or ("openIdConnect", _, _):
                    return backend with { Credential = backend.Key("") };
            }
        }
        if (names.Count > 0)
            notes.Add(NoteKind.Workspace, name, $"the gateway can't authenticate as the document wants it ({string.Join(", ", names)}): it sends a credential in one header only");
        return backend;
    }

    private string Key(string more) => $"{{ key: secret://env/{Variable}_KEY{more} }}";

    private static string UrlOf(Specification specification, string name, Notes notes)
    {
        var server = specification.Root["servers"].Items.FirstOrDefault();
        var url = server.Text("url") ?? "/";
        foreach (var (variable, part) in server["variables"].Members) url = url.Replace($"{{{variable}}}", part.Text("default") ?? "", StringComparison.Ordinal);
        if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
            return address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var path = url is ['/', _, ..] && PlainPath().IsMatch(url) ? url.TrimEnd('/') : "";
        var made = $"http://{name.ToLowerInvariant().Replace('_', '-')}.internal{path}";
        notes.Add(NoteKind.Workspace, name, $"the document names no server by its whole address; {made} is only a guess");
        return made;
    }

    [GeneratedRegex("[^A-Z0-9]+")]
    private static partial Regex NotVariable();

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex HeaderName();

    [GeneratedRegex(@"^[A-Za-z0-9/._~-]+$")]
    private static partial Regex PlainPath();
}

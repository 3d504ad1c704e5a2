using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>References to certificates, keys and revocation lists: <c>secret://</c>, or a file of the workspace. Files are not read here but by who uses them.</summary>
internal sealed class Materials(Func<string, string?> variable, WorkspaceFiles files, LoadOptions options, ICollection<Diagnostic> diagnostics)
{
    public const string Folder = "certificates/";
    public const string Extension = ".pem";

    private const string Cure = "write secret://file/PATH or secret://env/NAME; certificates that are no secret may stand in certificates/NAME.pem";

    /// <summary>The material a node refers to, or null when something was reported.</summary>
    public Material? Of(Node node)
    {
        if (node is not Node.Scalar { IsNull: false } scalar) return Error("GW2070", node.Place, "a reference to a file is expected", Cure);
        if (!scalar.Text.StartsWith("secret://", StringComparison.Ordinal)) return OfWorkspace(scalar);
        var parts = scalar.Text["secret://".Length..].Split('/', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : "") switch
        {
            (_, "") => Error("GW2070", scalar.Place, "the reference names nothing", Cure),
            ("file" or "env", _) when !options.ResolveSecrets => new Material(scalar.Text, null),
            ("file", var path) => new Material(scalar.Text, () => File.ReadAllBytes("/" + path)),
            ("env", var name) => variable(name) is { Length: > 0 } text ? new Material(scalar.Text, () => Bytes(text)) : Error("GW7002", scalar.Place, $"the environment variable {name} is not set", $"set {name} where the gateway runs"),
            ("demo", var text) when options.Environment == "demo" => new Material(scalar.Text, () => Bytes(text)),
            ("demo", _) => Error("GW7003", scalar.Place, "a demo secret is used outside the demo", "write secret://env/NAME or secret://file/PATH"),
            var (source, _) => Error("GW2070", scalar.Place, $"'{source}' is no place for secrets", "known: env, file"),
        };
    }

    private Material? OfWorkspace(Node.Scalar scalar)
    {
        if (!IsName(scalar.Text)) return Error("GW2070", scalar.Place, $"'{scalar.Text}' is neither a reference nor a file of {Folder}", Cure);
        if (files[scalar.Text] is not { } content)
        {
            var known = files.Paths.Where(IsName).ToList();
            return Error("GW2078", scalar.Place, $"there is no file {scalar.Text}", known.Count == 0 ? "put the certificates there, in PEM" : Nearest.Cure(scalar.Text, known));
        }
        if (Encoding.ASCII.GetString(content.Span).Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return Error("GW2078", scalar.Place, $"{scalar.Text} holds a private key, and the workspace is read by many", "take the key out and replace it: it has been seen; write secret://file/PATH where a key is meant");
        return new Material(scalar.Text, content.ToArray) { Identity = $"{scalar.Text}#{Convert.ToHexStringLower(SHA256.HashData(content.Span))}" };
    }

    private static bool IsName(string path) => path.StartsWith(Folder, StringComparison.Ordinal) && path.EndsWith(Extension, StringComparison.Ordinal) && path.Length > Folder.Length + Extension.Length;

    /// <summary>PEM stays what it is; what is not text is base64 in a variable.</summary>
    private static byte[] Bytes(string text)
    {
        var bytes = new byte[text.Length];
        return !text.Contains("-----BEGIN", StringComparison.Ordinal) && Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(text);
    }

    private Material? Error(string code, Place place, string message, string cure)
    {
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
        return null;
    }
}

using System.Text;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>
/// <c>${NAME}</c> and <c>${NAME:-default}</c> inside values (<c>$${</c> is a plain <c>${</c>), and <c>secret://</c> references.
/// </summary>
public sealed class References(Func<string, string?> variable, string environment, bool resolveSecrets, TimeProvider clock, ICollection<Diagnostic> diagnostics)
{
    public Node Expand(Node node) => node switch
    {
        Node.Scalar scalar when scalar.Text.Contains("${", StringComparison.Ordinal) =>
            Expand(scalar.Text, scalar.Place) is { } text ? scalar with { Text = text } : new Node.Unknown(scalar.Place),
        Node.List list => list with { Items = [.. list.Items.Select(Expand)] },
        Node.Map map => map with { Members = [.. map.Members.Select(m => m with { Value = Expand(m.Value) })] },
        _ => node,
    };

    /// <summary>The secret a node refers to, or null when something was reported.</summary>
    public Secret? Secret(Node node)
    {
        if (node is not Node.Scalar scalar || !scalar.Text.StartsWith("secret://", StringComparison.Ordinal))
            return Error("GW7001", node.Place, "a secret stands in clear, or is no reference", "write secret://env/NAME or secret://file/PATH");
        var parts = scalar.Text["secret://".Length..].Split('/', 2);
        var (source, name) = (parts[0], parts.Length > 1 ? parts[1] : "");
        if (name.Length == 0) return Error("GW7001", node.Place, "the reference names no secret", "write secret://env/NAME or secret://file/PATH");
        switch (source)
        {
            case "demo" when environment == "demo":
                return new Secret(scalar.Text, name);
            case "demo":
                return Error("GW7003", node.Place, "a demo secret is used outside the demo", "write secret://env/NAME or secret://file/PATH");
            case "env" when !resolveSecrets:
            case "file" when !resolveSecrets:
                return new Secret(scalar.Text, "");
            case "env":
                return variable(name) is { Length: > 0 } value
                    ? new Secret(scalar.Text, value)
                    : Error("GW7002", node.Place, $"the environment variable {name} is not set", $"set {name} where the gateway runs");
            case "file":
                return FromFile(scalar, "/" + name);
            default:
                return Error("GW7001", node.Place, $"'{source}' is no place for secrets", "known: env, file");
        }
    }

    private Secret? FromFile(Node.Scalar scalar, string path)
    {
        try
        {
            return new FileSecret(scalar.Text, path, clock);
        }
        catch (InvalidDataException)
        {
            return Error("GW7002", scalar.Place, $"the secret's file {path} is empty", "write the secret into it");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Error("GW7002", scalar.Place, $"the secret's file {path} can't be read", "mount it where the gateway runs, readable for its user");
        }
    }

    /// <summary>The text with its variables; null when one of them has no value.</summary>
    private string? Expand(string text, Place place)
    {
        var result = new StringBuilder(text.Length);
        var known = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (text.AsSpan(i).StartsWith("$${"))
            {
                result.Append("${");
                i += 2;
            }
            else if (text.AsSpan(i).StartsWith("${"))
            {
                var end = text.IndexOf('}', i);
                if (end < 0 || !IsName(NameIn(text[(i + 2)..end])))
                {
                    // What follows may be a secret that should not stand here.
                    Error("GW7005", place, end < 0 ? "a variable ${ is not closed" : $"'{NameIn(text[(i + 2)..end])}' is not the name of a variable", "write ${NAME} or ${NAME:-default}; for a plain ${ write $${");
                    return null;
                }
                var value = Value(text[(i + 2)..end], place);
                known &= value is not null;
                result.Append(value);
                i = end;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return known ? result.ToString() : null;
    }

    private static string NameIn(string expression) => expression.Split(":-")[0];

    /// <summary>What a shell takes for a name (POSIX.1-2024 XBD 8.1); others could hardly be set.</summary>
    private static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private string? Value(string expression, Place place)
    {
        var split = expression.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? expression : expression[..split];
        if (variable(name) is { Length: > 0 } value) return value;
        if (split >= 0) return expression[(split + 2)..];
        Error("GW7004", place, $"the variable {name} is not set and has no default", $"set {name}, or write ${{{name}:-default}}");
        return null;
    }

    private Secret? Error(string code, Place place, string message, string cure)
    {
        diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
        return null;
    }
}

using Gateway.Jsonata.Library;

namespace Gateway.Jsonata.Syntax;

/// <summary>What names mean that the source itself doesn't bind: host functions, built-in functions, bound variables.</summary>
internal sealed class Names(string source, JsonataOptions options, List<JsonataDiagnostic> findings)
{
    private readonly Dictionary<string, NativeFunction> _host = [];

    public NativeFunction? Function(string name)
    {
        if (options.Functions is null || !options.Functions.TryGetValue(name, out var function))
        {
            return BuiltIns.Find(name);
        }
        if (!_host.TryGetValue(name, out var native))
        {
            _host[name] = native = Wrap(name, function);
        }
        return native;
    }

    private NativeFunction Wrap(string name, JsonataFunction function)
    {
        if (!Signature.TryParse(function.Signature, out var signature, out var error))
        {
            findings.Add(new JsonataDiagnostic(error.Code, 1, 1, $"the signature of ${name} is not valid: {error.Message}", "correct the signature the function is registered with"));
            signature = Signature.Known("<>");
        }
        return new NativeFunction(name, signature, signature.Parameters, (run, arguments) =>
        {
            var result = function.Body(arguments, run.Bindings);
            return result.Kind == Value.FailureKind && result.Reference is (string code, string message) ? throw run.Fail(code, message) : result;
        });
    }

    /// <summary>Lets a function of the host look at a call of it.</summary>
    public void CheckCall(Ast call)
    {
        if (options.Functions is null || !options.Functions.TryGetValue(call.Left!.Text, out var function) || function.Check is not { } check)
        {
            return;
        }
        if (check(call.Items.ConvertAll(argument => argument.Type == AstType.String ? argument.Text : null)) is var (message, cure))
        {
            var (line, column) = SourceText.Locate(source, call.Left.Position);
            findings.Add(new JsonataDiagnostic("S0603", line, column, message, cure));
        }
    }

    /// <summary>Reports a name that nobody binds, if the caller said what it will bind.</summary>
    public void Check(string name, int position, IEnumerable<string> visible)
    {
        if (options.Variables is null || options.Variables.Contains(name) || Function(name) is not null)
        {
            return;
        }
        var known = options.Variables.Concat(visible).Concat(options.Functions?.Keys ?? []).Concat(BuiltIns.Names);
        var meant = Spelling.Nearest(name, known);
        var (line, column) = SourceText.Locate(source, position);
        var cure = meant is null ? "bind it with :=, or use a name that is bound" : $"did you mean ${meant}?";
        findings.Add(new JsonataDiagnostic("S0600", line, column, $"nothing binds ${name}", cure));
    }
}

/// <summary>Guesses which name was meant.</summary>
internal static class Spelling
{
    /// <summary>The name with the fewest edits, if they are few for its length.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        var best = (Name: (string?)null, Distance: Math.Max(2, name.Length / 3) + 1);
        foreach (var candidate in known)
        {
            var distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < best.Distance)
            {
                best = (candidate, distance);
            }
        }
        return best.Name;
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j - 1], above) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}

/// <summary>Offsets as lines and columns.</summary>
internal static class SourceText
{
    /// <summary>Both from 1.</summary>
    public static (int Line, int Column) Locate(string source, int position)
    {
        var before = source.AsSpan(0, Math.Clamp(position, 0, source.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}

using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>
/// <c>cases.yaml</c> of a policy kind: the files of a workspace, and requests that are sent to it in this order, so that one may follow
/// from another.
/// </summary>
public sealed record CaseFile
{
    /// <summary>Laid over the workspace of <see cref="KindWorld"/>: backends odoo and echo, consumers acme-shop, acme-edi and globex-shop.</summary>
    public required IReadOnlyList<CaseWorkspaceFile> Workspace { get; init; }

    public required IReadOnlyList<Case> Cases { get; init; }

    public static CaseFile Read(string file)
    {
        var found = new List<Diagnostic>();
        var name = Path.GetRelativePath(Repository.Root, file);
        var root = YamlReader.Read(name, File.ReadAllText(file), found);
        var cases = root is null ? null : new Binder(new Places(), found).Bind<CaseFile>(root);
        Assert.True(found.Count == 0, string.Join('\n', found));
        return cases!;
    }
}

public sealed record CaseWorkspaceFile
{
    public required string Path { get; init; }

    public required string Content { get; init; }
}

public sealed record Case
{
    public required string Name { get; init; }

    public required CaseRequest Request { get; init; }

    /// <summary>How often the request is sent; the last answer is judged.</summary>
    public int Repeat { get; init; } = 1;

    public required CaseAnswer Expect { get; init; }
}

public sealed record CaseRequest
{
    public string Method { get; init; } = "GET";

    public required string Path { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Sent as application/json, unless a Content-Type is among the headers.</summary>
    public string? Body { get; init; }
}

public sealed record CaseAnswer
{
    public required int Status { get; init; }

    /// <summary>Page that the problem's type leads to; without one the answer must be no problem.</summary>
    public string? Problem { get; init; }

    /// <summary>Exact values; <c>*</c> is any, <c>-</c> is none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>What the body must hold.</summary>
    public IReadOnlyList<string> Has { get; init; } = [];

    /// <summary>What the body must not hold.</summary>
    public IReadOnlyList<string> Lacks { get; init; } = [];

    /// <summary>How many orders the simulated Odoo has then.</summary>
    public int? OrdersInOdoo { get; init; }
}

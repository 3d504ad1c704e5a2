using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.JsonSchema;

namespace Gateway.Policies.Contract;

/// <summary>A contract as it runs: its name and its compiled schema, always strict, formats asserted.</summary>
public sealed partial class CompiledContract(string name, SchemaCompilation compilation)
{
    /// <summary>So many errors are told of one document.</summary>
    public const int MaxFindings = 20;

    /// <summary>Where contracts stand in a workspace.</summary>
    public const string Folder = "transforms/canonical/";

    /// <summary>Where contracts of events stand that are nothing else: they are ours, as the canonical ones.</summary>
    public const string EventFolder = "transforms/events/";

    /// <summary>How the file of a contract ends.</summary>
    public const string Extension = ".schema.json";

    private const string Room = "transforms/";

    private static readonly Uri Base = new("file:///");

    /// <summary><c>order@1</c>.</summary>
    public string Name { get; } = name;

    public Schema Schema => Compilation.Schema!;

    /// <summary>What came of compiling it: a schema, or the reasons why there is none.</summary>
    public SchemaCompilation Compilation { get; } = compilation;

    /// <summary>What is wrong with a document, at most <see cref="MaxFindings"/>; empty when nothing is.</summary>
    public IReadOnlyList<Finding> Findings(JsonElement document) =>
        [.. Schema.Validate(document, MaxFindings).Select(e => new Finding(e.InstancePointer, e.Keyword, e.Message) { Contract = Name })];

    /// <summary>The contract of a name, compiled once a workspace; null when something was reported.</summary>
    public static CompiledContract? Find(string name, Place place, PolicyScope scope)
    {
        if (!Versioned().IsMatch(name))
        {
            scope.Error("GW3003", place, $"'{name}' is not the name of a contract", "write NAME@VERSION: letters, digits, '.', '_' and '-', and a number behind the @");
            return null;
        }
        if (scope.File(Path(name)) is not { } file)
        {
            var known = scope.Files(Folder).Where(f => f.EndsWith(Extension, StringComparison.Ordinal)).Select(f => f[Folder.Length..^Extension.Length]);
            scope.Error("GW3001", place, $"there is no contract '{name}'", $"create {Path(name)}; {Nearest.Cure(name, known)}");
            return null;
        }
        var contract = scope.Compiled(Key(name), () => new CompiledContract(name, Compile(name, file, scope.File)));
        contract.Report(scope);
        return contract.Compilation.Schema is null ? null : contract;
    }

    /// <summary>Under which a workspace keeps the compiled contract of a name.</summary>
    public static string Key(string name) => "contract/" + name;

    /// <summary>Where in a workspace the contract of a name stands: <c>order@1</c> with the canonical ones, <c>odoo/item@1</c>, which describes a backend, beside its mappings, <c>events/billed@1</c> in a folder of its own.</summary>
    public static string Path(string name) => (name.Contains('/', StringComparison.Ordinal) ? Room : Folder) + name + Extension;

    /// <summary>The name of the contract in a file of that <see cref="Path"/>.</summary>
    public static string NameOf(string path) => (path.StartsWith(Folder, StringComparison.Ordinal) ? path[Folder.Length..] : path[Room.Length..])[..^Extension.Length];

    /// <summary>How contracts are compiled: strictly, formats asserted, references within the workspace.</summary>
    public static SchemaOptions Options(string name, Func<string, ReadOnlyMemory<byte>?> file) => new()
    {
        BaseUri = new Uri(Base, Path(name)),
        Resolver = uri => uri.IsFile ? file(uri.AbsolutePath.TrimStart('/')) : null,
        Strict = true,
        AssertFormats = true,
    };

    /// <summary>The one way contracts are compiled, for who writes them as well as for who enforces them.</summary>
    /// <param name="file">Gives the content of a file of the workspace by its path, for references between contracts.</param>
    public static SchemaCompilation Compile(string name, ReadOnlyMemory<byte> content, Func<string, ReadOnlyMemory<byte>?> file) =>
        Schema.Compile(content, Options(name, file));

    private void Report(PolicyScope scope)
    {
        foreach (var found in Compilation.Diagnostics)
            scope.Error("GW3002", new Place(FileOf(found), found.Line, found.Column), found.Message, found.Cure);
    }

    /// <summary>The path, in the workspace, of the file that a finding is about.</summary>
    public static string FileOf(SchemaDiagnostic found) =>
        Uri.TryCreate(found.Uri, UriKind.Absolute, out var uri) && uri.IsFile ? uri.AbsolutePath.TrimStart('/') : found.Uri;

    /// <summary>The name stands in files, problems and the public description: nothing in it needs escaping, and no two names look alike there.</summary>
    [GeneratedRegex("^((?!canonical/)[A-Za-z0-9][A-Za-z0-9_-]{0,63}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}@[0-9]{1,4}$")]
    private static partial Regex Versioned();
}

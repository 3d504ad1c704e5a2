using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gateway.Policies;
using Xunit;

namespace Gateway.Tests.Unit;

/// <summary>The rules of docs/design.md, section 3, that a machine can keep.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxLines = 450;

    /// <summary>Every project of the product, and what it may reference.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["abstractions"] = [],
        ["engines/JsonSchema"] = [],
        ["engines/Jsonata"] = [],
        ["policies"] = ["abstractions", "engines/JsonSchema", "engines/Jsonata"],
        ["adapters"] = ["abstractions", "engines/JsonSchema", "engines/Jsonata"],
        ["delivery"] = ["abstractions", "engines/JsonSchema", "engines/Jsonata"],
        ["simulators"] = ["abstractions"],
        ["gateway"] = ["abstractions", "engines/JsonSchema", "engines/Jsonata", "policies", "adapters", "delivery", "simulators"],
    };

    private static readonly string[] WithoutPackages = ["abstractions", "engines/JsonSchema", "engines/Jsonata"];

    private static readonly string[] VagueSuffixes = ["Manager", "Helper", "Service", "Util", "Utils", "Processor", "Handler", "Creator"];

    /// <summary>Seams that have one implementation today and are meant to get more; and what Orleans knows a grain by.</summary>
    private static readonly string[] Seams = ["IStore", "IKeyStore", "IPlacedGrain"];

    private static readonly Assembly[] Assemblies =
    [
        typeof(Plan).Assembly, typeof(PolicyKinds).Assembly, typeof(Gateway.Adapters.Adapters).Assembly, typeof(Gateway.Delivery.Storage.Stores).Assembly,
        typeof(Gateway.Simulators.SimulatorSet).Assembly, typeof(Gateway.JsonSchema.Schema).Assembly, typeof(Gateway.Jsonata.JsonataExpression).Assembly,
        typeof(Gateway.Hosting.GatewayHost).Assembly,
    ];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    public static TheoryData<string> Kinds => [.. PolicyKinds.All.Select(k => k.Name)];

    private static IEnumerable<Type> Types => Assemblies.SelectMany(a => a.GetTypes()).Where(t =>
        t.Namespace?.StartsWith("Gateway", StringComparison.Ordinal) == true && !t.IsDefined(typeof(CompilerGeneratedAttribute)) && !t.Name.Contains('<'));

    [Fact]
    public void Every_project_of_the_product_has_its_arrows()
    {
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(p)!).Replace('\\', '/'))
            .Where(p => p.Split('/')[0] is not ("tests" or "benchmarks" or "artifacts"));

        Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_arrows_allow(string project)
    {
        var folder = Path.Combine(Repository.Root, project);
        var file = XDocument.Load(Directory.EnumerateFiles(folder, "*.csproj").Single());
        var referenced = file.Descendants("ProjectReference")
            .Select(r => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, r.Attribute("Include")!.Value)))!).Replace('\\', '/'));

        Assert.Equal([], referenced.Except(Arrows[project]));
        if (WithoutPackages.Contains(project)) Assert.Empty(file.Descendants("PackageReference"));
    }

    [Fact]
    public void Only_the_verbs_that_simulate_know_the_simulators() => Assert.Equal([], Sources("gateway")
        .Where(s => s.Text.Contains("Gateway.Simulators", StringComparison.Ordinal))
        .Select(s => s.Path)
        .Where(p => !p.StartsWith("gateway/Demo/", StringComparison.Ordinal) && !p.StartsWith("gateway/Cli/", StringComparison.Ordinal)));

    [Fact]
    public void No_name_says_nothing() => Assert.Equal([], Types
        .Where(t => VagueSuffixes.Any(s => t.Name.EndsWith(s, StringComparison.Ordinal) && t.BaseType?.Name.EndsWith(s, StringComparison.Ordinal) != true))
        .Select(t => t.FullName));

    [Fact]
    public void An_interface_has_two_implementations_or_is_a_named_seam()
    {
        var interfaces = Types.Where(t => t.IsInterface).ToList();

        Assert.Equal([], interfaces.Where(i => !Seams.Contains(i.Name) && Types.Count(t => t is { IsInterface: false } && Implements(t, i)) < 2).Select(i => i.FullName));
        Assert.Equal([], Seams.Except(interfaces.Select(i => i.Name)));

        static bool Implements(Type type, Type contract) => contract.IsGenericTypeDefinition
            ? type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == contract)
            : contract.IsAssignableFrom(type);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_policy_kind_is_one_folder(string name)
    {
        var kind = PolicyKinds.All.Single(k => k.Name == name);
        var folder = char.ToUpperInvariant(name[0]) + name[1..];
        string[] files = [$"{folder}Kind.cs", $"{folder}Options.cs", "example.yaml", "cases.yaml"];

        Assert.Equal((folder + "Kind", $"Gateway.Policies.{folder}"), (kind.GetType().Name, kind.GetType().Namespace));
        Assert.Equal((folder + "Options", $"Gateway.Policies.{folder}"), (kind.OptionsType.Name, kind.OptionsType.Namespace));
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Repository.Root, "policies", folder, file)), $"policies/{folder}/{file} is missing"));
        Assert.EndsWith(".", kind.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_folder_of_policies_is_a_kind_of_the_list()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "policies")).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj"));

        Assert.Equal(
            PolicyKinds.All.Select(k => char.ToUpperInvariant(k.Name[0]) + k.Name[1..]).Order(StringComparer.Ordinal),
            folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_listed_is_all_there_is()
    {
        Assert.Equal(Concrete<PolicyKind>(), PolicyKinds.All.Select(k => k.GetType().Name).Order(StringComparer.Ordinal));
        Assert.Equal(Concrete<Adapter>(), Gateway.Adapters.Adapters.All.Select(a => a.GetType().Name).Order(StringComparer.Ordinal));

        static IEnumerable<string> Concrete<T>() => Types.Where(t => t is { IsAbstract: false } && t.IsSubclassOf(typeof(T))).Select(t => t.Name).Order(StringComparer.Ordinal);
    }

    /// <summary>A namespace is the project's and the folder's, or ends above the folder; never another one.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_its_folder(string project)
    {
        var root = XDocument.Load(Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.csproj").Single()).Descendants("RootNamespace").Single().Value;

        Assert.All(Sources(project).Where(s => Path.GetFileName(s.Path) is not ("Program.cs" or "GlobalUsings.cs")), source =>
        {
            var inside = Path.GetDirectoryName(source.Path[(project.Length + 1)..])!.Replace('\\', '/').Replace('/', '.');
            var expected = inside.Length == 0 ? root : $"{root}.{inside}";
            var declared = Namespace().Match(source.Text).Groups[1].Value;
            Assert.True((expected + ".").StartsWith(declared + ".", StringComparison.Ordinal) && declared.StartsWith(root, StringComparison.Ordinal),
                $"{source.Path} declares {declared}, its folder is {expected}");
        });
    }

    [Fact]
    public void No_file_is_long() => Assert.Equal([], Arrows.Keys.SelectMany(Sources)
        .Select(s => (s.Path, Lines: s.Text.AsSpan().Count('\n')))
        .Where(s => s.Lines > MaxLines)
        .Select(s => $"{s.Path}: {s.Lines} lines"));

    private static IEnumerable<(string Path, string Text)> Sources(string project) => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
        .Select(p => Path.GetRelativePath(Repository.Root, p).Replace('\\', '/'))
        .Where(p => !p.Contains("/obj/", StringComparison.Ordinal) && !p.Contains("/bin/", StringComparison.Ordinal))
        .Select(p => (p, File.ReadAllText(Path.Combine(Repository.Root, p))));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}

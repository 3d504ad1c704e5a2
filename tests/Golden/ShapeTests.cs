using System.Globalization;
using System.Text;
using Gateway.Cases;
using Gateway.Cases.Flows;
using Gateway.Cases.Routes;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.JsonSchema;
using Gateway.Schemas;
using Xunit;

namespace Gateway.Tests.Golden;

/// <summary>
/// The shape of a document is judged twice: in editors by a schema, and by the loader. Over all golden workspaces, what one of them finds the other
/// finds at the same place.
/// </summary>
public sealed class ShapeTests
{
    /// <summary>Findings about the shape of one document: types, names of members, what must be there, forms and ranges, kinds of policies and backends, references to secrets.</summary>
    private static readonly string[] ShapeCodes = ["GW1011", "GW1012", "GW1013", "GW1014", "GW1015", "GW5001", "GW5002", "GW6001", "GW6002", "GW7001", "GW2070"];

    /// <summary>Findings of reading; what such a file holds, nobody can tell.</summary>
    private static readonly string[] Unreadable = ["GW1001", "GW1002", "GW1003", "GW1004", "GW1005", "GW1006"];

    private static readonly Dictionary<string, Schema> Schemas = DocumentSchema.All.ToDictionary(
        s => s.Name, s => Schema.Compile(Encoding.UTF8.GetBytes(s.Write().ToJsonString()), new SchemaOptions { Strict = true }).Schema!);

    public static TheoryData<string> Cases => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_schema_finds_the_loader_finds_and_the_other_way_round(string name)
    {
        using var golden = GoldenCase.LayOut(name);
        var loaded = WorkspaceLoader.Load(WorkspaceFiles.Read(golden.Workspace), golden.Options);
        var found = loaded.Diagnostics.Union(MappingWorkspace.Of(loaded).Findings).Union(RouteCases.Findings(loaded)).Union(FlowCases.Findings(loaded)).ToList();

        foreach (var (path, root) in Readable(loaded, golden.Options.Environment))
        {
            var byLoader = found.Where(d => d.Place.File == path && ShapeCodes.Contains(d.Code)).ToList();
            var bySchema = Schemas[DocumentSchema.Of(path)!.Name].Validate(YamlJson.Of(root), 200).Select(e => (Error: e, Spot: Spot.At(root, e.InstancePointer))).ToList();

            Assert.Equal([], byLoader.Where(d => !IsOfTheLoaderAlone(d, root) && !bySchema.Any(s => s.Spot.Begins(d.Place) || (s.Error.Keyword is "anyOf" or "maxProperties" && s.Spot.Holds(d.Place)))).Select(d => d.ToString()));
            Assert.Equal([], bySchema.Where(s => !byLoader.Any(d => s.Spot.Holds(d.Place))).Select(s => $"{path}{s.Error.InstancePointer}: {s.Error.Message}"));
        }
    }

    [Fact]
    public void Each_code_of_a_shape_is_in_some_case()
    {
        var shown = string.Concat(GoldenCase.AllExpected);

        Assert.All(ShapeCodes, code => Assert.Contains($" error {code}: ", shown, StringComparison.Ordinal));
    }

    /// <summary>No pattern tells how long a duration or how large a size is; and an overlay may be wrong only together with what it is laid over.</summary>
    private static bool IsOfTheLoaderAlone(Diagnostic diagnostic, Node root) =>
        (diagnostic.Code == "GW1014" && !Spot.Texts(root, diagnostic.Place).All(t => t.All(char.IsAsciiDigit)) && diagnostic.Message.Contains(" must be between ", StringComparison.Ordinal))
        || (diagnostic.Code is "GW1013" or "GW5001" or "GW6001" && DocumentSchema.Of(diagnostic.Place.File)!.IsOverlay);

    /// <summary>The documents that the loader reads, and that are YAML.</summary>
    private static IEnumerable<(string Path, Node Root)> Readable(LoadedWorkspace loaded, string environment)
    {
        foreach (var path in loaded.Files.Paths.Where(p => p.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            if (DocumentSchema.Of(path) is null or { IsOverlay: true } && path != $"policies.{environment}.yaml") continue;
            if (loaded.Diagnostics.Any(d => d.Place.File == path && Unreadable.Contains(d.Code))) continue;
            var diagnostics = new List<Diagnostic>();
            var root = YamlReader.Read(path, loaded.Files[path]!.Value.Span, diagnostics);
            if (root is not null && diagnostics.Count == 0) yield return (path, root);
        }
    }

    /// <summary>Where a JSON pointer leads in YAML: the name of the member, if it leads to one, and its value.</summary>
    private sealed record Spot(Place? Name, Node Value)
    {
        public static Spot At(Node root, string pointer)
        {
            var spot = new Spot(null, root);
            foreach (var step in pointer.Split('/').Skip(1).Select(s => Uri.UnescapeDataString(s).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
            {
                spot = spot.Value switch
                {
                    Node.Map map => map.Members.First(m => m.Name == step) is var member ? new Spot(member.Place, member.Value) : spot,
                    Node.List list => new Spot(null, list.Items[int.Parse(step, CultureInfo.InvariantCulture)]),
                    _ => throw new InvalidOperationException($"{pointer} leads nowhere"),
                };
            }
            return spot;
        }

        public bool Begins(Place place) => place == Name || place == Value.Place;

        /// <summary>A choice is wrong where one of its parts is, so the place may be deeper.</summary>
        public bool Holds(Place place) => Begins(place) || Parts(Value).Contains(place);

        /// <summary>The values that stand at a place; an alias may bring one to several.</summary>
        public static IEnumerable<string> Texts(Node node, Place place) => node switch
        {
            Node.Map map => map.Members.SelectMany(m => Texts(m.Value, place)),
            Node.List list => list.Items.SelectMany(i => Texts(i, place)),
            Node.Scalar scalar when scalar.Place == place => [scalar.Text],
            _ => [],
        };

        private static IEnumerable<Place> Parts(Node node) => node switch
        {
            Node.Map map => map.Members.SelectMany(m => Parts(m.Value).Prepend(m.Place)).Prepend(node.Place),
            Node.List list => list.Items.SelectMany(Parts).Prepend(node.Place),
            _ => [node.Place],
        };
    }
}

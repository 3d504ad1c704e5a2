using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Benchmarks.Engines.Measuring;
using Gateway.Benchmarks.Engines.Node;

namespace Gateway.Benchmarks.Engines.Contract;

/// <summary>The shipped order@1, strict and with formats asserted, on a small and a large order, beside NJsonSchema and ajv.</summary>
internal static class ContractScenario
{
    public static Task RunAsync(Rounds rounds, string packages)
    {
        var sizes = ContractBenchmarks.Sizes.ToList();
        using var ajv = new NodeChild("ajv.js", packages, Subject(sizes));
        foreach (var size in sizes) Check(size, ajv);
        var dotnet = new Dotnet(typeof(ContractBenchmarks));
        rounds.Run([.. sizes.SelectMany(size => Variants(size, dotnet, ajv))]);
        foreach (var size in sizes) AddRows(rounds.Report, size);
        AddNotes(rounds.Report, sizes, ajv);
        return Task.CompletedTask;
    }

    private static JsonObject Subject(IEnumerable<string> sizes)
    {
        var orders = new JsonObject();
        foreach (var size in sizes)
        {
            orders[size] = JsonNode.Parse(ContractBenchmarks.OrderOf(size));
            orders[size + "-broken"] = JsonNode.Parse(Orders.Broken(ContractBenchmarks.OrderOf(size)));
        }
        return new JsonObject { ["schema"] = JsonNode.Parse(Workspace.OrderSchema), ["orders"] = orders };
    }

    /// <summary>Who takes everything, or nothing, is fast.</summary>
    private static void Check(string size, NodeChild ajv)
    {
        var order = ContractBenchmarks.OrderOf(size);
        var broken = Orders.Broken(order);
        (string Engine, bool Takes, bool TakesBroken)[] verdicts =
        [
            ("the gateway", ContractBenchmarks.GatewayTakes(order), ContractBenchmarks.GatewayTakes(broken)),
            ("NJsonSchema", ContractBenchmarks.NJsonSchemaTakes(order), ContractBenchmarks.NJsonSchemaTakes(broken)),
            ("ajv", ajv.Result(size).GetBoolean(), ajv.Result(size + "-broken").GetBoolean()),
        ];
        foreach (var (engine, takes, takesBroken) in verdicts)
        {
            if (!takes) throw new WrongResultException($"{engine} refuses the valid order of {size}");
            if (takesBroken) throw new WrongResultException($"{engine} takes the broken order of {size}");
        }
    }

    private static IEnumerable<Variant> Variants(string size, Dotnet dotnet, NodeChild ajv) =>
    [
        new(Gateway(size), () => dotnet.Measure(nameof(ContractBenchmarks.ByGateway), size) with { Bytes = ContractBenchmarks.BytesByGateway(size) }),
        new(NJsonSchema(size), () => dotnet.Measure(nameof(ContractBenchmarks.ByNJsonSchema), size)),
        new(Again(NJsonSchema(size)), () => dotnet.Measure(nameof(ContractBenchmarks.ByNJsonSchema), size)),
        new(Ajv(size), () => ajv.Measure(size)),
        new(Parse(size), () => dotnet.Measure(nameof(ContractBenchmarks.Parse), size)),
        new(Again(Parse(size)), () => dotnet.Measure(nameof(ContractBenchmarks.Parse), size)),
        new(ParseAndGateway(size), () => dotnet.Measure(nameof(ContractBenchmarks.ParseAndByGateway), size)),
    ];

    private static void AddRows(Report report, string size)
    {
        report.Faster(Gateway(size), NJsonSchema(size), atLeast: 25);
        report.Faster(Gateway(size), Ajv(size));
        report.Longer(ParseAndGateway(size), Parse(size), atMost: 1.6);
        report.Allocates(Gateway(size), none: true);
        report.Allocates(NJsonSchema(size));
        report.Faster(Again(NJsonSchema(size)), NJsonSchema(size));
        report.Faster(Again(Parse(size)), Parse(size));
    }

    private static void AddNotes(Report report, IEnumerable<string> sizes, NodeChild ajv)
    {
        report.Note("orders", string.Join(", ", sizes.Select(size => $"{size}: {ContractBenchmarks.OrderOf(size).Length} bytes")));
        report.Note("engines", $"{RuntimeInformation.FrameworkDescription}, NJsonSchema {Dotnet.VersionOf(typeof(NJsonSchema.JsonSchema))}; {ajv.Version}");
        report.Note("measured by", $"{Dotnet.Name}, in this process, short jobs round by round; ajv by itself in one process that lives through all rounds");
        report.Note("bytes", "of the gateway: what its thread allocates in 1,000 calls; of NJsonSchema: BenchmarkDotNet's count of the process");
        report.Note("input", "All engines get the order parsed: JsonElement, JToken, JavaScript object; only 'parse' starts from the bytes. The same order again and again leaves every engine its caches.");
        report.Note("in NJsonSchema's favour", "It ignores several keywords of the draft (docs/design.md, section 9), and gets the schema with definitions in place of $defs.");
    }

    private static string Gateway(string size) => $"gateway, {size}";

    private static string NJsonSchema(string size) => $"NJsonSchema, {size}";

    private static string Ajv(string size) => $"ajv, {size}";

    private static string Parse(string size) => $"JsonDocument.Parse, {size}";

    private static string ParseAndGateway(string size) => $"JsonDocument.Parse + gateway, {size}";

    private static string Again(string variant) => variant + " (again)";
}

using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Benchmarks.Engines.Measuring;
using Gateway.Benchmarks.Engines.Node;

namespace Gateway.Benchmarks.Engines.Mapping;

/// <summary>The shipped transforms/odoo/order.to.jsonata on an order of ten lines, exact numbers and limits on, beside jsonata.js.</summary>
internal static class MappingScenario
{
    private const string Gateway = "gateway";
    private const string Jsonata = "jsonata.js";
    private const string JsonataAgain = "jsonata.js (again)";

    public static Task RunAsync(Rounds rounds, string packages)
    {
        using var jsonata = new NodeChild("jsonata.js", packages, Subject());
        Check(jsonata);
        var dotnet = new Dotnet(typeof(MappingBenchmarks));
        rounds.Run(
        [
            new(Gateway, () => dotnet.Measure(nameof(MappingBenchmarks.Gateway))),
            new(Jsonata, () => jsonata.Measure("map")),
            new(JsonataAgain, () => jsonata.Measure("map")),
        ]);
        var report = rounds.Report;
        report.Faster(Gateway, Jsonata, atLeast: 10);
        report.Allocates(Gateway);
        report.Faster(JsonataAgain, Jsonata);
        report.Note("order", $"ten lines, {MappingBenchmarks.Order.Length} bytes");
        report.Note("engines", $"{RuntimeInformation.FrameworkDescription}; {jsonata.Version}");
        report.Note("measured by", $"{Dotnet.Name}, in this process, short jobs round by round; jsonata.js by itself in one process that lives through all rounds");
        report.Note("one operation", "gateway: bindings, evaluation with exact numbers and all limits, and the result written as UTF-8. jsonata.js: evaluate() on the parsed order, the result left as an object.");
        return Task.CompletedTask;
    }

    private static JsonObject Subject() => new()
    {
        ["mapping"] = Workspace.OrderMapping,
        ["order"] = JsonNode.Parse(MappingBenchmarks.Order),
        ["bindings"] = new JsonObject
        {
            ["route"] = "orders.create",
            ["params"] = new JsonObject(),
            ["consumer"] = "acme-shop",
            ["partner"] = new JsonObject
            {
                ["name"] = "acme",
                ["displayName"] = "Acme",
                ["tier"] = "gold",
                ["buyers"] = new JsonArray("ACME-FR", Orders.Buyer),
                ["company"] = 1,
                ["warehouse"] = "WH",
            },
            ["accepted"] = JsonNode.Parse(MappingBenchmarks.Order),
        },
    };

    private static void Check(NodeChild jsonata)
    {
        if (MappingBenchmarks.Map(MappingBenchmarks.Order) is not { } mapped) throw new WrongResultException("the gateway does not map the order");
        var expected = jsonata.Result("map");
        if (!JsonElement.DeepEquals(mapped, expected)) throw new WrongResultException($"the gateway gives {mapped}, jsonata.js {expected}");
        var twice = JsonNode.Parse(MappingBenchmarks.Order)!;
        twice["orderLines"]![1]!["id"] = "1";
        if (MappingBenchmarks.Map(JsonSerializer.SerializeToUtf8Bytes(twice)) is not null) throw new WrongResultException("the gateway maps an order with one id on two lines");
    }
}

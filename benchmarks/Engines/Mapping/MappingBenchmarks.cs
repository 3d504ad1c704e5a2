using System.Collections.Frozen;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Benchmarks.Engines.Mapping;

/// <summary>What is timed: one order to Odoo's shape. Public, as BenchmarkDotNet demands it of what it runs.</summary>
public class MappingBenchmarks
{
    public static readonly byte[] Order = Orders.WithLines(10);

    private static readonly Policies.Transform.Mapping Mapping = Workspace.OrderToOdoo;

    private readonly JsonDocument _order = JsonDocument.Parse(Order);
    private readonly Exchange _exchange;

    public MappingBenchmarks() => _exchange = Request(_order);

    /// <summary>The shipped mapping, as the policy runs it: bindings and buffers included.</summary>
    [Benchmark]
    public int Gateway() => Mapping.Run(_order.RootElement, _exchange).Output!.Value.Length;

    /// <summary>The mapped document; null when the mapping refuses.</summary>
    internal static JsonElement? Map(byte[] order)
    {
        using var document = JsonDocument.Parse(order);
        return Mapping.Run(document.RootElement, Request(document)).Output is { } output ? JsonElement.Parse(output.Span) : null;
    }

    /// <summary>A request of a partner with this body. Nothing that a mapping touches is missing.</summary>
    private static Exchange Request(JsonDocument body)
    {
        var route = new PlanRoute("orders.create", "orders", "POST", "/v1/orders", new PlanTarget.Forward("none", null) { Address = new ForwardAddress(new Uri("http://none"), TimeSpan.Zero, ForwardedForm.None, []), Credential = Credential.None, Withheld = FrozenSet<string>.Empty }, "benchmark")
        {
            Run = _ => default,
            Prepare = _ => default,
            Respond = _ => default,
            Problem = _ => throw new InvalidOperationException(),
        };
        return new Exchange(new DefaultHttpContext(), route, new Surroundings(null!, TimeProvider.System, null!, null!), "benchmark")
        {
            Body = new ParsedBody(default, body),
            Consumer = new Consumer("acme-shop", new Partner("acme", "Acme") { Tier = "gold", Buyers = ["ACME-FR", Orders.Buyer], Companies = [new Company("main", 1)], Warehouse = "WH" }),
        };
    }
}

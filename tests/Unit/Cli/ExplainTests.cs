using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>explain</c>, on the shipped workspace.</summary>
public sealed class ExplainTests
{
    [Fact]
    public async Task The_road_of_an_order_is_told_in_its_order_with_places()
    {
        var (code, said) = await ExplainAsync(new ExplainCommand.ExplainOptions("post", "/v1/orders?x=y", "acme-shop"));

        Assert.Equal(Commands.Fine, code);
        string[] parts =
        [
            "POST /v1/orders for acme-shop of acme, tier gold: route orders.create of the API orders, routes/orders.yaml(",
            "  Protect ", "600 failed attempts of one address, 120 for one consumer in 60 s, else 429", "  Authenticate      partner-callers  an API key in X-Api-Key, or a bearer token of company, in which acme-shop is company/acme-shop, else 401  [policies.yaml(",
            "  Limit             partner-quota    2000 requests in 60 s for each consumer (tier gold), else 429  [policies.yaml(",
            "at most 262144 bytes", "  Replay            idempotency      Idempotency-Key required", "body: transforms/canonical/order@1.schema.json, else 422  [routes/orders.yaml(",
            "  Claim             idempotency      one object for each buyerParty.id and customerReference of a partner", "transforms/odoo/order.to.jsonata", "  Intent ", "odoo/order.create: ",
            "transforms/odoo/order.from.jsonata", "success: transforms/canonical/order-response@1.schema.json, else 502", "the event order.accepted.v1", "revision ",
        ];
        var at = 0;
        foreach (var part in parts)
        {
            var next = said.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{part}' is missing, or too early:\n{said}");
            at = next + part.Length;
        }
    }

    [Theory]
    [InlineData("GET", "/v1/tracking/TRK-1", "tms/tracking.read", Commands.Fine)]
    [InlineData("GET", "/v1/tracking/TRK-1", "; the gateway shows a key in API-Key", Commands.Fine)]
    [InlineData("GET", "/v1/items/DESK0005", "; the gateway shows a key in Authorization", Commands.Fine)]
    [InlineData("GET", "/v1/tracking/TRK-1", "600 requests in 60 s for each consumer; tier gold: 2000", Commands.Fine)]
    [InlineData("PUT", "/v1/orders", "PUT /v1/orders: 405, this path is served with POST", Commands.Findings)]
    [InlineData("GET", "/v2/orders", "GET /v2/orders: 404, no route takes this path", Commands.Findings)]
    public async Task Of_others(string method, string path, string text, int expected)
    {
        var (code, said) = await ExplainAsync(new ExplainCommand.ExplainOptions(method, path));

        Assert.Equal(expected, code);
        Assert.Contains(text, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/tracking/TRK-1", "  tms:")]
    [InlineData("POST", "/v1/orders", "  odoo:")]
    public async Task A_target_is_declared_with_its_backend(string method, string path, string entry)
    {
        var (_, said) = await ExplainAsync(new ExplainCommand.ExplainOptions(method, path), ReportFormat.Json);

        using var report = JsonDocument.Parse(said);
        var lines = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "policies.yaml"), TestContext.Current.CancellationToken);
        // Its gate, and the call behind it.
        var steps = report.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("rule").GetString() == "explain/Target").ToList();
        Assert.Equal(2, steps.Count);
        Assert.All(steps, step => Assert.Equal("policies.yaml", step.GetProperty("file").GetString()));
        Assert.All(steps, step => Assert.StartsWith(entry, lines[step.GetProperty("line").GetInt32() - 1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task For_programs()
    {
        var (_, said) = await ExplainAsync(new ExplainCommand.ExplainOptions("GET", "/v1/orders/ord_1"), ReportFormat.Json);

        using var report = JsonDocument.Parse(said);
        Assert.Equal("orders.read", report.RootElement.GetProperty("facts").GetProperty("route").GetString());
        Assert.Contains(report.RootElement.GetProperty("findings").EnumerateArray(), f => f.GetProperty("rule").GetString() == "explain/Authenticate" && f.GetProperty("file").GetString() == "policies.yaml");
    }

    [Fact]
    public async Task What_can_not_be_told_ends_with_2()
    {
        Assert.Equal(Commands.CouldNotRun, (await ExplainAsync(new ExplainCommand.ExplainOptions("GET", "/v1/orders/x", "nobody"))).Code);
        Assert.Equal(Commands.CouldNotRun, (await ExplainAsync(new ExplainCommand.ExplainOptions("GET", "v1/orders"))).Code);
    }

    [Theory]
    [InlineData("on-call", "may         as operator: look, and act on deliveries, keys and the Plan")]
    [InlineData("on-call", "comes in    by a token of company for api://gateway-admin, in the group gateway-on-call, under a name of its own")]
    [InlineData("on-call", "may not be  administrator too: who replays a message could delete the record of it")]
    [InlineData("support", "may         as viewer: ")]
    public async Task Of_an_operator(string name, string fact)
    {
        await using var output = new StringWriter();

        Assert.Equal(Commands.Fine, await ExplainOperatorCommand.RunAsync(Repository.Root, name, new LoadOptions { ResolveSecrets = false }, output));

        Assert.Matches($@"^operator {name}, policies\.yaml\(\d+,3\)", output.ToString());
        Assert.Contains("  " + fact, output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Commands.CouldNotRun, await ExplainOperatorCommand.RunAsync(Repository.Root, name + "x", new LoadOptions { ResolveSecrets = false }, output));
    }

    private static async Task<(int Code, string Said)> ExplainAsync(ExplainCommand.ExplainOptions options, ReportFormat format = ReportFormat.Text)
    {
        await using var output = new StringWriter();
        return (await ExplainCommand.RunAsync(Repository.Root, options, new LoadOptions { ResolveSecrets = false }, output, format), output.ToString());
    }
}

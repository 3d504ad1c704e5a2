using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Usage;

/// <summary>The verb <c>codeowners</c>: who looks after which file.</summary>
public sealed class CodeOwnersTests : IDisposable
{
    private const string Owners = """
        owners:
          desk: { name: Desk, handle: "@company/desk" }
          stock: { name: Stock, handle: stock@company.example }
        backends:
          tms: { adapter: http, url: http://tms.internal }
        """;

    private readonly TempFolder _folder = new();

    public CodeOwnersTests()
    {
        Write("policies.yaml", Owners);
        Write("transforms/canonical/order@1.schema.json", """{ "type": "object", "properties": { "line": { "$ref": "line@1.schema.json" } } }""");
        Write("transforms/canonical/line@1.schema.json", """{ "type": "object" }""");
        Write("transforms/tms/own@1.schema.json", """{ "type": "object" }""");
        Write("transforms/tms/order.jsonata", "$");
        Write("transforms/tms/functions.jsonata", "$f := function($x) { $x };");
        Write("transforms/tms/order.tests.yaml", "contracts: { input: order@1, output: tms/own@1 }\ncases: []");
        Write("transforms/tms/other.jsonata", "$");
        Write("routes/orders.yaml", "apis: { orders: { owner: desk, routes: { o.write: { match: POST /o, public: For a test., policies: [contract: { request: order@1 }, transform: { request: tms/order }], target: { forward: tms } } } } }");
        Write("routes/lines.yaml", "apis: { lines: { owner: stock, routes: { l.write: { match: POST /l, public: For a test., policies: [contract: { request: line@1 }], target: { forward: tms } } } } }");
        Write("partners/acme.yaml", "partners: { acme: { name: Acme, owner: desk } }");
        Write("partners/globex.yaml", "partners: { globex: { name: Globex } }");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_belongs_to_all_whose_routes_rest_on_it()
    {
        var (code, said) = await OwnersAsync();

        Assert.Equal(Commands.Fine, code);
        Assert.Equal(
            """
            /partners/acme.yaml @company/desk
            /routes/lines.yaml stock@company.example
            /routes/orders.yaml @company/desk
            /transforms/canonical/line@1.schema.json @company/desk stock@company.example
            /transforms/canonical/order@1.schema.json @company/desk
            /transforms/tms/functions.jsonata @company/desk
            /transforms/tms/order.jsonata @company/desk
            /transforms/tms/order.tests.yaml @company/desk
            /transforms/tms/own@1.schema.json @company/desk
            # nobody owns /partners/globex.yaml
            # nobody owns /transforms/tms/other.jsonata

            """, said);
    }

    [Fact]
    public async Task What_nobody_owns_has_a_default_which_comes_first_since_the_last_line_counts()
    {
        var (_, said) = await OwnersAsync("gateway", "@company/platform");

        Assert.StartsWith("/gateway/policies*.yaml @company/platform\n/gateway/partners/ @company/platform\n/gateway/routes/ @company/platform\n/gateway/transforms/ @company/platform\n/gateway/partners/acme.yaml @company/desk\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_APIs_of_one_file_share_it()
    {
        Write("routes/lines.yaml", "apis:\n  lines: { owner: stock, routes: {} }\n  more: { owner: desk, routes: {} }");

        Assert.Contains("/routes/lines.yaml @company/desk stock@company.example\n", (await OwnersAsync()).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_its_cases_and_what_it_maps_by_are_its_owner_s()
    {
        Write("routes/wms.yaml", "backends: { wms: { adapter: wms, url: http://wms.internal } }");
        Write("transforms/wms/release.jsonata", "$");
        Write("flows/ship.yaml", "flows: { ship: { owner: stock, description: For a test., on: { event: order.accepted.v1 }, steps: [{ step: a, choose: [{ steps: [{ step: release, call: wms/warehouse-order.create, transform: { request: wms/release }, timeout: 1d, noUndo: It stays. }] }] }] } }");
        Write("flows/ship.tests.yaml", "cases: []");

        var (_, said) = await OwnersAsync("/", "@company/platform");

        Assert.Contains("/flows/ship.tests.yaml stock@company.example\n/flows/ship.yaml stock@company.example\n", said, StringComparison.Ordinal);
        Assert.Contains("/transforms/wms/release.jsonata stock@company.example\n", said, StringComparison.Ordinal);
        Assert.Contains("/routes/ @company/platform\n/flows/ @company/platform\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_with_errors_has_findings_and_one_without_owners_none_to_print()
    {
        Write("partners/globex.yaml", "partners: { globex: { name: Globex, owner: dsek } }");
        var (code, said) = await OwnersAsync();
        Assert.Equal(Commands.Findings, code);
        Assert.Contains("GW2060: there is no owner 'dsek'; did you mean 'desk'?", said, StringComparison.Ordinal);

        Write("policies.yaml", "tiers: {}");
        Assert.Equal((Commands.CouldNotRun, ""), await OwnersAsync());
    }

    [Fact]
    public async Task Of_this_repository()
    {
        using var output = new StringWriter { NewLine = "\n" };

        Assert.Equal(Commands.Fine, await CodeOwnersCommand.RunAsync(Repository.Root, "/", "@distribution/platform", new LoadOptions { ResolveSecrets = false }, output));

        Assert.Contains("/transforms/odoo/order.to.jsonata @distribution/order-desk\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_at_sign_on_the_command_line_begins_a_handle_and_no_file_of_arguments()
    {
        var parsed = Commands.Parse(["codeowners", "--default", "@distribution/platform"]);

        Assert.Empty(parsed.Errors);
        Assert.Equal("@distribution/platform", parsed.GetValue<string?>("--default"));
    }

    [Theory]
    [InlineData("@user", Commands.Fine)]
    [InlineData("@company/platform", Commands.Fine)]
    [InlineData("platform@company.example", Commands.Fine)]
    [InlineData("notahandle", Commands.CouldNotRun)]
    [InlineData("@", Commands.CouldNotRun)]
    [InlineData("@company/platform @other", Commands.CouldNotRun)]
    public async Task A_default_is_a_handle(string handle, int code) => Assert.Equal(code, (await OwnersAsync("/", handle)).Code);

    private void Write(string path, string content) => _folder.Write(path, content);

    private async Task<(int Code, string Said)> OwnersAsync(string root = "/", string? others = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = await CodeOwnersCommand.RunAsync(_folder.Root, root, others, new LoadOptions { ResolveSecrets = false }, output);
        return (code, output.ToString());
    }
}

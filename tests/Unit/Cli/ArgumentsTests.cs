using Gateway.Cli;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>Arguments that a verb does not take, told in words that the one who typed them knows.</summary>
public sealed class ArgumentsTests
{
    [Theory]
    [InlineData("validate . --format xml", "--format is one of text, json, sarif, junit, markdown, github, not 'xml'")]
    [InlineData("catalogue --format sarif", "--format is one of markdown, json, not 'sarif'")]
    [InlineData("plan reload --reason mended --format sarif", "--format is one of text, json, not 'sarif'")]
    [InlineData("plan --fail-on weakening", "--fail-on is one of safe, attention, breaking, security-weakening, not 'weakening'")]
    [InlineData("serve --reload never", "--reload is one of on, signal, off, not 'never'")]
    [InlineData("test --min-coverage most", "--min-coverage is a whole number from 0 to 100, not 'most'")]
    [InlineData("test --min-coverage 101", "--min-coverage is a whole number from 0 to 100, not '101'")]
    [InlineData("test --min-coverage -1", "--min-coverage is a whole number from 0 to 100, not '-1'")]
    [InlineData("simulate --odoo-port 70000", "--odoo-port is a whole number from 0 to 65535, not '70000'")]
    public void What_is_not_taken_is_told_with_what_is(string line, string error) =>
        Assert.Equal([error], Commands.Parse(line.Split(' ')).Errors.Select(e => e.Message));

    [Theory]
    [InlineData("validate . --format Json")]
    [InlineData("plan . --fail-on security-weakening")]
    [InlineData("test . --min-coverage 100")]
    [InlineData("test . --min-coverage 0")]
    [InlineData("serve . --reload signal")]
    public void What_is_taken(string line) => Assert.Empty(Commands.Parse(line.Split(' ')).Errors);

    /// <summary>One habit for all: the workspace is the last argument.</summary>
    [Theory]
    [InlineData("validate", "WS")]
    [InlineData("lint", "WS")]
    [InlineData("test", "WS")]
    [InlineData("plan", "WS")]
    [InlineData("catalogue", "WS")]
    [InlineData("codeowners", "WS")]
    [InlineData("schemas", "WS")]
    [InlineData("serve", "WS")]
    [InlineData("demo", "WS")]
    [InlineData("explain", "GET", "/v1/orders", "WS", "--consumer", "acme-shop")]
    [InlineData("explain", "operator", "on-call", "WS")]
    [InlineData("map", "odoo/order.to", "WS", "--param", "a=b")]
    [InlineData("import", "openapi", "file.json", "WS", "--policies", "callers", "quota")]
    [InlineData("new", "api", "parcels", "WS", "--policies", "callers", "quota")]
    [InlineData("new", "route", "parcels.list", "GET", "/v1/parcels", "WS")]
    [InlineData("new", "mapping", "tms/parcel.to", "WS")]
    [InlineData("new", "partner", "acme", "WS")]
    [InlineData("new", "consumer", "acme-shop", "WS", "--partner", "acme")]
    public void Every_verb_takes_the_workspace_as_its_last_argument(params string[] arguments)
    {
        var parsed = Commands.Parse(arguments);

        Assert.Empty(parsed.Errors);
        Assert.Equal("WS", parsed.GetValue<string>("workspace"));
    }

    [Theory]
    [InlineData("--role edge", true)]
    [InlineData("--role Worker --cluster-address 10.0.0.5:11111", true)]
    [InlineData("--role half", false)]
    [InlineData("--cluster-address [fd00::5]:11111", true)]
    [InlineData("--cluster-address 0.0.0.0:11111", false)]
    [InlineData("--cluster-address 10.0.0.5", false)]
    [InlineData("--cluster-address node-1:11111", false)]
    public void A_node_says_what_it_is_for_and_where_others_reach_it(string options, bool taken) =>
        Assert.Equal(taken, Commands.Parse(["serve", "WS", .. options.Split(' ')]).Errors.Count == 0);

    [Theory]
    [InlineData("edge")]
    [InlineData("worker")]
    public async Task Half_a_node_is_not_started_where_nobody_could_do_the_other_half(string role)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-half-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "policies.yaml"), "state: { store: sqlite }\n", TestContext.Current.CancellationToken);
        string Beside(string name) => Path.Combine(folder.FullName, name);

        var (code, _, error) = await Verbs.RunAsync("serve", folder.FullName, "--role", role, "--data", Beside("data"), "--keys", Beside("keys"), "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0");

        Assert.Equal(2, code);
        Assert.Contains($"A node with the role {role} does one half of the work", error, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}

using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What the section on limits of docs/traffic.md shows works as it stands there.</summary>
public sealed class LimitsSectionTests
{
    private const string Basis = """
        tiers: { gold: {} }
        backends:
          odoo: { adapter: odoo, url: "http://127.0.0.1:1", database: demo, credential: { key: secret://env/ODOO } }
        policies:
          partner-callers: { authenticate: { apiKey: {} } }
        """;

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, Written().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_of_a_limit_is_valid(int block)
    {
        var text = Written()[block];
        using var folder = new TempFolder();
        folder.Write("policies.yaml", Basis);
        folder.Write("routes/shown.yaml", text.StartsWith("rateLimit:", StringComparison.Ordinal)
            ? $$"""apis: { a: { owner: us, routes: { shown: { match: POST /shown, policies: [partner-callers, {{text.Trim()}}], target: { call: odoo/order.create, creates: order } } } } }"""
            : text);
        await using var said = new StringWriter();

        await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, said);

        Assert.DoesNotContain(": error ", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_examples() => Assert.True(Written().Count >= 5);

    /// <summary>Indented blocks of the section that are parts of a workspace, or a policy.</summary>
    private static List<string> Written()
    {
        var section = File.ReadAllText(Path.Combine(Repository.Root, "docs", "traffic.md")).ReplaceLineEndings("\n").Split("\n## Limits\n")[1].Split("\n## ")[0];
        return [.. section.Split("\n\n").Where(part => part.StartsWith("    ", StringComparison.Ordinal))
            .Select(part => string.Join('\n', part.Split('\n').Select(line => line[4..])) + "\n")
            .Where(part => !part.StartsWith("RateLimit", StringComparison.Ordinal))];
    }
}

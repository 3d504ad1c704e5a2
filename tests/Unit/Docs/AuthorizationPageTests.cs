using System.Text;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Pipeline;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/authorization.md shows works as it stands there.</summary>
public sealed class AuthorizationPageTests
{
    [Fact]
    public async Task Its_example_is_valid_beside_the_workspace()
    {
        using var folder = new TempFolder();
        foreach (var file in (string[])["policies.yaml", "partners/acme.yaml", "partners/globex.yaml", "routes/orders.yaml", "routes/catalogue.yaml", "routes/tracking.yaml", "routes/usage.yaml", "flows/order-to-ship.yaml"])
            folder.Write(file, await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), TestContext.Current.CancellationToken));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "transforms"), "*", SearchOption.AllDirectories))
            folder.Write(Path.GetRelativePath(Repository.Root, file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        folder.Write("routes/page.yaml", Page().Split("```yaml\n")[1].Split("\n```")[0] + "\n");
        await using var output = new StringWriter();

        var code = await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output);

        // complaints.write is granted before there is a route that wants it.
        Assert.True(code == Commands.Fine, output.ToString());
    }

    [Fact]
    public void The_answer_it_shows_is_the_one_that_is_given() => Assert.Contains(
        "    " + Encoding.UTF8.GetString(new Problems("/problems/").Of(new Refusal(Failure.NotFound, Refusal.NothingThere)).Body.Span) + "\n", Page(), StringComparison.Ordinal);

    [Theory]
    [InlineData("scope-missing")]
    [InlineData("role-missing")]
    [InlineData("claim-missing")]
    [InlineData("network-foreign")]
    [InlineData("outside-hours")]
    public void The_reason_codes_it_names_are_those_of_the_log(string code)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "policies", "Authorize"), "*.cs").Select(File.ReadAllText);

        Assert.Contains($"| `{code}", Page(), StringComparison.Ordinal);
        Assert.Contains(sources, source => source.Contains($"\"{code}", StringComparison.Ordinal));
    }

    private static string Page() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "authorization.md")).ReplaceLineEndings("\n");
}

using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/apis.md shows works as it stands there.</summary>
public sealed class ApisPageTests
{
    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, Written().Count)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_is_valid(int block)
    {
        using var folder = new TempFolder();
        string[] apis = ["buyers", "catalogue", "events", "invoices", "labels", "orders", "returns", "shipments", "tracking", "usage", "warehouse", "webhooks"];
        foreach (var file in (string[])["policies.yaml", "partners/acme.yaml", "partners/globex.yaml", .. apis.Select(api => $"routes/{api}.yaml")])
            folder.Write(file, await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), TestContext.Current.CancellationToken));
        foreach (var file in ((string[])["transforms", "events", "flows"]).SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories)))
            folder.Write(Path.GetRelativePath(Repository.Root, file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        folder.Write("routes/page.yaml", Written()[block]);
        await using var output = new StringWriter();

        var code = await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output);

        Assert.True(code == Commands.Fine, output.ToString());
        Assert.Matches(@"^valid: \d+ routes, revision [0-9a-f]{16}\n$", output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_examples_are_there() => Assert.Equal(2, Written().Count);

    [Fact]
    public void Its_dates_are_those_of_the_headers_it_shows()
    {
        var life = new RouteLife(Lifecycle.Deprecated, new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 6, 30, 22, 0, 0, TimeSpan.Zero));
        var page = Page();

        Assert.Contains($"`Deprecation: {life.DeprecationHeader}`", page, StringComparison.Ordinal);
        Assert.Contains($"`Sunset: {life.SunsetHeader}`", page, StringComparison.Ordinal);
    }

    private static List<string> Written() => [.. Page().Split("```yaml\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n")];

    private static string Page() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "apis.md")).ReplaceLineEndings("\n");
}

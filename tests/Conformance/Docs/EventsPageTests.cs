using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Docs;

/// <summary>The workspace and the commands of docs/events.md, as they are printed there.</summary>
public sealed partial class EventsPageTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events.md")).ReplaceLineEndings("\n");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-events-page-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_type_is_added_and_its_events_are_read_as_the_page_says()
    {
        var yaml = Blocks("yaml").ToList();
        Assert.Equal(3, yaml.Count);
        await using var world = await KindWorld.StartAsync(
            [.. new[] { "events/orders.yaml", "routes/orders.yaml", "routes/events.yaml" }.Zip(yaml, (path, content) => new CaseWorkspaceFile { Path = path, Content = content })]);
        var (order, round) = Blocks("bash").ToList() is [var first, var second] ? (first, second) : throw new InvalidOperationException("the page has other commands");
        Assert.SkipUnless((await RunAsync("curl --version", world)).Exit == 0, "bash or curl is missing");

        var said = await GoodAsync(order, world);
        var told = JsonNode.Parse(said[said.IndexOf("[{\"specversion\"", StringComparison.Ordinal)..])!.AsArray();
        Assert.Equal(("order.accepted.v1", "ACME-DE"), ((string?)told[^1]!["type"], (string?)told[^1]!["partitionkey"]));

        Assert.Contains("\"type\":\"order.accepted.v1\"", await GoodAsync(round, world), StringComparison.Ordinal);
        var waiting = GoodAsync(round, world);
        await Task.Delay(500, Cancellation);
        Assert.False(waiting.IsCompleted, "it does not wait");
        await GoodAsync(order.Split("\ncurl -fsS \"$GATEWAY/v1/events")[0], world);
        Assert.Equal("\"type\":\"order.accepted.v1\"\n", await waiting);
        Assert.Contains("after=", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "next.txt"), Cancellation), StringComparison.Ordinal);
    }

    private async Task<string> GoodAsync(string script, KindWorld world)
    {
        var (exit, said) = await RunAsync(script, world);
        Assert.True(exit == 0, $"{script}\n{said}");
        return said;
    }

    private async Task<(int Exit, string Said)> RunAsync(string script, KindWorld world)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["GATEWAY"], start.Environment["KEY"]) = (world.Url.AbsoluteUri.TrimEnd('/'), "key-of-acme-shop");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, said + (process.ExitCode == 0 ? "" : await errors));
    }

    private static IEnumerable<string> Blocks(string language) => CodeBlock().Matches(Page).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value);

    [GeneratedRegex("^```(yaml|bash)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}

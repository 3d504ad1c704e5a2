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
        await using var world = await KindWorld.StartAsync(Workspace());
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

    /// <summary>What it adds with a contract of its own: what comes of the route keeps that contract, and without the file nothing runs.</summary>
    [Fact]
    public async Task A_type_with_a_contract_of_its_own_is_added_as_the_page_says()
    {
        await using var world = await KindWorld.StartAsync(Workspace());
        Assert.SkipUnless((await RunAsync("curl --version", world)).Exit == 0, "bash or curl is missing");
        var said = await GoodAsync(Blocks("bash").First(), world);
        var order = (string)JsonNode.Parse(said[said.IndexOf("[{\"specversion\"", StringComparison.Ordinal)..])!.AsArray()[^1]!["subject"]!;

        await GoodAsync($$"""curl -fsS "$GATEWAY/v1/orders/{{order}}/withdrawal" -H "X-Api-Key: $KEY" -H 'Idempotency-Key: "w-1"' -H "Content-Type: application/json" -d '{ "cancellationNote": "ordered twice" }'""", world);

        var told = Assert.Single(JsonNode.Parse(await GoodAsync("""curl -fsS "$GATEWAY/v1/events?type=order.withdrawn.v1" -H "X-Api-Key: $KEY" """, world))!.AsArray())!;
        Assert.Equal((order, "ordered twice", "cancelled"), ((string?)told["data"]!["id"], (string?)told["data"]!["cancellationNote"], (string?)told["data"]!["orderStatusCode"]));
        using var admin = new HttpClient { BaseAddress = world.AdminUrl };
        Assert.DoesNotContain("gateway_part=\"event\"", await admin.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => KindWorld.StartAsync(Workspace().Where(f => !f.Path.EndsWith(".json", StringComparison.Ordinal))));
        Assert.Contains("GW3001: there is no contract 'events/order-withdrawn@1'; create transforms/events/order-withdrawn@1.schema.json", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<CaseWorkspaceFile> Workspace()
    {
        var (yaml, json) = (Blocks("yaml").ToList(), Blocks("json").ToList());
        Assert.Equal((4, 1), (yaml.Count, json.Count));
        return
        [
            .. new[] { "events/orders.yaml", "routes/orders.yaml", "routes/withdrawals.yaml", "routes/events.yaml", "transforms/events/order-withdrawn@1.schema.json" }
                .Zip([.. yaml, .. json], (path, content) => new CaseWorkspaceFile { Path = path, Content = content }),
        ];
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

    [GeneratedRegex("^```(yaml|bash|json)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}

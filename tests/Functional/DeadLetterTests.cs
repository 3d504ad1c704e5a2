using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The commands of docs/dead-letters.md, as they are printed there, against a gateway in a process of its own whose partner fails.</summary>
public sealed partial class DeadLetterTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "dead-letters.md")).ReplaceLineEndings("\n");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-dead-letters-");
    private readonly HttpClient _client = new();

    public static TheoryData<string> Engines => StateEngines.Rows;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_a_failing_endpoint_did_not_get_is_grouped_sent_again_edited_and_skipped_as_the_page_says(string name)
    {
        using var engine = await StateEngines.StartAsync(name);
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, engine.Section);
        workspace.Write("policies.test.yaml", Retry().Replace(workspace.Read("policies.test.yaml"), "retry: [100ms]"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "events"))) workspace.Write("events/" + Path.GetFileName(file), await File.ReadAllTextAsync(file, Cancellation));
        var (groups, one, again, edit, skip, log) = Blocks() is [var a, var b, var c, var d, var e, var f] ? (a, b, c, d, e, f) : throw new InvalidOperationException("the page has other commands");

        var (process, gateway, admin) = await ChildProcess.ServeAsync(workspace);
        await using (process)
        {
            await FailAsync(simulated, gateway, admin, 500, "PO-1", "PO-2", "PO-3");
            await FailAsync(simulated, gateway, admin, 422, "PO-4");
            await FailAsync(simulated, gateway, admin, 404, "PO-5");
            await AnswerAsync(simulated, 204, 0);

            var said = await GoodAsync(groups, admin);
            Assert.Matches(@"^ +3  status 500 .* acme/orders \(3\)  such as msg_[0-9a-f]{32}\n +1  status 404 .*\n +1  status 422 ", said);
            Assert.Equal(3, ListedLine().Count(said));
            said = await GoodAsync(one, admin);
            Assert.Contains("\"state\": \"dead\"", said, StringComparison.Ordinal);
            Assert.Matches("\"customerReference\": \"PO-[123]\"", said);
            Assert.Contains("Hafenstr. 1", said, StringComparison.Ordinal);

            var began = TimeProvider.System.GetUtcNow();
            said = await GoodAsync(again, admin);
            Assert.Contains("3 of 3 would be sent again, 2 a second to each endpoint, the last after 1s", said, StringComparison.Ordinal);
            Assert.Contains("3 of 3 are sent again", said, StringComparison.Ordinal);
            await ArrivedAsync(simulated, "PO-1", "PO-2", "PO-3");
            var arrived = (await TakenAsync(simulated)).Where(w => Reference(w) is "PO-1" or "PO-2" or "PO-3").ToList();
            Assert.Equal(["PO-1", "PO-2", "PO-3"], arrived.Select(Reference));
            Assert.True(At(arrived[^1]) - began >= TimeSpan.FromSeconds(1), "the rate was not held");
            var received = await ReceivedAsync(simulated);
            Assert.All(received, w => Assert.Null(w["wrong"]));
            Assert.All(received.GroupBy(Reference), attempts => Assert.Single(attempts.Select(w => (string)w["id"]!).Distinct()));

            await EditedAsync(edit, simulated, admin);
            Assert.Contains("1 are skipped", await GoodAsync(skip, admin), StringComparison.Ordinal);
            Assert.Contains("no dead letters", await GoodAsync("gateway deadletters groups", admin), StringComparison.Ordinal);
            said = await GoodAsync(log, admin);
            Assert.Equal(5, said.Split('\n').Count(line => line.Contains("  acme  order.accepted.v1  ord_", StringComparison.Ordinal)));
            Assert.Contains("\"customerReference\": \"PO-1\"", said, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_rate_outlives_the_process_that_was_to_keep_it(string name)
    {
        using var engine = await StateEngines.StartAsync(name);
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner, engine.Section);
        workspace.Write("policies.test.yaml", Retry().Replace(workspace.Read("policies.test.yaml"), "retry: [100ms]"));
        var (process, gateway, admin) = await ChildProcess.ServeAsync(workspace);
        DateTimeOffset began;
        await using (process)
        {
            await FailAsync(simulated, gateway, admin, 500, "PO-1", "PO-2", "PO-3");
            await AnswerAsync(simulated, 204, 0);
            began = TimeProvider.System.GetUtcNow();
            await GoodAsync("gateway deadletters retry --all --rate 0.1 --reason 'slowly'", admin);
            await ArrivedAsync(simulated, "PO-1");
            await process.KillAsync();
        }

        (process, _, admin) = await ChildProcess.ServeAsync(workspace);
        await using (process)
        {
            await ArrivedAsync(simulated, "PO-2", "PO-3");
            var last = (await TakenAsync(simulated)).Where(w => Reference(w) == "PO-3").Select(At).Min();
            Assert.True(last - began >= TimeSpan.FromSeconds(20), "the rate was not held over the restart");
        }
    }

    private async Task EditedAsync(string edit, Simulated simulated, Uri admin)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "broken.json"), """{"customerReference":7}""", Cancellation);
        var id = (await GoodAsync("gateway deadletters list --cause 'status 422' --limit 1 | cut -d' ' -f1", admin)).Trim();
        var (exit, refused) = await RunAsync($"gateway deadletters edit {id} --data broken.json --reason 'a slip' 2>&1", admin);
        Assert.Equal(1, exit);
        Assert.Contains("refused with 422: The data break events/order-placed@1", refused, StringComparison.Ordinal);

        Assert.Matches($"^msg_[0-9a-f]{{32}} is sent in the place of {id}\n$", await GoodAsync(edit, admin));

        await ArrivedAsync(simulated, "PO-4");
        var taken = Assert.Single(await TakenAsync(simulated), w => Reference(w) == "PO-4");
        var told = JsonNode.Parse((string)taken["body"]!)!;
        var first = JsonNode.Parse((string)(await ReceivedAsync(simulated)).First(w => Reference(w) == "PO-4")["body"]!)!;
        Assert.NotEqual(id, (string)taken["id"]!);
        Assert.Equal(($"{first["id"]}.edit-1", (string)first["sequence"]!), ((string)told["id"]!, (string)told["sequence"]!));
        Assert.Contains("Hafenstrasse 1", told["data"]!.ToJsonString(), StringComparison.Ordinal);
        var shown = await GoodAsync($"gateway deadletters show {id}", admin);
        Assert.Contains($"\"editedAs\": \"{taken["id"]}\"", shown, StringComparison.Ordinal);
        Assert.Contains("\"state\": \"skipped\"", shown, StringComparison.Ordinal);
    }

    /// <summary>Orders whose events the partner refuses for good.</summary>
    private async Task FailAsync(Simulated simulated, Uri gateway, Uri admin, int status, params string[] references)
    {
        await AnswerAsync(simulated, status, 100);
        using var caller = new Caller(gateway);
        using var desk = Caller.OfOperator(admin);
        foreach (var reference in references) Assert.Equal(201, (await caller.OrderAsync(Order.Json(reference), "k-" + reference)).Status);
        await Until.Found(
            async () => (await desk.GetAsync($"/deadletters/groups?cause=status%20{status}")).Json.AsArray().FirstOrDefault(g => (int)g!["count"]! == references.Length), $"{references.Length} of status {status}", 60);
    }

    private async Task AnswerAsync(Simulated simulated, int status, int count)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri(simulated.Partner, "_answer"), new { status, count }, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private Task<string> ArrivedAsync(Simulated simulated, params string[] references) => Until.Found(
        async () => references.All((await TakenAsync(simulated)).Select(Reference).Contains) ? "" : null, string.Join(", ", references), 120);

    private async Task<IReadOnlyList<JsonNode>> TakenAsync(Simulated simulated) => [.. (await ReceivedAsync(simulated)).Where(w => (int)w["status"]! < 300)];

    private async Task<IReadOnlyList<JsonNode>> ReceivedAsync(Simulated simulated) =>
        [.. JsonNode.Parse(await _client.GetStringAsync(new Uri(simulated.Partner, "received"), Cancellation))!.AsArray().Select(w => w!)];

    private static string Reference(JsonNode webhook) => (string)JsonNode.Parse((string)webhook["body"]!)!["data"]!["customerReference"]!;

    private static DateTimeOffset At(JsonNode webhook) => DateTimeOffset.Parse((string)webhook["receivedAt"]!, CultureInfo.InvariantCulture);

    private async Task<string> GoodAsync(string script, Uri admin)
    {
        var (exit, said) = await RunAsync(script, admin);
        Assert.True(exit == 0, $"{script}\n{said}");
        return said;
    }

    private async Task<(int Exit, string Said)> RunAsync(string script, Uri admin)
    {
        const string Verb = "gateway() { dotnet \"$PROGRAM\" \"$@\" --admin \"$ADMIN\"; }\n";
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", Verb + script]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in TestWorkspace.Secrets) start.Environment[name] = value;
        (start.Environment["PROGRAM"], start.Environment["ADMIN"]) = (GatewayProgram.Path, admin.AbsoluteUri);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, said + (process.ExitCode == 0 ? "" : await errors));
    }

    private static List<string> Blocks() => [.. CodeBlock().Matches(Page).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^msg_[0-9a-f]{32}  .*  acme/orders  status 500  2 attempts  order\.accepted\.v1 ord_", RegexOptions.Multiline)]
    private static partial Regex ListedLine();

    [GeneratedRegex(@"retry: \[[^\]]*\]")]
    private static partial Regex Retry();
}

using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Planning;
using LibGit2Sharp;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c>, from two states of a workspace to what it prints.</summary>
public sealed class PlanTests : IDisposable
{
    private const string Entry = """
        policies:
          callers: { authenticate: { apiKey: {} } }
          quota: { rateLimit: { limit: 100, window: 1m } }
        backends:
          tms: { adapter: http, url: http://tms.internal }
        """;

    private const string Routes = """
        apis:
          notes:
            owner: us
            routes:
              notes.create:
                match: POST /notes
                policies: [callers, quota, contract: { request: note@1, response: note@1, query: query@1 }]
                target: { forward: tms }
              notes.read:
                match: GET /notes/{id}
                policies: [callers, contract: { responses: { "200": note@1, "404": query@1 } }]
                target: { forward: tms }
        """;

    private const string Note = """{ "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "maxLength": 100 }, "tag": { "enum": ["a", "b"] } } }""";

    private const string Query = """{ "type": "object", "properties": { "limit": { "type": "integer" } } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-plan-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        // Git writes its objects read-only.
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories)) file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_did_not_change_has_no_effect()
    {
        var (code, lines) = await PlanAsync(_ => { });

        Assert.Equal(Gateway.Cli.Commands.Fine, code);
        Assert.Matches("^revision ([0-9a-f]{16}) -> \\1: 0 weakening, 0 breaking, 0 attention, 0 safe$", Assert.Single(lines));
    }

    [Fact]
    public async Task A_narrower_contract_breaks_those_who_send_it_and_not_those_who_get_it()
    {
        var (code, lines) = await PlanAsync(w => Replace(w, "transforms/canonical/note@1.schema.json", "100", "50"));

        Assert.Equal(Gateway.Cli.Commands.Findings, code);
        Assert.Equal(
            [
                "breaking  notes.create: contract note@1, body: #/text maxLength: at most 100 characters were allowed, now at most 50 characters",
                "safe      notes.create: contract note@1, answer 2XX: #/text maxLength: at most 100 characters were allowed, now at most 50 characters",
                "safe      notes.read: contract note@1, answer 200: #/text maxLength: at most 100 characters were allowed, now at most 50 characters",
            ],
            lines[..^1]);
    }

    [Fact]
    public async Task A_wider_one_breaks_those_who_get_it()
    {
        var (_, lines) = await PlanAsync(w => Replace(w, "transforms/canonical/note@1.schema.json", "\"b\"", "\"b\", \"c\""));

        Assert.Equal(["breaking  notes.create", "breaking  notes.read", "safe      notes.create"], lines[..^1].Select(l => l.Split(':')[0]));
    }

    [Fact]
    public async Task What_only_reports_refuses_nobody_until_it_is_enforced()
    {
        var (_, lines) = await PlanAsync(w =>
        {
            Replace(w, "routes/notes.yaml", "query: query@1 }", "query: query@1, mode: report }");
            Replace(w, "transforms/canonical/note@1.schema.json", "100", "50");
        });
        var (_, back) = await RunAsync(Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"), EffectClass.Breaking);

        Assert.Contains(lines, l => l.StartsWith("attention notes.create: contract note@1, body: #/text maxLength", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("breaking  notes.create", StringComparison.Ordinal));
        Assert.Contains("breaking  notes.create: contracts are enforced now: what was only reported is refused", back);
    }

    [Fact]
    public async Task Another_version_is_compared_with_the_one_before()
    {
        var (_, lines) = await PlanAsync(w =>
        {
            Write(w, "transforms/canonical/query@2.schema.json", Query.Replace("integer", "string", StringComparison.Ordinal));
            Replace(w, "routes/notes.yaml", "query: query@1", "query: query@2");
        });

        Assert.Contains("breaking  notes.create: contract query@1 becomes query@2, query: #/limit type", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policies: [callers, quota, contract", "policies: [quota, contract", "weakening notes.create: authentication is dropped: anybody may call")]
    [InlineData("policies: [callers, quota, contract", "policies: [callers, contract", "attention notes.create: the policy rateLimit (quota) is dropped")]
    [InlineData("match: POST /notes", "match: PUT /notes", "breaking  notes.create: POST /notes moves to PUT /notes")]
    [InlineData("notes.read:", "notes.get:", "breaking  notes.read: GET /notes/{id} is gone", "safe      notes.get: GET /notes/{id} is new")]
    [InlineData("query: query@1", "headers: query@1", "weakening notes.create: query: has no contract any more, was query@1", "breaking  notes.create: header: has the contract query@1 now")]
    [InlineData("query: query@1 }", "query: query@1, mode: report }", "weakening notes.create: contracts only report now: what breaks them passes")]
    [InlineData("query: query@1 }", "query: query@1, mediaTypes: [text/json] }", "safe      notes.create: the media type text/json is taken too")]
    [InlineData("\"404\": query@1", "", "breaking  notes.read: answer 404: has no contract any more, was query@1")]
    [InlineData("target: { forward: tms }", "target: { forward: tms }\n        maxBody: 1KB", "breaking  notes.create: the largest body shrinks from 1048576 to 1024 bytes")]
    public async Task Other_changes_of_routes_are_told(string before, string after, params string[] effects)
    {
        var (_, lines) = await PlanAsync(w => Replace(w, "routes/notes.yaml", before, after, once: true));

        Assert.Equal(effects, lines[..^1]);
    }

    [Theory]
    [InlineData(EffectClass.Safe, Gateway.Cli.Commands.Findings)]
    [InlineData(EffectClass.Attention, Gateway.Cli.Commands.Findings)]
    [InlineData(EffectClass.Breaking, Gateway.Cli.Commands.Fine)]
    public async Task The_least_class_that_fails_can_be_chosen(EffectClass failOn, int code) =>
        Assert.Equal(code, (await PlanAsync(w => Replace(w, "routes/notes.yaml", "callers, quota,", "callers,", once: true), failOn)).Code);

    [Fact]
    public async Task The_state_before_may_be_a_revision_of_Git()
    {
        var workspace = Path.Combine(_folder.FullName, "repository", "workspace");
        WriteAll(workspace);
        Write(workspace, "docs/other.yaml", "not: [part of it");
        LibGit2Sharp.Repository.Init(Path.Combine(_folder.FullName, "repository"));
        using (var repository = new LibGit2Sharp.Repository(Path.Combine(_folder.FullName, "repository")))
        {
            LibGit2Sharp.Commands.Stage(repository, "*");
            var author = new Signature("us", "us@example.com", DateTimeOffset.UnixEpoch);
            repository.Commit("first", author, author);
        }
        Replace(workspace, "routes/notes.yaml", "POST /notes", "PUT /notes");

        var (code, lines) = await RunAsync(workspace, "HEAD", EffectClass.Breaking);

        Assert.Equal(Gateway.Cli.Commands.Findings, code);
        Assert.Equal(["breaking  notes.create: POST /notes moves to PUT /notes"], lines[..^1]);
        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, (await RunAsync(workspace, "no-such-branch", EffectClass.Breaking)).Code);
        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, (await RunAsync(workspace, "HEAD~1", EffectClass.Breaking)).Code);
    }

    [Fact]
    public async Task Nothing_is_said_about_a_workspace_that_is_not_valid()
    {
        var (code, lines) = await PlanAsync(w => Replace(w, "routes/notes.yaml", "query: query@1", "query: qeury@1"));

        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, code);
        Assert.Contains("GW3001", lines[0], StringComparison.Ordinal);
    }

    private async Task<(int Code, string[] Lines)> PlanAsync(Action<string> change, EffectClass failOn = EffectClass.Breaking)
    {
        var (before, after) = (Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"));
        WriteAll(before);
        WriteAll(after);
        change(after);
        return await RunAsync(after, before, failOn);
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(string workspace, string against, EffectClass failOn)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = await PlanCommand.RunAsync(workspace, against, failOn, new LoadOptions { ResolveSecrets = false }, output);
        return (code, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static void WriteAll(string workspace)
    {
        Write(workspace, "policies.yaml", Entry);
        Write(workspace, "routes/notes.yaml", Routes);
        Write(workspace, "transforms/canonical/note@1.schema.json", Note);
        Write(workspace, "transforms/canonical/query@1.schema.json", Query);
    }

    private static void Replace(string workspace, string path, string before, string after, bool once = false)
    {
        var text = File.ReadAllText(Path.Combine(workspace, path));
        var at = text.IndexOf(before, StringComparison.Ordinal);
        Assert.True(at >= 0, before);
        Write(workspace, path, once ? text[..at] + after + text[(at + before.Length)..] : text.Replace(before, after, StringComparison.Ordinal));
    }

    private static void Write(string workspace, string path, string content)
    {
        var file = Path.Combine(workspace, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}

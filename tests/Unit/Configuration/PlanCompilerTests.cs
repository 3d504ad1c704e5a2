using System.Text;
using Gateway.Configuration;
using Gateway.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>From a workspace to a Plan, or to the reasons why there is none.</summary>
public sealed class PlanCompilerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_revision_follows_the_content_and_the_environment_and_no_secret()
    {
        _folder.Write("policies.yaml", "backends: { tms: { adapter: http, url: \"http://tms.internal\", credential: { key: secret://env/KEY } } }\n");
        _folder.Write("policies.test.yaml", "");

        var first = await RevisionAsync("", "one");
        Assert.Matches("^[0-9a-f]{16}$", first);
        Assert.Equal(first, await RevisionAsync("", "another"));
        Assert.NotEqual(first, await RevisionAsync("test", "one"));

        _folder.Write("policies.yaml", "backends: { tms: { adapter: http, url: \"http://tms.internal\", credential: { key: secret://env/KEY } } } \n");
        Assert.NotEqual(first, await RevisionAsync("", "one"));

        async Task<string> RevisionAsync(string environment, string secret)
        {
            var (plan, diagnostics) = await CompileAsync(_folder.Load(environment, resolveSecrets: true, ("KEY", secret)), new KeptState());
            Assert.Empty(diagnostics);
            await plan!.DisposeAsync();
            return plan.Revision;
        }
    }

    /// <summary>A limiter and its counts outlive a reload, and a workspace that is refused in between.</summary>
    [Fact]
    public async Task Counts_outlive_a_reload()
    {
        var kept = new KeptState();
        const string Good = "policies: { q: { rateLimit: { limit: 1, window: 1h } } }\nbackends: { b: { adapter: http, url: \"http://b\" } }\n"
            + "apis: { a: { owner: us, routes: { r: { match: GET /r, public: For a test., policies: [q], target: { forward: b } } } } }\n";
        foreach (var text in (string[])[Good, Good + "wrong: 1\n", Good + "# changed\n"])
        {
            _folder.Write("policies.yaml", text);
            await CompileAsync(_folder.Load(), kept);
        }
        var created = 0;
        kept.Get("rateLimit/q/q/consumer/TokenBucket/3600", () => (object)created++);

        Assert.Equal(0, created);
    }

    /// <summary>The workspace of this repository with values that nobody expects: a finding each time, never an exception.</summary>
    [Fact]
    public async Task Nothing_that_stands_in_a_workspace_breaks_the_compiler()
    {
        string[] files = ["policies.yaml", "partners/acme.yaml", "routes/orders.yaml", "routes/tracking.yaml", "routes/catalogue.yaml", "flows/order-to-ship.yaml"];
        string[] odd = ["", "~", "-1", "0", "99999999999", "-9223372036854775808", "1e400", "[]", "{}", "[[]]", "{a: b}", "0s", "36500d", "é", "\"\\0\"", "'a b'", "/", "{", "..", "secret://file/", "http://", "${X:-}", "*"];
        var random = new Random(47_11);
        var text = files.ToDictionary(f => f, f => File.ReadAllText(Path.Combine(Repository.Root, f)));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "transforms"), "*", SearchOption.AllDirectories))
            _folder.Write(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file));
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            foreach (var file in files) _folder.Write(file, text[file]);
            var damaged = files[random.Next(files.Length)];
            _folder.Write(damaged, Damage(text[damaged]));

            var (plan, diagnostics) = await CompileAsync(_folder.Load(), new KeptState());

            Assert.Equal(plan is null, diagnostics.Any(d => d.Severity == Severity.Error));
            if (plan is null) refused++;
            else await plan.DisposeAsync();
        }
        Assert.True(refused > 40, $"only {refused} of them were refused");

        string Damage(string whole)
        {
            // One value of a block line or of a flow mapping is replaced.
            var colons = Enumerable.Range(0, whole.Length - 2).Where(i => whole[i] == ':' && whole[i + 1] == ' ').ToList();
            var at = colons[random.Next(colons.Count)] + 2;
            var end = whole.AsSpan(at).IndexOfAny(",}\n");
            return new StringBuilder(whole).Remove(at, Math.Max(0, end)).Insert(at, odd[random.Next(odd.Length)]).ToString();
        }
    }

    private static ValueTask<Compilation> CompileAsync(LoadedWorkspace workspace, KeptState kept) => new PlanCompiler(
        new ExactlyOnce(new WorkAtHand(), TimeProvider.System, NullLogger<ExactlyOnce>.Instance), TimeProvider.System, kept, Outside.World, NullLoggerFactory.Instance)
        .CompileAsync(workspace);
}

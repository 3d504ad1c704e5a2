using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>What every policy kind of the list keeps to. A new kind is tested by its line in the list and the files of its folder.</summary>
public sealed class KindTests
{
    public static TheoryData<string> Names => [.. Gateway.Policies.PolicyKinds.All.Select(k => k.Name)];

    [Fact]
    public void Names_differ() => Assert.Distinct(Gateway.Policies.PolicyKinds.All.Select(k => k.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kind_says_what_it_is_in_one_sentence(string name)
    {
        var summary = Kind(name).Summary;

        Assert.Matches("^[a-z][A-Za-z]*$", name);
        Assert.EndsWith(".", summary, StringComparison.Ordinal);
        Assert.DoesNotContain(". ", summary, StringComparison.Ordinal);
    }

    /// <summary>
    /// The example is one use of the kind; it compiles on a route that creates orders, or where that can't have it on one that reads. One whose body is held to
    /// a contract, and is not mapped, is forwarded: our words are not Odoo's.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_example_of_a_kind_is_valid(string name)
    {
        var example = File.ReadAllText(Path.Combine(Folder(name), "example.yaml"));
        Assert.StartsWith("# ", example, StringComparison.Ordinal);
        Assert.Contains($"\n{name}:", example, StringComparison.Ordinal);
        var routes = $$"""
            apis:
              example:
                owner: us
                routes:
                  example.create:
                    match: {{(name == "cache" ? "GET" : "POST")}} /v1/example
                    policies:
                      - example{{(name == "authenticate" ? "" : "\n          - callers")}}
                    target: {{(name is "cache" or "contract" ? "{ forward: echo }" : "{ call: odoo/order.create, creates: order }")}}
            policies:
              example:
            {{Indent(example)}}
            """;
        var folder = Directory.CreateTempSubdirectory("gateway-example-");
        try
        {
            KindWorld.WriteWorkspace(folder.FullName, [new CaseWorkspaceFile { Path = "routes/example.yaml", Content = routes }],
                new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"), "http://127.0.0.1:1/");
            using var output = new StringWriter();

            var code = await ValidateCommand.RunAsync(folder.FullName, new LoadOptions { Environment = "demo", ResolveSecrets = false }, output);

            Assert.True(code == 0, output.ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Indent(string text) => string.Join('\n', text.Split('\n').Select(line => "    " + line));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_cases_of_a_kind_hold(string name)
    {
        var file = CaseFile.Read(Path.Combine(Folder(name), "cases.yaml"));
        await using var world = await KindWorld.StartAsync(file.Workspace);

        var wrong = new List<string>();
        foreach (var @case in file.Cases) wrong.Add(await world.PlayAsync(@case, TestContext.Current.CancellationToken));

        Assert.True(file.Cases.Count >= 5, "a kind has at least five cases");
        Assert.True(wrong.All(w => w.Length == 0), string.Join(Environment.NewLine, wrong.Where(w => w.Length > 0)));
    }

    private static PolicyKind Kind(string name) => Gateway.Policies.PolicyKinds.All.Single(k => k.Name == name);

    private static string Folder(string name) => Path.Combine(Repository.Root, "policies", char.ToUpperInvariant(name[0]) + name[1..]);
}

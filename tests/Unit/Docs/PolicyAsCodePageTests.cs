using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>The pipelines of docs/policy-as-code.md: they are YAML, and the verbs take the options that they give.</summary>
public sealed partial class PolicyAsCodePageTests
{
    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "policy-as-code.md"));

    [Fact]
    public void Every_call_of_the_program_is_one_that_it_takes()
    {
        var calls = Call().Matches(Expression().Replace(Page, "x")).Select(m => m.Groups[1].Value.Trim()).ToList();

        Assert.True(calls.Count >= 8, string.Join('\n', calls));
        Assert.All(calls, call => Assert.Equal([], Commands.Root().Parse(call).Errors.Select(e => $"{call}: {e.Message}")));
        Assert.NotEmpty(Commands.Root().Parse("validate . --enviroment production").Errors);
    }

    [Fact]
    public void Every_verb_of_the_table_is_there()
    {
        var told = Verb().Matches(Page).Select(m => m.Groups[1].Value).ToList();

        Assert.True(told.Count >= 5, string.Join(", ", told));
        Assert.Equal([], told.Except(Commands.Root().Subcommands.Select(c => c.Name)));
    }

    [Fact]
    public void The_pipelines_are_yaml()
    {
        var pipelines = Block().Matches(Page).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(2, pipelines.Count);
        Assert.All(pipelines, text =>
        {
            var found = new List<Diagnostic>();
            Assert.NotNull(YamlReader.Read("pipeline.yaml", text, found));
            Assert.Equal([], found.Select(d => d.ToString()));
        });
    }

    [GeneratedRegex(@"out/gateway ([a-z][^>|\n`]*)")]
    private static partial Regex Call();

    [GeneratedRegex(@"\$\{\{.*?\}\}|\$\{[^}]*\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"^\| \[?`([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Verb();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}

using System.Text;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>What docs/contracts.md shows works as it stands there.</summary>
public sealed class ContractsPageTests
{
    [Fact]
    public void The_contract_compiles_strictly()
    {
        var compiled = Schema.Compile(Encoding.UTF8.GetBytes(Block("## Write one")), new SchemaOptions { Strict = true, AssertFormats = true });

        Assert.Empty(compiled.Diagnostics);
        Assert.True(compiled.Schema!.Members["state"].IsList);
    }

    [Fact]
    public async Task The_policy_is_valid_on_a_forwarded_route()
    {
        var workspace = Directory.CreateTempSubdirectory("gateway-page-");
        try
        {
            Directory.CreateDirectory(Path.Combine(workspace.FullName, "transforms", "canonical"));
            Directory.CreateDirectory(Path.Combine(workspace.FullName, "routes"));
            foreach (var name in (string[])["parcel", "parcel-query", "parcel-headers", "parcel-path", "gone"])
            {
                var content = name is "parcel-path" or "parcel-headers" ? """{ "type": "object" }""" : Block("## Write one");
                await File.WriteAllTextAsync(Path.Combine(workspace.FullName, "transforms", "canonical", name + "@1.schema.json"), content, TestContext.Current.CancellationToken);
            }
            await File.WriteAllTextAsync(Path.Combine(workspace.FullName, "policies.yaml"), "backends:\n  tms: { adapter: http, url: http://tms.internal }\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(workspace.FullName, "routes", "parcels.yaml"), $$"""
                apis:
                  parcels:
                    owner: us
                    routes:
                      parcels.create:
                        match: POST /parcels/{id}
                        public: For a test.
                        target: { forward: tms }
                {{Indent(Block("## Use it on a route"), 8)}}
                """, TestContext.Current.CancellationToken);
            using var output = new StringWriter();

            var code = await ValidateCommand.RunAsync(workspace.FullName, new LoadOptions { ResolveSecrets = false }, output);

            Assert.True(code == Commands.Fine, output.ToString());
        }
        finally
        {
            workspace.Delete(recursive: true);
        }
    }

    private static string Indent(string block, int by) => string.Join('\n', block.Split('\n').Select(line => new string(' ', by) + line));

    /// <summary>The first indented block behind a heading, without its indentation.</summary>
    private static string Block(string heading)
    {
        var lines = File.ReadAllText(Path.Combine(Repository.Root, "docs", "contracts.md")).Split('\n');
        var block = lines.SkipWhile(l => l != heading).SkipWhile(l => !l.StartsWith("    ", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal));
        return string.Join('\n', block.Select(l => l[4..]));
    }
}

using Gateway.Cases;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>The mappings of this repository and their cases.</summary>
public sealed class ShippedMappingTests
{
    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    public static TheoryData<string> Mappings => [.. Shipped.CasesAndMappings];

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Its_cases_pass(string mapping)
    {
        var cases = MappingCases.Of(mapping, Shipped);

        Assert.True(cases is not null, $"nothing proves {mapping}: write {MappingCases.Path(mapping)}");
        Assert.Empty(cases.Diagnostics);
        var results = cases.Run().ToList();
        Assert.NotEmpty(results);
        Assert.Equal([], results.Where(r => r.Wrong is not null).Select(r => $"{r.Place}: {r.Name}: {r.Wrong}"));
    }

    [Fact]
    public void Every_code_table_is_looked_up()
    {
        var texts = Directory.EnumerateFiles(Path.Combine(Repository.Root, "transforms"), "*.jsonata", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();

        Assert.NotEmpty(Shipped.CodeTables);
        Assert.All(Shipped.CodeTables, table => Assert.Contains(texts, t => t.Contains($"$lookupCode(\"{table}\"", StringComparison.Ordinal) || t.Contains($"$lookupCode(\"{table}/", StringComparison.Ordinal)));
    }
}

using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>How the files of a workspace are put together, and what each of them may leave out.</summary>
public sealed class WorkspaceLoaderTests
{
    [Theory]
    [InlineData("tiers:\npartners: { a: { name: A } }", "tiers: { gold: {} }")]
    [InlineData("tiers: { gold: {} }\npartners: { a: { name: A } }", "tiers:")]
    [InlineData("tiers: { gold: {} }\npartners: { a: { name: A } }", "# nothing yet")]
    public void A_section_or_a_file_without_content_defines_nothing(string entry, string part)
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", entry);
        folder.Write("policies.other.yaml", part);
        folder.Write("partners/more.yaml", part);

        foreach (var environment in (string[])["", "other"])
        {
            if (environment.Length > 0) File.Delete(Path.Combine(folder.Root, "partners", "more.yaml"));
            var loaded = folder.Load(environment);
            Assert.Empty(loaded.Diagnostics);
            Assert.Equal(["gold"], loaded.Document!.Tiers.Keys);
        }
    }

    [Fact]
    public void An_empty_workspace_is_one()
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", "");

        Assert.NotNull(folder.Load().Document);
        Assert.Empty(folder.Load().Diagnostics);
    }
}

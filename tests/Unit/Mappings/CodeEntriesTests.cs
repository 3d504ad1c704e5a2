using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>The shipped code tables: nobody can change or remove an entry, and no case notices.</summary>
public sealed class CodeEntriesTests
{
    private static readonly Lazy<CodeEntries> Entries = new(() => new CodeEntries());

    public static TheoryData<string> Tables =>
        [.. WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }).Document!.Codes.Keys];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_entry_is_proved_by_a_case_in_every_direction_that_mappings_read(string table)
    {
        lock (Entries)
        {
            var unproved = string.Join(", ", Entries.Value.Unproved(table));

            Assert.True(unproved.Length == 0, unproved);
        }
    }
}

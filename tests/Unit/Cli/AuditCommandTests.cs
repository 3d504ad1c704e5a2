using Gateway.Delivery.Audit;
using Gateway.Cli;
using Gateway.Delivery.Storage.Sqlite;
using Gateway.Tests.Unit.Configuration;
using Microsoft.AspNetCore.DataProtection;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>audit</c>: what it prints and how it ends.</summary>
public sealed class AuditCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_segment_has_a_line_and_a_whole_audit_ends_well()
    {
        await using var store = await StoreAsync();
        await using var output = new StringWriter();

        var code = await AuditCommand.VerifyAsync(store, [], output, Cancellation);

        Assert.Equal(Commands.Fine, code);
        Assert.Matches(@"^[a-z0-9-]+/internal/1: verified, 1 links, 2 records, head [0-9a-f]{64}\n[a-z0-9-]+/public/1: verified, 1 links, 1 records, head [0-9a-f]{64}\nverified: 2 segments\n$", output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_head_that_was_kept_and_is_not_there_is_a_finding()
    {
        await using var store = await StoreAsync();
        await using var output = new StringWriter();
        using var folder = new TempFolder();
        var heads = folder.Write("heads.json", """[ { "node": "gone", "class": "internal", "number": 3, "links": 7, "head": "00", "sealed": true } ]""");

        var code = await AuditCommand.VerifyAsync(store, await KeptHeads.ReadAsync(heads, Cancellation), output, Cancellation);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("gone/internal/3: is not there", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("broken: 1 finding", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_which_nothing_is_left_is_not_verified_and_the_heads_that_were_kept_say_what_is_gone()
    {
        await using var store = SqliteStore.InMemory(new EphemeralDataProtectionProvider(), TimeProvider.System);
        await store.OpenAsync(Cancellation);
        await using var output = new StringWriter();
        using var folder = new TempFolder();
        var heads = folder.Write("heads.json", """[ { "node": "gone", "class": "internal", "number": 3, "links": 7, "head": "00", "sealed": true } ]""");

        var code = await AuditCommand.VerifyAsync(store, await KeptHeads.ReadAsync(heads, Cancellation), output, Cancellation);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("gone/internal/3: is not there", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("nothing is there", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_heads_is_told()
    {
        using var folder = new TempFolder();
        var heads = folder.Write("heads.json", "{ }");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => KeptHeads.ReadAsync(heads, Cancellation));

        Assert.Contains("audit head", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("head")]
    [InlineData("export")]
    [InlineData("erase", "--subject", "joe", "--reason", "asked for")]
    public async Task Where_there_is_no_store_none_is_made(params string[] arguments)
    {
        using var folder = new TempFolder();
        var (data, keys) = (Path.Combine(folder.Root, "data"), Path.Combine(folder.Root, "keys"));

        Assert.Equal(Commands.CouldNotRun, await Commands.RunAsync(["audit", .. arguments, "--data", data, "--keys", keys]));

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    private static async Task<SqliteStore> StoreAsync()
    {
        var store = SqliteStore.InMemory(new EphemeralDataProtectionProvider(), TimeProvider.System);
        await store.OpenAsync(Cancellation);
        await store.AppendAuditAsync([Record(AuditClass.Internal), Record(AuditClass.Public), Record(AuditClass.Internal)], Cancellation);
        return store;
    }

    private static AuditRecord Record(AuditClass about) =>
        new(TimeProvider.System.GetUtcNow(), "acme", "acme-shop", "orders.read", "GET", "/v1/orders/1", "rev", "c", 200, "done") { Class = about };
}

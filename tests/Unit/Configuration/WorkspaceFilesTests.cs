using System.Runtime.InteropServices;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>What belongs to a workspace, and what its hash depends on.</summary>
public sealed class WorkspaceFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public WorkspaceFilesTests()
    {
        _folder.Write("policies.yaml", "tiers: {}\n");
        _folder.Write("routes/orders.yaml", "apis: {}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_rooms_are_read_and_nothing_else()
    {
        _folder.Write("policies.demo.yaml", "");
        _folder.Write("transforms/canonical/order@1.schema.json", "{}");
        _folder.Write("transforms/odoo/order.to.jsonata", "{}");
        _folder.Write("transforms/README.md", "");
        _folder.Write("docs/other.yaml", "");
        _folder.Write("other.yaml", "");
        _folder.Write("routes/orders.yaml~", "");

        Assert.Equal(
            ["policies.demo.yaml", "policies.yaml", "routes/orders.yaml", "transforms/canonical/order@1.schema.json", "transforms/odoo/order.to.jsonata"],
            Read().Paths);
    }

    [Fact]
    public void The_hash_is_of_the_content_alone()
    {
        var hash = Read().Hash;
        Assert.Matches("^[0-9a-f]{64}$", hash);

        File.SetLastWriteTimeUtc(Path.Combine(_folder.Root, "policies.yaml"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _folder.Write("other.yaml", "x");
        Assert.Equal(hash, Read().Hash);

        _folder.Write("routes/orders.yaml", "apis: { }\n");
        Assert.NotEqual(hash, Read().Hash);

        _folder.Write("routes/orders.yaml", "apis: {}\n");
        Assert.Equal(hash, Read().Hash);
    }

    [Fact]
    public void The_hash_tells_where_content_stands()
    {
        var hash = Read().Hash;

        File.Move(Path.Combine(_folder.Root, "routes/orders.yaml"), Path.Combine(_folder.Root, "routes/order.yaml"));
        var moved = Read().Hash;
        File.Delete(Path.Combine(_folder.Root, "routes/order.yaml"));
        var without = Read().Hash;
        _folder.Write("routes/order", "");
        _folder.Write("policies.yaml", "tiers: {}\nroutes/order.yamlapis: {}\n");

        Assert.Equal(4, new[] { hash, moved, without, Read().Hash }.Distinct().Count());
    }

    [Fact]
    public void A_copy_elsewhere_has_the_same_hash()
    {
        using var copy = new TempFolder();
        copy.Write("routes/orders.yaml", "apis: {}\n");
        copy.Write("policies.yaml", "tiers: {}\n");

        Assert.Equal(Read().Hash, WorkspaceFiles.Read(copy.Root).Hash);
    }

    [Fact]
    public void A_directory_without_the_entry_document_is_no_workspace()
    {
        using var empty = new TempFolder();

        Assert.Contains("policies.yaml", Assert.Throws<FileNotFoundException>(() => WorkspaceFiles.Read(empty.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        _folder.Write("transforms/codes/all.yaml", new string('#', (8 << 20) + 1));

        Assert.Contains("all.yaml", Assert.Throws<IOException>(Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_is_found_by_its_path()
    {
        Assert.Equal("apis: {}\n"u8.ToArray(), Read()["routes/orders.yaml"]!.Value.ToArray());
        Assert.Null(Read()["routes/none.yaml"]);
        Assert.Null(Read()["../policies.yaml"]);
    }

    /// <summary>A deployment swaps a whole directory, again and again: what is read is always one state of it, or nothing.</summary>
    [Fact]
    public async Task A_deployment_that_is_half_seen_is_never_taken_for_a_state()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "directories are swapped by renaming a link, as POSIX does");
        var current = Path.Combine(_folder.Root, "current");
        Deploy(0);
        using var stop = new CancellationTokenSource();
        var deploying = Task.Run(async () =>
        {
            for (var state = 1; !stop.IsCancellationRequested; state++)
            {
                Deploy(state);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }, TestContext.Current.CancellationToken);
        var taken = 0;
        try
        {
            for (var i = 0; i < 40 || taken == 0; i++)
            {
                if (ReadOrNull() is not { } files) continue;
                taken++;
                Assert.Equal(files["policies.yaml"]!.Value.ToArray(), files["routes/orders.yaml"]!.Value.ToArray());
            }
        }
        finally
        {
            await stop.CancelAsync();
            await deploying;
        }

        void Deploy(int state)
        {
            _folder.Write($"releases/{state}/policies.yaml", $"# {state}\n");
            _folder.Write($"releases/{state}/routes/orders.yaml", $"# {state}\n");
            Directory.CreateSymbolicLink(current + state, Path.Combine(_folder.Root, "releases", $"{state}"));
            Assert.Equal(0, Rename(current + state, current));
        }

        WorkspaceFiles? ReadOrNull()
        {
            try
            {
                return WorkspaceFiles.Read(current);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    [Theory]
    [InlineData("routes/loop", ".")]
    [InlineData("routes/loop", "..")]
    [InlineData("routes/more/loop", "..")]
    [InlineData("routes/loop", "../..")]
    public void A_link_to_where_it_stands_or_above_is_not_followed(string link, string target)
    {
        _folder.Write("policies.yaml", "");
        _folder.Write("routes/more/orders.yaml", "");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, link), target);

        Assert.Equal(["policies.yaml", "routes/more/orders.yaml", "routes/orders.yaml"], Read().Paths);
    }

    [Fact]
    public void A_link_to_a_folder_elsewhere_is_followed()
    {
        _folder.Write("policies.yaml", "");
        _folder.Write("elsewhere/orders.yaml", "");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "routes/linked"), "../elsewhere");

        Assert.Equal(["policies.yaml", "routes/linked/orders.yaml", "routes/orders.yaml"], Read().Paths);
    }

    [Fact]
    public void What_looks_like_a_file_of_the_workspace_and_is_not_read_is_told()
    {
        _folder.Write("policies.yaml", "");
        _folder.Write("policies.test.yml", "");
        _folder.Write("routes/orders.yml", "");
        _folder.Write("routes/README.md", "");
        _folder.Write("routes/..data/orders.yml", "");
        _folder.Write("routes/folder.yaml/items.yaml", "");
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "routes/gone.yaml"), "nowhere.yaml");

        Assert.Equal(["policies.test.yml", "routes/folder.yaml", "routes/gone.yaml", "routes/orders.yml"], Read().Unread.Select(u => u.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>The framework's own moves refuse to replace a link to a directory.</summary>
    [DllImport("libc", EntryPoint = "rename")]
    private static extern int Rename([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    private WorkspaceFiles Read() => WorkspaceFiles.Read(_folder.Root);
}

using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>Secrets in files that are replaced while the gateway runs.</summary>
public sealed class FileSecretTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-secret-");
    private readonly FakeTimeProvider _clock = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_change_is_seen_a_second_later_and_not_looked_for_before()
    {
        var secret = Open("one\n");
        Assert.Equal("one", secret.Reveal());

        Write("two");
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("one", secret.Reveal());

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(("two", "two"), (secret.Reveal(), System.Text.Encoding.UTF8.GetString(secret.RevealBytes().Span)));
    }

    [Fact]
    public void A_change_is_seen_at_once_when_somebody_asks_for_it()
    {
        var secret = Open("one");
        Write("two");

        secret.Refresh();

        Assert.Equal("two", secret.Reveal());
    }

    [Fact]
    public void What_has_not_changed_stays_the_same_instance()
    {
        var secret = Open("one");
        var before = secret.Reveal();
        Write("one");
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Same(before, secret.Reveal());
    }

    [Fact]
    public void A_file_renamed_into_place_is_seen_whatever_its_times()
    {
        var secret = Open("one");
        var next = Path.Combine(_folder.FullName, "next");
        File.WriteAllText(next, "two");
        File.SetLastWriteTimeUtc(next, File.GetLastWriteTimeUtc(PathOf("key")));
        File.Move(next, PathOf("key"), overwrite: true);

        Assert.Equal("two", Later(secret));
    }

    /// <summary>The file is a link through <c>..data</c>, which Kubernetes turns to another folder.</summary>
    [Fact]
    public void A_link_that_is_turned_is_seen()
    {
        foreach (var version in (string[])["one", "two"])
        {
            Directory.CreateDirectory(PathOf(".." + version));
            File.WriteAllText(Path.Combine(PathOf(".." + version), "key"), version);
        }
        Directory.CreateSymbolicLink(PathOf("..data"), "..one");
        File.CreateSymbolicLink(PathOf("key"), "..data/key");
        var secret = new FileSecret("secret://file/x", PathOf("key"), _clock);
        Assert.Equal("one", secret.Reveal());

        Directory.Delete(PathOf("..data"));
        Directory.CreateSymbolicLink(PathOf("..data"), "..two");

        Assert.Equal("two", Later(secret));
    }

    [Fact]
    public void What_is_gone_or_empty_leaves_the_value_that_was()
    {
        var secret = Open("one");

        Write("");
        Assert.Equal("one", Later(secret));
        File.Delete(PathOf("key"));
        Assert.Equal("one", Later(secret));
        Write("two");
        Assert.Equal("two", Later(secret));
    }

    [Fact]
    public void A_file_that_is_empty_to_begin_with_is_no_secret() => Assert.Throws<InvalidDataException>(() => Open(" \n"));

    [Fact]
    public void It_shows_its_reference_alone() => Assert.Equal("secret://file/x", Open("one").ToString());

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string content) => File.WriteAllText(PathOf("key"), content);

    private FileSecret Open(string content)
    {
        Write(content);
        return new FileSecret("secret://file/x", PathOf("key"), _clock);
    }

    private string Later(FileSecret secret)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return secret.Reveal();
    }
}

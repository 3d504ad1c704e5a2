using System.Text;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>What is made of files that are replaced while the gateway runs.</summary>
public sealed class FollowedTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private string _one = "1";
    private string _two = "1";

    [Fact]
    public void It_is_made_at_the_first_look_and_anew_when_what_has_changed_is_at_rest()
    {
        var followed = Pair();

        Assert.True(followed.Look(Now));
        Assert.Equal("1+1", followed.Current);
        (_one, _two) = ("2", "2");
        Assert.False(followed.Look(Now));
        Assert.Equal("1+1", followed.Current);
        Assert.True(followed.Look(Now));
        Assert.Equal("2+2", followed.Current);
        Assert.False(followed.Look(Now));
    }

    /// <summary>A certificate and its key are two files, and one is replaced before the other.</summary>
    [Fact]
    public void Between_two_files_nothing_is_told_and_nothing_taken()
    {
        var followed = Pair();
        followed.Look(Now);

        _one = "2";
        Assert.False(followed.Look(Now));
        Assert.Null(followed.TroubleAt(Now));
        _two = "2";
        Assert.False(followed.Look(Now));
        Assert.Null(followed.TroubleAt(Now));
        Assert.True(followed.Look(Now));
        Assert.Equal("2+2", followed.Current);
    }

    [Theory]
    [InlineData("2", "they do not belong together")]
    [InlineData("gone", "secret://file/one can't be read")]
    public void What_cant_be_used_leaves_what_runs_and_is_told_until_it_is_mended(string one, string trouble)
    {
        var followed = Pair();
        followed.Look(Now);

        _one = one;
        for (var i = 0; i < 3; i++) Assert.False(followed.Look(Now));
        Assert.Equal(("1+1", trouble), (followed.Current, followed.TroubleAt(Now)));

        _one = "1";
        followed.Look(Now);
        followed.Look(Now);
        Assert.Equal(("1+1", null), (followed.Current, followed.TroubleAt(Now)));
    }

    [Fact]
    public void What_is_refused_now_and_good_later_is_taken_then()
    {
        var followed = Pair();
        followed.Look(Now);
        (_one, _two) = ("later", "later");
        followed.Look(Now);
        followed.Look(Now);
        Assert.Equal("it is not valid yet", followed.TroubleAt(Now));

        Assert.True(followed.Look(Now.AddDays(1)));
        Assert.Equal("later+later", followed.Current);
    }

    [Fact]
    public void What_runs_out_is_told_though_no_file_changes()
    {
        var followed = Pair();
        followed.Look(Now);

        Assert.Null(followed.TroubleAt(Now.AddDays(9)));
        Assert.Equal("it is over", followed.TroubleAt(Now.AddDays(10)));
        Assert.Equal(Now.AddDays(10), followed.Expires);
    }

    [Fact]
    public void Where_secrets_are_not_at_hand_nothing_is_made_and_nothing_told()
    {
        var followed = Of([new Material("secret://file/one", null), new Material("secret://file/two", () => [1])]);

        Assert.False(followed.Look(Now));
        Assert.Equal((null, null), (followed.Current, followed.TroubleAt(Now)));
    }

    private Followed<string> Pair() => Of([new Material("secret://file/one", () => Read(_one)), new Material("secret://file/two", () => Read(_two))]);

    private static byte[] Read(string content) => content == "gone" ? throw new FileNotFoundException() : Encoding.UTF8.GetBytes(content);

    private static Followed<string> Of(IReadOnlyList<Material> materials) => new("a pair", materials, Make, _ => Now.AddDays(10), (_, now) => now >= Now.AddDays(10) ? "it is over" : null);

    private static Made<string> Make(IReadOnlyList<byte[]> contents, DateTimeOffset now)
    {
        var (one, two) = (Encoding.UTF8.GetString(contents[0]), Encoding.UTF8.GetString(contents[1]));
        if (one != two) return Made<string>.Not("they do not belong together");
        return one == "later" && now < Now.AddDays(1) ? Made<string>.Not("it is not valid yet") : new Made<string>($"{one}+{two}", null);
    }
}

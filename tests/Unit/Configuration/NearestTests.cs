using Xunit;

namespace Gateway.Tests.Unit.Configuration;

public sealed class NearestTests
{
    [Theory]
    [InlineData("partner-quta", "did you mean 'partner-quota'?")]
    [InlineData("partnerquota", "did you mean 'partner-quota'?")]
    [InlineData("PARTNER-QUOTA", "did you mean 'partner-quota'?")]
    [InlineData("partner-uqota", "did you mean 'partner-quota'?")]
    [InlineData("calers", "did you mean 'callers'?")]
    [InlineData("x", "known: callers, partner-quota")]
    [InlineData("", "known: callers, partner-quota")]
    [InlineData("nothing-like-it", "known: callers, partner-quota")]
    public void The_nearest_name_is_offered_only_when_it_is_near(string wrong, string cure) =>
        Assert.Equal(cure, Nearest.Cure(wrong, ["partner-quota", "callers"]));

    [Fact]
    public void Two_letters_are_not_near_to_two_others() => Assert.Equal("known: de, fr", Nearest.Cure("uk", ["fr", "de"]));

    [Fact]
    public void Without_any_name_it_says_so() => Assert.Equal("none is declared", Nearest.Cure("x", []));

    [Fact]
    public void A_long_list_is_cut() =>
        Assert.Equal("known: n00, n01, n02, n03, n04, n05, n06, n07, n08, n09, n10, n11 …", Nearest.Cure("something", Enumerable.Range(0, 20).Select(i => $"n{i:00}")));
}
